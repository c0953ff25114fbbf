namespace VerifiableCompute.Engine.Tensors;

/// <summary>Element type and shape of a value.</summary>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Extents, outermost first.</param>
public sealed record TensorType(DType DType, Shape Shape)
{
    /// <summary>Number of elements.</summary>
    public long Elements => Shape.Elements;

    /// <summary>Size of the row-major bytes.</summary>
    public long Bytes => Shape.Elements * DType.Size();

    /// <summary>As written in messages: <c>f32[2,3]</c>.</summary>
    public override string ToString() => DType.Name() + Shape;
}
