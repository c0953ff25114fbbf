using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Timing;

/// <summary>Inputs for a model that is only to be timed: f32 and f64 uniform in [0, 1), everything else 1 (as an index it exists).</summary>
internal static class GeneratedInputs
{
    private const ulong Seed = 1;

    /// <summary>One tensor for each input of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="extents">Values of its symbols, as <c>NAME=N</c>; a symbol that is not named is 1.</param>
    /// <exception cref="ArgumentException">A text is not <c>NAME=N</c>, or an input declares no rank.</exception>
    internal static Dictionary<string, Tensor> Of(OnnxModel model, IEnumerable<string> extents)
    {
        Dictionary<string, long> known = new(StringComparer.Ordinal);
        foreach (string pair in extents)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !long.TryParse(pair[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long extent))
            {
                throw new ArgumentException($"--extent '{pair}' is not NAME=N");
            }

            known[pair[..equals]] = extent;
        }

        return model.Inputs.ToDictionary(input => input.Name, input => Of(input, known));
    }

    private static Tensor Of(OnnxValue input, Dictionary<string, long> known)
    {
        if (input.Dimensions is not { } dimensions)
        {
            throw new ArgumentException($"input '{input.Name}' declares no rank: give --inputs");
        }

        Shape shape = new([.. dimensions.Select(d => d.Extent ?? (d.Symbol is null ? 1 : known.GetValueOrDefault(d.Symbol, 1)))]);
        TensorType type = new(input.DType, shape);
        byte[] bytes = new byte[type.Bytes];
        Philox random = new(Seed, Philox.Stream(input.Name), 0);
        if (type.DType == DType.F32)
        {
            Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.Uniform(i);
            }
        }
        else if (type.DType == DType.F64)
        {
            Span<double> values = MemoryMarshal.Cast<byte, double>(bytes.AsSpan());
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.Uniform(i);
            }
        }
        else
        {
            ReadOnlySpan<byte> one = type.DType == DType.F16 ? [0x00, 0x3C] : type.DType == DType.BF16 ? [0x80, 0x3F] : [1];
            for (int i = 0; i < bytes.Length; i += type.DType.Size())
            {
                one.CopyTo(bytes.AsSpan(i));
            }
        }

        return new Tensor(type, bytes);
    }
}
