using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Whether ONNX Runtime's u8·i8 products are exact here. On x86-64 without VNNI they go through an instruction that adds two
/// products in 16 bits and saturates: 255·127 + 255·127 = 64,770 becomes 32,767.</summary>
internal static class Saturation
{
    /// <summary>Measured: one product that does not fit.</summary>
    public static bool Present { get; } = Measure();

    private static bool Measure()
    {
        Tensor a = Tensors.OfCodes(DType.U8, new Shape(1, 4), 255, 255, 0, 0);
        Tensor b = Tensors.OfCodes(DType.I8, new Shape(4, 1), 127, 127, 0, 0);
        byte[] model = OnnxWriter.OneNode("MatMulInteger", 10, [], ["A", "B"], [("A", a)], [("B", b)], [("Y", DType.I32)]);
        using OrtSession session = new(model, ["Y"], optimise: false, threads: 1);
        session.Bind(("A", a));
        return session.Run()[0].As<int>()[0] != 2 * 255 * 127;
    }
}
