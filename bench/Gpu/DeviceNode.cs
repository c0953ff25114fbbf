using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>One node whose operands and output stay on a device: what it takes is its kernels' time.</summary>
internal sealed class DeviceNode : IDisposable
{
    private readonly IGpuDevice _device;
    private readonly ImmutableArray<Operand> _operands;
    private readonly ImmutableArray<TensorType> _types;
    private readonly GpuBuffer[] _sources;
    private readonly GpuBuffer[] _outputs;
    private readonly GpuOp _op;

    /// <summary>Moves operands to the device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="op">The op; it has one output.</param>
    /// <param name="operands">Its operands, with bytes.</param>
    /// <exception cref="BackendException">There is no kernel.</exception>
    public DeviceNode(IGpuDevice device, Op op, ImmutableArray<Operand> operands)
    {
        _device = device;
        _types = op.Infer([.. operands.Select(operand => operand.Type)]);
        _operands = [.. operands.Select(operand => operand with { Bytes = default })];
        NodeCall call = new(new Node(op.Name, op, [], _types), _operands, [.. _types.Select(_ => Memory<byte>.Empty)]);
        _op = GpuKernels.Of(call, device.Description) ?? throw new BackendException($"there is no kernel for {op}");
        _sources = [.. operands.Select(operand =>
        {
            GpuBuffer buffer = device.Allocate(operand.Bytes.Length);
            device.Write(buffer, 0, operand.Bytes.Span);
            return buffer;
        })];
        _outputs = [.. _types.Select(type => device.Allocate(type.Bytes))];
    }

    /// <summary>An operand's buffer.</summary>
    public GpuBuffer Source(int slot) => _sources[slot];

    /// <summary>The output's buffer.</summary>
    public GpuBuffer Output => _outputs[0];

    /// <summary>Queues the kernels.</summary>
    public void Launch()
    {
        using GpuRun run = new(_device, _operands, _types, _sources, _outputs);
        _op(run);
    }

    /// <summary>Bytes of the output.</summary>
    public byte[] Read(long offset, int bytes)
    {
        byte[] read = new byte[bytes];
        _device.Read(Output, offset, read);
        return read;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GpuBuffer buffer in _sources.Concat(_outputs))
        {
            buffer.Dispose();
        }
    }
}
