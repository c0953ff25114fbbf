using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>A body of a node while the graph is made. What does not depend on its inputs is imported once.</summary>
/// <param name="node">The node.</param>
/// <param name="attribute">The attribute that is the body.</param>
/// <param name="flow">What the node sees.</param>
/// <param name="importer">Imports its nodes.</param>
/// <param name="around">What the names around the node stand for.</param>
internal sealed class BodyImport(OnnxNode node, string attribute, FlowImport flow, Importer importer, Scope around)
{
    private readonly OnnxBody _body = node.Attributes.Body(attribute);
    private Scope? _steady;

    /// <summary>Number of inputs.</summary>
    internal int Inputs => _body.Inputs.Length;

    /// <summary>Number of outputs.</summary>
    internal int Outputs => _body.Outputs.Length;

    /// <summary>Whether anything in the body needs an input.</summary>
    internal bool Uses(int input) => input < _body.Used.Length && _body.Used[input];

    /// <summary>Refuses at once what would be refused after many iterations.</summary>
    internal void Expect(long iterations) => importer.Expect(_body.Varying, Math.Max(0, iterations), flow.Node);

    /// <summary>The body's outputs for the given inputs; null where something that it needs was refused.</summary>
    /// <param name="iteration">Which time this is; null where there is only one.</param>
    /// <param name="inputs">Its inputs.</param>
    internal ImmutableArray<Item>? Run(long? iteration, params ReadOnlySpan<Item> inputs)
    {
        if (inputs.Length != _body.Inputs.Length)
        {
            throw flow.Node.Invalid($"{attribute} has {_body.Inputs.Length} inputs, not {inputs.Length}");
        }

        Scope scope = new(_steady ??= Steady());
        for (int i = 0; i < inputs.Length; i++)
        {
            scope.Set(_body.Inputs[i].Name, Fits(inputs[i], _body.Inputs[i], "input"));
        }

        string path = iteration is long number ? $"{node.Name}[{number}]/" : $"{node.Name}/{attribute}/";
        importer.Import(_body.Varying, scope, path, flow.Node, Inputs + Outputs);
        ImmutableArray<Item>.Builder results = ImmutableArray.CreateBuilder<Item>(_body.Outputs.Length);
        foreach (OnnxValue output in _body.Outputs)
        {
            if (scope.Find(output.Name) is not Item item)
            {
                return null;
            }

            results.Add(Fits(item, output, "output"));
        }

        return results.MoveToImmutable();
    }

    /// <summary>Type of an output that is never computed: as declared, or as a trial gives it, with 0 for extents that neither tells.</summary>
    internal TensorType TypeOf(int output, params ReadOnlySpan<Item> inputs)
    {
        OnnxValue declared = _body.Outputs[output];
        if (declared is { DType: not DType.None, Dimensions: { } all } && all.All(dimension => dimension.Extent is not null))
        {
            return new TensorType(declared.DType, new Shape([.. all.Select(dimension => dimension.Extent!.Value)]));
        }

        Item[] given = inputs.ToArray();
        if (importer.Try(() => Run(0, given)) is ImmutableArray<Item> tried)
        {
            return flow.Node.Type(flow.Tensor(tried[output], $"output {output} of {attribute}"));
        }

        return declared is { DType: not DType.None, Dimensions: { } some }
            ? new TensorType(declared.DType, new Shape([.. some.Select(dimension => dimension.Extent ?? 0)]))
            : throw flow.Node.Unsupported($"the shape of output {output} of {attribute}, which is never computed, is not known");
    }

    private Scope Steady()
    {
        Scope scope = new(around);
        foreach ((string name, Item value) in importer.Initializers(_body))
        {
            scope.Set(name, value);
        }

        importer.Import(_body.Steady, scope, $"{node.Name}/{attribute}/", flow.Node);
        return scope;
    }

    private Item Fits(Item item, OnnxValue declared, string what)
        => item is Item.Tensor tensor && declared.DType != DType.None && flow.Node.DType(tensor.Value) != declared.DType
            ? throw flow.Node.Invalid(
                $"{what} '{declared.Name}' of {attribute} is declared {declared.DType.Name()} but is {flow.Node.DType(tensor.Value).Name()}")
            : item;
}
