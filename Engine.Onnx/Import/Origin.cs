namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What a value follows from, at the furthest.</summary>
internal enum Origin
{
    /// <summary>The model, and the shapes of its inputs.</summary>
    Model,

    /// <summary>Elements of inputs, as they are or by integers and truth values.</summary>
    Inputs,

    /// <summary>Real numbers computed from elements of inputs.</summary>
    Activations,
}
