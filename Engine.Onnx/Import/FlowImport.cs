using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What an operator sees that is resolved while the graph is made: operands that need not be tensors, and its bodies.</summary>
/// <param name="onnx">The node, named by its place among the unrolled ones.</param>
/// <param name="operands">Its operands; null where one is left out.</param>
/// <param name="node">The node as other operators see it; operands that are no tensors are left out.</param>
/// <param name="importer">Imports the bodies.</param>
/// <param name="scope">What the names around it stand for.</param>
internal sealed class FlowImport(OnnxNode onnx, ImmutableArray<Item?> operands, NodeImport node, Importer importer, Scope scope)
{
    /// <summary>The node as other operators see it.</summary>
    internal NodeImport Node => node;

    /// <summary>Number of operands, those left out in between included.</summary>
    internal int Count => operands.Length;

    internal bool Has(int index) => index < operands.Length && operands[index] is not null;

    internal Item Input(int index) => Has(index) ? operands[index]! : throw node.Invalid($"input {index} is missing");

    /// <summary>The operand, an empty optional where it is left out.</summary>
    internal Item Optional(int index) => Has(index) ? operands[index]! : Item.Nothing.Instance;

    internal ValueRef Tensor(int index) => Tensor(Input(index), $"input {index}");

    internal ValueRef Tensor(Item item, string what)
        => item is Item.Tensor tensor ? tensor.Value : throw node.Invalid($"{what} is {Text(item)}, not a tensor");

    internal ImmutableList<ValueRef> Sequence(int index)
        => Input(index) is Item.Sequence sequence ? sequence.Elements : throw node.Invalid($"input {index} is {Text(Input(index))}, not a sequence");

    /// <summary>The one element of a truth value that a branch depends on.</summary>
    internal bool IsTrue(Item item, string what)
    {
        Tensors.Tensor value = node.Value(Tensor(item, what));
        return value.Type.DType == Tensors.DType.Bool && value.Type.Elements == 1
            ? value.Bytes.Span[0] != 0
            : throw node.Invalid($"{what} is {value.Type}, not one truth value");
    }

    /// <summary>A body of the node, ready to be imported once or several times.</summary>
    internal BodyImport Body(string attribute) => new(onnx, attribute, this, importer, scope);

    /// <summary>The literal of a number, the same one for all nodes.</summary>
    internal Item Index(long index) => importer.Index(index);

    internal static string Text(Item item) => item switch
    {
        Item.Tensor => "a tensor",
        Item.Sequence => "a sequence",
        _ => "an empty optional",
    };
}
