using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Backends;

/// <summary>The definition itself, range after range, on one thread.</summary>
public sealed class ReferenceBackend : IBackend
{
    private const int RangeElements = 4096;

    /// <inheritdoc/>
    public string Name => "reference";

    /// <summary>Evaluates an op by its definition.</summary>
    public static ImmutableArray<Tensor> Evaluate(Op op, params ImmutableArray<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        ImmutableArray<TensorType> types = op.Infer([.. inputs.Select(input => input.Type)]);
        ImmutableArray<byte[]> bytes = [.. types.Select(type => new byte[type.Bytes])];
        ImmutableArray<Tensor> outputs = [.. types.Select((type, output) => new Tensor(type, bytes[output]))];
        TensorReader reader = new(inputs, outputs);
        foreach (int output in op.EvaluationOrder(types.Length).Where(output => types[output].Elements > 0))
        {
            op.Evaluate(reader, output, 0, new ElementWriter(types[output].DType, bytes[output]));
        }

        return outputs;
    }

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        TensorReader reader = new([.. call.Inputs.Select(input => input.ToTensor())], OwnOutputs(call));
        foreach (int output in call.Node.Op.EvaluationOrder(call.Outputs.Length))
        {
            TensorType type = call.Node.Outputs[output];
            for (long start = 0; start < type.Elements; start += RangeElements)
            {
                cancellation.ThrowIfCancellationRequested();
                EvaluateRange(call, reader, output, start, Math.Min(RangeElements, type.Elements - start));
            }
        }
    }

    /// <summary>The node's outputs as tensors over the bytes that are being filled.</summary>
    public static ImmutableArray<Tensor> OwnOutputs(NodeCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return [.. call.Node.Outputs.Select((type, output) => new Tensor(type, call.Outputs[output]))];
    }

    /// <summary>Evaluates one range of one output of a node into the node's output bytes.</summary>
    public static void EvaluateRange(NodeCall call, ElementReader reader, int output, long start, long count)
    {
        ArgumentNullException.ThrowIfNull(call);
        DType type = call.Node.Outputs[output].DType;
        int size = type.Size();
        Span<byte> bytes = call.Outputs[output].Span.Slice((int)(start * size), (int)(count * size));
        call.Node.Op.Evaluate(reader, output, start, new ElementWriter(type, bytes));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
