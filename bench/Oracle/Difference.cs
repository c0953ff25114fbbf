using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Compares tensors by bits.</summary>
internal static class Difference
{
    /// <summary>Number of elements whose bytes differ, and a text about the first of them.</summary>
    public static (long Count, string? First) Between(Tensor ours, Tensor theirs)
    {
        if (ours.Type != theirs.Type)
        {
            return (Math.Max(ours.Type.Elements, 1), $"{ours.Type} against {theirs.Type}");
        }

        ReadOnlySpan<byte> a = ours.Bytes.Span;
        ReadOnlySpan<byte> b = theirs.Bytes.Span;
        if (a.SequenceEqual(b))
        {
            return (0, null);
        }

        int size = ours.Type.DType.Size();
        long count = 0;
        string? first = null;
        for (int at = 0; at < a.Length; at += size)
        {
            if (!a.Slice(at, size).SequenceEqual(b.Slice(at, size)))
            {
                count++;
                first ??= $"[{at / size}] ours {Text(ours, at / size)}, theirs {Text(theirs, at / size)}";
            }
        }

        return (count, first);
    }

    private static string Text(Tensor tensor, int index) => tensor.Type.DType switch
    {
        DType.F32 => $"{tensor.As<float>()[index]:R} ({tensor.As<uint>()[index]:X8})",
        DType.I32 => $"{tensor.As<int>()[index]}",
        DType.U8 => $"{tensor.As<byte>()[index]}",
        DType.I8 => $"{tensor.As<sbyte>()[index]}",
        DType.U16 => $"{tensor.As<ushort>()[index]}",
        DType.I16 => $"{tensor.As<short>()[index]}",
        _ => $"{tensor.Type.DType}",
    };
}
