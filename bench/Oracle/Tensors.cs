using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Small tensors.</summary>
internal static class Tensors
{
    /// <summary>Integers as a tensor of a type.</summary>
    public static Tensor OfCodes(DType type, Shape shape, params ReadOnlySpan<long> codes)
    {
        byte[] bytes = new byte[codes.Length * type.Size()];
        for (int i = 0; i < codes.Length; i++)
        {
            for (int at = 0; at < type.Size(); at++)
            {
                bytes[(i * type.Size()) + at] = (byte)((codes[i] >> (8 * at)) & 0xFF);
            }
        }

        return new Tensor(new TensorType(type, shape), bytes);
    }

    /// <summary>An f32 scalar.</summary>
    public static Tensor Scalar(float value) => Tensor.Of<float>(DType.F32, Shape.Scalar, value);

    /// <summary>An integer scalar.</summary>
    public static Tensor Scalar(DType type, long code) => OfCodes(type, Shape.Scalar, code);
}
