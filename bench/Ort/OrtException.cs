namespace VerifiableCompute.Bench.Ort;

/// <summary>ONNX Runtime refused; the message is its own.</summary>
internal sealed class OrtException(string message) : Exception(message);
