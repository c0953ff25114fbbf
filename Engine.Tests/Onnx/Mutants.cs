using System.Diagnostics;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Damaged model files, and what may come of them.</summary>
internal static class Mutants
{
    private const long FixedBytes = 16L << 20;
    private const long BytesPerByte = 100;

    private const long BytesPerNode = 4096;

    private const long BytesPerElement = 100;

    // Operators whose tables are made with the graph.
    private static readonly string[] Tabled =
    [
        "Resize", "Upsample", "AffineGrid", "DeformConv", "MelWeightMatrix", "DFT", "STFT", "HannWindow", "HammingWindow", "BlackmanWindow", "Unique",
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Loads, and makes a graph for inputs of zeros, or of small and strange numbers. True when it loads.
    internal static bool Survives(byte[] file, string what, Adversarial? random = null)
    {
        Stopwatch watch = Stopwatch.StartNew();
        long most = FixedBytes + (BytesPerByte * file.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool loads = false;
        try
        {
            OnnxModel model = OnnxModel.Parse(file);
            loads = true;
            long loaded = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(loaded, Is.LessThan(most), $"{what}: bytes to load");
            most += model.OperatorCounts.ContainsKey("Loop") ? BytesPerNode * OnnxLimits.UnrolledNodes : 0;
            most += model.OperatorCounts.Sum(entry => Tabled.Contains(entry.Key) ? entry.Value * BytesPerElement * OnnxLimits.TableElements : 0);
            if (Inputs(model, random) is { } inputs)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                Assert.That(model.Specialize(inputs), Is.Not.Null);
            }
        }
        catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException or NotCommittableException)
        {
            Assert.That(refusal.Message, Is.Not.Empty);
        }
        catch (Exception error) when (error is not AssertionException)
        {
            throw new AssertionException($"{what}: {error}");
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(most), $"{what}: bytes");
        Assert.That(watch.Elapsed, Is.LessThan(Patience), what);
        return loads;
    }

    private static Dictionary<string, Tensor>? Inputs(OnnxModel model, Adversarial? random)
    {
        Dictionary<string, Tensor> inputs = [];
        foreach (OnnxValue value in model.Inputs)
        {
            long[] extents = [.. (value.Dimensions ?? []).Select(dimension => dimension.Extent ?? 2)];
            Int128 elements = extents.Aggregate((Int128)1, (product, extent) => product * Math.Max(1, extent));
            if (extents.Length > Limits.Rank || elements > 1 << 20)
            {
                return null;
            }

            TensorType type = new(value.DType, new Shape(extents));
            inputs[value.Name] = random is null || random.Below(4) == 0 || elements > 4096
                ? new Tensor(type, new byte[type.Bytes])
                : Numbers(type, random);
        }

        return inputs;
    }

    private static Tensor Numbers(TensorType type, Adversarial random)
    {
        long[] numbers = [.. Enumerable.Range(0, (int)type.Elements).Select(_ => random.Of<long>(-1, 0, 1, 2, 3, 1L << 30, 1L << 40))];
        return ReferenceBackend.Evaluate(new Cast(type.DType), Tensor.Of<long>(DType.I64, type.Shape, numbers))[0];
    }

    /// <summary>The bytes, changed in a few places.</summary>
    internal static byte[] Of(byte[] original, byte[] other, Adversarial random)
    {
        List<byte> bytes = [.. original];
        for (int times = random.Below(4); times >= 0; times--)
        {
            int at = Where(bytes.Count, random);
            int to = Math.Min(bytes.Count, at + random.Below(64));
            switch (random.Below(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Below(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.RemoveRange(at, to - at);
                    break;
                case 4:
                    bytes.InsertRange(Where(bytes.Count, random), bytes.GetRange(at, to - at));
                    break;
                case 5:
                    int from = Where(other.Length, random);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Below(64))]);
                    break;
                default:
                    bytes.InsertRange(at, random.Of<byte[]>(
                        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x08], [0x00], [0x7F]));
                    break;
            }

            if (bytes.Count == 0)
            {
                return [];
            }
        }

        return [.. bytes];
    }

    // Structure is at the ends of the files: half of the places are there.
    private static int Where(int length, Adversarial random) => random.Below(4) switch
    {
        0 => random.Below(Math.Min(length, 2048)),
        1 => length - 1 - random.Below(Math.Min(length, 2048)),
        _ => random.Below(length),
    };
}
