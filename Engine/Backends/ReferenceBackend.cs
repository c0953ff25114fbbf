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
        TensorReader reader = new(inputs);
        ImmutableArray<TensorType> types = op.Infer([.. inputs.Select(input => input.Type)]);
        return [.. types.Select((type, output) =>
        {
            byte[] bytes = new byte[type.Bytes];
            op.Evaluate(reader, output, 0, new ElementWriter(type.DType, bytes));
            return new Tensor(type, bytes);
        })];
    }

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        TensorReader reader = new([.. call.Inputs.Select(input => input.ToTensor())]);
        for (int output = 0; output < call.Outputs.Length; output++)
        {
            TensorType type = call.Node.Outputs[output];
            for (long start = 0; start < type.Elements; start += RangeElements)
            {
                cancellation.ThrowIfCancellationRequested();
                EvaluateRange(call, reader, output, start, Math.Min(RangeElements, type.Elements - start));
            }
        }
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
