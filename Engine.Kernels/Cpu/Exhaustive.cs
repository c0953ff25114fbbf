using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The hashes of one function's results over all 2^32 inputs.</summary>
/// <param name="Function">The function.</param>
/// <param name="Chunks">SHA-256, in hex, of the results for each top byte of the input, ascending.</param>
/// <param name="Root">SHA-256, in hex, of the 256 digests in order.</param>
public sealed record ExhaustiveResult(Function Function, IReadOnlyList<string> Chunks, string Root)
{
    /// <summary>The top bytes at which the two differ; empty when every result agrees.</summary>
    public IReadOnlyList<int> Differences(ExhaustiveResult other) =>
        [.. Enumerable.Range(0, Chunks.Count).Where(i => Chunks[i] != other.Chunks[i])];
}

/// <summary>How a comparison of x^y against the exact path ended.</summary>
/// <param name="Pairs">How many pairs were tried.</param>
/// <param name="Mismatches">How many differed in a bit.</param>
/// <param name="First">The first pair that differed, or null.</param>
public sealed record PowResult(long Pairs, long Mismatches, string? First);

/// <summary>
/// Checks of the elementary functions that leave nothing, or very little, untried: all 2^32 inputs against
/// published hashes, and many pairs built to be hard for x^y against the exact path. In the functions of one argument no
/// lane of a vector decides how another is computed, so that each step is seen for every input that it decides.
/// </summary>
public static class Exhaustive
{
    /// <summary>The width that means: the scalar definition.</summary>
    public const int Definition = 1;

    private const int ChunkLength = 1 << 24;
    private const int BlockLength = 1 << 16;

    /// <summary>All 2^32 results of a function, hashed; width is 1 for the definition, or 128, 256, 512.</summary>
    public static ExhaustiveResult Run(
        Function function,
        int width,
        int threads,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        byte[][] digests = new byte[256][];
        int done = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, digests.Length, options, chunk =>
        {
            digests[chunk] = Chunk(function, width, chunk, cancellation);
            progress?.Report(Interlocked.Increment(ref done) / (double)digests.Length);
        });

        return new ExhaustiveResult(
            function,
            [.. digests.Select(Convert.ToHexStringLower)],
            Convert.ToHexStringLower(SHA256.HashData([.. digests.SelectMany(digest => digest)])));
    }

    /// <summary>SHA-256 of the 2^24 results whose inputs have this top byte: u32, little-endian, ascending.</summary>
    public static byte[] Chunk(Function function, int width, int chunk, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        float[] x = new float[BlockLength];
        float[] y = new float[BlockLength];
        uint[] results = new uint[BlockLength];
        for (int start = 0; start < ChunkLength; start += BlockLength)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < BlockLength; i++)
            {
                x[i] = BitConverter.UInt32BitsToSingle(((uint)chunk << 24) + (uint)(start + i));
            }

            Evaluate(function, width, x, y);
            for (int i = 0; i < BlockLength; i++)
            {
                uint bits = BitConverter.SingleToUInt32Bits(y[i]);
                results[i] = BitConverter.IsLittleEndian ? bits : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits);
            }

            hash.AppendData(MemoryMarshal.AsBytes(results.AsSpan()));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Reads published hashes: 256 lines "cc digest" and a line "root digest".</summary>
    public static ExhaustiveResult Parse(Function function, string text)
    {
        string[] chunks = new string[256];
        string root = string.Empty;
        const StringSplitOptions Lines = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        foreach (string line in text.Split('\n', Lines))
        {
            string[] parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2)
            {
                throw new FormatException($"Not a name and a digest: '{line}'.");
            }

            if (parts[0] == "root")
            {
                root = parts[1];
            }
            else
            {
                chunks[int.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)] = parts[1];
            }
        }

        if (root.Length == 0 || chunks.Any(string.IsNullOrEmpty))
        {
            throw new FormatException("A chunk or the root is missing.");
        }

        return new ExhaustiveResult(function, chunks, root);
    }

    /// <summary>The word that names a function in the published files: f32_WORD.chunks.sha256.</summary>
    public static string FileWord(Function function) =>
        function == Function.Reciprocal ? "recip" : function.ToString().ToLowerInvariant();

    /// <summary>x^y over adversarial pairs, against the exact path; width is 1 for the definition.</summary>
    public static PowResult Pow(
        long pairs,
        ulong seed,
        int width,
        int threads,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        const int Block = 4096;
        long blocks = (pairs + Block - 1) / Block;
        long mismatches = 0;
        long done = 0;
        string? first = null;
        Lock gate = new();
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0L, blocks, options, block =>
        {
            float[] x = new float[Block];
            float[] y = new float[Block];
            float[] z = new float[Block];
            for (int i = 0; i < Block; i++)
            {
                (x[i], y[i]) = PowPairs.At(seed, (block * Block) + i);
            }

            if (width == Definition)
            {
                for (int i = 0; i < Block; i++)
                {
                    z[i] = Functions.Pow(x[i], y[i]);
                }
            }
            else
            {
                FunctionKernels.Pow(x, y, z, width);
            }

            for (int i = 0; i < Block; i++)
            {
                float exact = Functions.PowExactly(x[i], y[i]);
                if (BitConverter.SingleToUInt32Bits(exact) != BitConverter.SingleToUInt32Bits(z[i]))
                {
                    lock (gate)
                    {
                        mismatches++;
                        first ??= string.Create(CultureInfo.InvariantCulture, $"{x[i]:R}^{y[i]:R}");
                    }
                }
            }

            progress?.Report(Interlocked.Increment(ref done) / (double)blocks);
        });

        return new PowResult(blocks * Block, mismatches, first);
    }

    private static void Evaluate(Function function, int width, ReadOnlySpan<float> x, Span<float> y)
    {
        if (width != Definition)
        {
            FunctionKernels.Apply(function, x, y, width);
            return;
        }

        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Functions.Of(function, x[i]);
        }
    }
}
