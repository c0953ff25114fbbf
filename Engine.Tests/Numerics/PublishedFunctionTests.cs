using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>The functions against results that others computed.</summary>
internal sealed class PublishedFunctionTests
{
    [Test]
    public void Hardest_inputs_are_correct_at_every_width(
        [ValueSource(typeof(Vectors), nameof(Vectors.Published))] Function function)
    {
        uint[][] rows = [.. Vectors.Rows(function, "hard")];

        Assert.That(rows, Has.Length.EqualTo(4000));
        Assert.That(Vectors.Wrong(function, Column(rows, 0), Column(rows, 1)).Take(10), Is.Empty);
    }

    [Test]
    public void Hardest_inputs_are_correct_by_integers_alone(
        [ValueSource(typeof(Vectors), nameof(Vectors.Published))] Function function)
    {
        IEnumerable<uint[]> wrong = Vectors.Rows(function, "hard").Where((row, i) => i % 4 == 0
            && Vectors.Bits(Functions.Exactly(function, Vectors.Float(row[0]))) != row[1]);

        Assert.That(wrong.Take(10), Is.Empty);
    }

    [Test]
    public void Inputs_that_a_libm_gets_wrong_are_correct(
        [ValueSource(typeof(Vectors), nameof(Vectors.Published))] Function function)
    {
        uint[][] rows = [.. Vectors.Rows(function, "glibc_mismatch")];

        Assert.That(Vectors.Wrong(function, Column(rows, 0), Column(rows, 1)).Take(10), Is.Empty);
    }

    [Test]
    public void Hash_of_two_to_the_24_results_is_the_published_one(
        [ValueSource(typeof(Vectors), nameof(Vectors.Published))] Function function)
    {
        string name = $"f32_{Exhaustive.FileWord(function)}.chunks.sha256";
        string path = Path.Combine(TestData.Folder("float-vectors"), "fp", "f32-exhaustive", name);
        ExhaustiveResult published = Exhaustive.Parse(function, File.ReadAllText(path));
        byte[] digest = Exhaustive.Chunk(function, FunctionKernels.BestWidth, 0x3F, CancellationToken.None);

        Assert.That(Convert.ToHexStringLower(digest), Is.EqualTo(published.Chunks[0x3F]));
    }

    [Test]
    public void Directed_rows_are_correct(
        [Values("cosf", "erfcf", "erff", "exp2f", "expf", "expm1f", "log1pf", "log2f", "logf", "powf", "sincosf",
            "sinf", "tanhf")] string file)
    {
        string path = Path.Combine(TestData.Folder("float-vectors"), "fp", "arm-directed", file + ".tst");
        List<string> wrong = [];
        int checkedRows = 0;
        foreach (string line in File.ReadLines(path).Where(line => line.StartsWith("func=", StringComparison.Ordinal)))
        {
            Dictionary<string, string> row = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => word.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]);
            uint x = Vectors.Hex(row["op1"]);
            uint y = row.TryGetValue("op2", out string? second) ? Vectors.Hex(second) : 0;
            if (row["func"] == "powf" && (IsSignalling(x) || IsSignalling(y)))
            {
                // They separate signalling NaN; here a NaN is a NaN, and pow(NaN, 0) = pow(1, NaN) = 1.
                continue;
            }

            checkedRows++;
            uint result = Vectors.Bits(Directed(row["func"], Vectors.Float(x), Vectors.Float(y)));
            if (result != Vectors.Canonical(Rounded(row["result"])))
            {
                wrong.Add($"{line} but {result:x8}");
            }
        }

        Assert.That(checkedRows, Is.GreaterThan(5));
        Assert.That(wrong, Is.Empty);
    }

    private static float Directed(string function, float x, float y) => function switch
    {
        "powf" => Functions.Pow(x, y),
        "sincosf_sinf" => Functions.Sin(x),
        "sincosf_cosf" => Functions.Cos(x),
        _ => Functions.Of(Enum.Parse<Function>(function[..^1], ignoreCase: true), x),
    };

    /// <summary>Eight digits, and perhaps more after a point that say where the exact value lies.</summary>
    private static uint Rounded(string text)
    {
        string[] parts = text.Split('.');
        bool up = parts.Length > 1 && Vectors.Hex(parts[1][..1]) >= 8;
        return Vectors.Hex(parts[0]) + (up ? 1u : 0u);
    }

    private static bool IsSignalling(uint bits) =>
        (bits & 0x7FFFFFFF) > 0x7F800000 && (bits & 0x00400000) == 0;

    private static uint[] Column(uint[][] rows, int column) => [.. rows.Select(row => row[column])];
}
