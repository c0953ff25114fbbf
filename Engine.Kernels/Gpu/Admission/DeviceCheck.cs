using System;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Kernels.Gpu.Admission;

/// <summary>Whether a device may compute for us: it says that it has IEEE arithmetic, and it gives the known answers of every primitive and every
/// function on a million inputs. A device that passed is remembered by name, driver and build.</summary>
internal static class DeviceCheck
{
    /// <summary>What CL_DEVICE_SINGLE_FP_CONFIG must have: subnormals, infinities and NaN, rounding to nearest, fma, correctly rounded division and
    /// square root.</summary>
    internal const ulong NeededConfig = 0xA7;

    /// <summary>Inputs that are tried.</summary>
    internal const int Inputs = 1 << 20;

    // Set to 1 for a simulator that computes right and says less of itself.
    private const string Trusting = "VC_TRUST_FLOAT_CONFIG";
    private const string Kind = "certificate";
    private const int Chunk = 1 << 16;
    private const int GroupSize = 64;
    private const int Warp = 32;

    /// <summary>Checks a device, or finds that it was checked before.</summary>
    /// <exception cref="BackendException">The device is refused; the text has the first case that differs.</exception>
    internal static Certificate Admit(IGpuDevice device, CancellationToken cancellation = default)
    {
        if (Read(device.Description) is Certificate known)
        {
            return known;
        }

        Certificate certificate = Run(device, Inputs, cancellation);
        DeviceRecord.Write(device.Description, Kind, certificate.ToString());
        return certificate;
    }

