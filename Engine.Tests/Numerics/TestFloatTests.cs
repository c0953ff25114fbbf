using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;

using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>
/// Berkeley TestFloat, level 1: the language's own operations are IEEE 754, and <see cref="Real"/> converts.
/// Any NaN equals any other. Where a conversion to an integer is invalid, ours saturates instead.
/// </summary>
internal sealed class TestFloatTests
{
    private static readonly Dictionary<string, Func<ulong[], ulong>> Operations = new()
    {
        ["f32_add"] = a => Of(F(a[0]) + F(a[1])),
        ["f32_sub"] = a => Of(F(a[0]) - F(a[1])),
        ["f32_mul"] = a => Of(F(a[0]) * F(a[1])),
        ["f32_div"] = a => Of(F(a[0]) / F(a[1])),
        ["f32_sqrt"] = a => Of(Functions.Sqrt(F(a[0]))),
        ["f32_rem"] = a => Of(float.Ieee754Remainder(F(a[0]), F(a[1]))),
        ["f32_roundToInt"] = a => Of(float.Round(F(a[0]), MidpointRounding.ToEven)),
        ["f32_mulAdd.every41"] = a => Of(float.FusedMultiplyAdd(F(a[0]), F(a[1]), F(a[2]))),
        ["f32_eq"] = a => F(a[0]) == F(a[1]) ? 1UL : 0UL,
        ["f32_le"] = a => F(a[0]) <= F(a[1]) ? 1UL : 0UL,
        ["f32_lt"] = a => F(a[0]) < F(a[1]) ? 1UL : 0UL,
        ["f32_to_i32"] = a => unchecked((uint)Real.ToI32(F(a[0]))),
        ["f32_to_i64"] = a => unchecked((ulong)Real.ToI64(F(a[0]))),
        ["f32_to_f16"] = a => Real.ToF16(F(a[0])),
        ["f32_to_bf16"] = a => Real.ToBF16(F(a[0])),
        ["f32_to_f64"] = a => BitConverter.DoubleToUInt64Bits(Real.Canonical((double)F(a[0]))),
        ["i32_to_f32"] = a => Of(Real.ToF32(unchecked((int)a[0]))),
        ["i64_to_f32"] = a => Of(Real.ToF32(unchecked((long)a[0]))),
        ["f16_to_f32"] = a => Of(Real.FromF16((ushort)a[0])),
        ["bf16_to_f32"] = a => Of(Real.FromBF16((ushort)a[0])),
        ["f64_to_f32"] = a => Of(Real.ToF32(BitConverter.UInt64BitsToDouble(a[0]))),
    };

    [Test]
    public void Every_operation_of_the_index_is_known()
    {
        IEnumerable<string> names = File.ReadLines(Path.Combine(Folder(), "index.tsv"))
            .Select(line => line.Split('\t')[0])
            .Where(name => !name.Contains("not stored", StringComparison.Ordinal));

        Assert.That(names, Is.EquivalentTo(Operations.Keys));
    }

    [Test]
    public void Rows_agree([ValueSource(nameof(Names))] string name)
    {
        string[] entry = File.ReadLines(Path.Combine(Folder(), "index.tsv"))
            .Select(line => line.Split('\t'))
            .Single(parts => parts[0] == name);
        using MemoryStream text = new();
        using (FileStream file = File.OpenRead(Path.Combine(Folder(), name + ".txt.gz")))
        using (GZipStream unzipped = new(file, CompressionMode.Decompress))
        {
            unzipped.CopyTo(text);
        }

        Assert.That(Convert.ToHexStringLower(SHA256.HashData(text.ToArray())), Is.EqualTo(entry[2]));

        Func<ulong[], ulong> operation = Operations[name];
        text.Position = 0;
        using StreamReader reader = new(text);
        List<string> wrong = [];
        int rows = 0;
        while (reader.ReadLine() is string line)
        {
            ulong[] words = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            ulong expected = Expected(name, words);
            ulong result = operation(words);
            rows++;
            if (Canonical(name, result) != expected)
            {
                wrong.Add($"{line} but {result:X}");
            }
        }

        Assert.That(rows, Is.EqualTo(int.Parse(entry[1], CultureInfo.InvariantCulture)));
        Assert.That(wrong.Take(10), Is.Empty);
    }

    private static IEnumerable<string> Names() => Operations.Keys;

    private static string Folder() => Path.Combine(TestData.Folder("float-vectors"), "fp", "testfloat");

    private static ulong Expected(string name, ulong[] words)
    {
        const ulong Invalid = 0x10;
        ulong expected = words[^2];
        if ((words[^1] & Invalid) == 0 || !name.StartsWith("f32_to_i", StringComparison.Ordinal))
        {
            return Canonical(name, expected);
        }

        float x = F(words[0]);
        bool wide = name == "f32_to_i64";
        return float.IsNaN(x) ? 0
            : x > 0 ? (wide ? (ulong)long.MaxValue : int.MaxValue)
            : (wide ? 1UL << 63 : 1UL << 31);
    }

    private static ulong Canonical(string name, ulong bits) => name switch
    {
        "f32_to_f16" => Real.CanonicalF16((ushort)bits),
        "f32_to_bf16" => Real.CanonicalBF16((ushort)bits),
        "f32_to_f64" => BitConverter.DoubleToUInt64Bits(Real.Canonical(BitConverter.UInt64BitsToDouble(bits))),
        "f32_to_i32" or "f32_to_i64" or "f32_eq" or "f32_le" or "f32_lt" => bits,
        _ => Vectors.Canonical((uint)bits),
    };

    private static float F(ulong bits) => Vectors.Float((uint)bits);

    private static ulong Of(float value) => Vectors.Bits(value);
}
