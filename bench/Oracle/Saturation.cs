using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Whether ONNX Runtime's u8·i8 products are exact here. On x86-64 without VNNI they go through an instruction that adds two
/// products in 16 bits and saturates: 255·127 + 255·127 = 64,770 becomes 32,767.</summary>
internal static class Saturation
{
    /// <summary>Measured: u8·i8.</summary>
    public static bool Unsigned { get; } = Measure(DType.U8);

    /// <summary>Measured: i8·i8, which some of its kernels compute as u8·i8.</summary>
    public static bool Signed { get; } = Measure(DType.I8);

    private static bool Measure(DType type)
    {
        const int k = 64;
        long most = type.IntegerRange().High;
        Tensor a = Tensors.OfCodes(type, new Shape(8, k), [.. Enumerable.Repeat(most, 8 * k)]);
        Tensor b = Tensors.OfCodes(DType.I8, new Shape(k, 16), [.. Enumerable.Repeat(127L, k * 16)]);
        byte[] model = OnnxWriter.OneNode("MatMulInteger", 10, [], ["A", "B"], [("A", a)], [("B", b)], [("Y", DType.I32)]);
        using OrtSession session = new(model, ["Y"], optimise: false, threads: 1);
        session.Bind(("A", a));
        return session.Run()[0].As<int>()[0] != k * most * 127;
    }
}