    /// <summary>Checks a device now.</summary>
    /// <param name="device">The device.</param>
    /// <param name="inputs">Number of inputs.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="BackendException">The device is refused.</exception>
    internal static Certificate Run(IGpuDevice device, int inputs, CancellationToken cancellation = default)
    {
        ulong missing = NeededConfig & ~device.Description.FloatConfig;
        if (missing != 0 && Environment.GetEnvironmentVariable(Trusting) != "1")
        {
            throw Refused(device, $"its float config 0x{device.Description.FloatConfig:X} lacks 0x{missing:X} of 0x{NeededConfig:X}");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long cases = 0;
        for (int first = 0; first < inputs; first += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            cases += Compare(device, first, Math.Min(Chunk, inputs - first), hash);
        }

        cases += CompareHashes(device, hash);
        return new Certificate(device.Description, Certificate.TextsHere, cases, new Digest(hash.GetHashAndReset()));
    }

    private static long Compare(IGpuDevice device, int first, int count, IncrementalHash hash)
    {
        uint[] inputs = new uint[3 * count];
        uint[] expected = new uint[KnownAnswers.Primitives * count];
        Span<uint> answers = stackalloc uint[KnownAnswers.Primitives];
        for (int i = 0; i < count; i++)
        {
            (uint a, uint b, uint c) input = KnownAnswers.Inputs(first + i);
            (inputs[3 * i], inputs[(3 * i) + 1], inputs[(3 * i) + 2]) = input;
            KnownAnswers.Of(input, answers);
            for (int op = 0; op < answers.Length; op++)
            {
                expected[(op * count) + i] = answers[op];
            }
        }

        uint[] halves = new uint[count];
        for (int i = 0; i < count; i++)
        {
            int start = i / Warp * Warp;
            halves[i] = i > start ? halves[i - 1]
                : KnownAnswers.F(KnownAnswers.Halves(MemoryMarshal.Cast<uint, float>(inputs.AsSpan(start, Math.Min(Warp, count - start)))));
        }

        using GpuBuffer from = device.Allocate((long)inputs.Length * sizeof(uint));
        using GpuBuffer to = device.Allocate((long)expected.Length * sizeof(uint));
        device.Write(from, 0, MemoryMarshal.AsBytes<uint>(inputs));
        GpuGrid groups = new((count + GroupSize - 1) / GroupSize);
        device.Launch(device.Kernel("Admission", "primitives"), groups, [from, to, count]);
        Compare(device, to, expected, hash, i => $"{KnownAnswers.Names[i / count]} of {Words(inputs, i % count)}");
        device.Launch(device.Kernel("Admission", "halves"), groups, [from, to, count]);
        Compare(device, to, halves, hash, i => $"the sum of 32 lanes from {Words(inputs, i / Warp * Warp / 3)}");
        return expected.Length + halves.Length + CompareFunctions(device, [.. inputs.Where((_, i) => i % 3 == 0)], hash);
    }

    private static long CompareFunctions(IGpuDevice device, uint[] inputs, IncrementalHash hash)
    {
        uint[] expected = new uint[inputs.Length];
        using GpuBuffer from = device.Allocate((long)inputs.Length * sizeof(uint));
        using GpuBuffer to = device.Allocate((long)inputs.Length * sizeof(uint));
        device.Write(from, 0, MemoryMarshal.AsBytes<uint>(inputs));
        foreach ((string kernel, KnownFunctions.Answers answers) in KnownFunctions.All)
        {
            answers(MemoryMarshal.Cast<uint, float>(inputs), MemoryMarshal.Cast<uint, float>(expected.AsSpan()));
            GpuGrid groups = new((inputs.Length + KnownFunctions.GroupSize - 1) / KnownFunctions.GroupSize);
            device.Launch(device.Kernel("Functions", kernel), groups, [from, to, inputs.Length]);
            Compare(device, to, expected, hash, i => string.Create(CultureInfo.InvariantCulture, $"{kernel} of {inputs[i]:X8}"));
        }

        return (long)KnownFunctions.All.Count * inputs.Length;
    }

    // One leaf that is short, some, and more than one work-group's.
    private static int CompareHashes(IGpuDevice device, IncrementalHash hash)
    {
        int cases = 0;
        GpuHasher hasher = new(device);
        foreach (int size in (int[])[77, (3 * LeafRun.LeafBytes) + 5, 300 * LeafRun.LeafBytes])
        {
            byte[] bytes = [.. Enumerable.Range(0, size).Select(i => (byte)(i * i / 7))];
            using GpuBuffer from = device.Allocate(size);
            device.Write(from, 0, bytes);
            foreach (Suite suite in Enum.GetValues<Suite>())
            {
                hasher.Begin(suite, from, size);
                Digest[] got = new Digest[1];
                hasher.Finish(got);
                Digest expected = MerkleTree.OfTensor(suite, bytes, PlainHasher.Instance).TreeHash;
                if (got[0] != expected)
                {
                    throw Refused(device, $"the {suite} hash of {size} bytes is {expected}, and it gives {got[0]}");
                }

                hash.AppendData(expected.Span);
                cases++;
            }
        }

        hasher.End();
        return cases;
    }

    private static void Compare(IGpuDevice device, GpuBuffer buffer, uint[] expected, IncrementalHash hash, Func<int, string> what)
    {
        uint[] got = new uint[expected.Length];
        device.Read(buffer, 0, MemoryMarshal.AsBytes(got.AsSpan()));
        int difference = got.AsSpan().CommonPrefixLength(expected);
        if (difference < got.Length)
        {
            throw Refused(device, $"{what(difference)} is {expected[difference]:X8}, and it gives {got[difference]:X8}");
        }

        hash.AppendData(MemoryMarshal.AsBytes<uint>(got));
    }

    private static string Words(uint[] inputs, int triple)
        => string.Create(CultureInfo.InvariantCulture, $"{inputs[3 * triple]:X8}, {inputs[(3 * triple) + 1]:X8}, {inputs[(3 * triple) + 2]:X8}");

    private static BackendException Refused(IGpuDevice device, string why)
        => new($"{device.Description.Driver} device {device.Description.Name} ({device.Description.Version}) is refused: {why}");

    private static Certificate? Read(GpuDescription device)
    {
        string text = DeviceRecord.Read(device, Kind) ?? string.Empty;
        string[] lines = text.Split('\n');
        bool Find(string name, out string value)
        {
            value = lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..] ?? string.Empty;
            return value.Length > 0;
        }

        return Find("cases: ", out string cases) && long.TryParse(cases, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && Find("answers: ", out string answers) && answers.Length == 2 * Digest.Bytes && answers.All(char.IsAsciiHexDigit)
            && new Certificate(device, Certificate.TextsHere, number, new Digest(Convert.FromHexString(answers))) is Certificate read
            && read.ToString() == text ? read : null;
    }
}
