using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Runs a graph on a device and this machine's processors: which node where is fixed when it is loaded (<see cref="GpuPlacement"/>).
/// Values stay on the device until somebody on the host reads them. The bits are the definition's.</summary>
public sealed class GpuBackend : IBackend
{
    private readonly Lazy<Host?> _host;
    private long _deviceNodes;
    private long _hostNodes;

    /// <summary>Opens a device, checks it (see docs/gpu.md, Admission), and makes a backend on it.</summary>
    /// <param name="name">As <see cref="GpuDevices.List"/> gives it, or a driver's name for its first device: opencl, opencl:1, cuda.</param>
    /// <param name="threads">Workers for nodes that run on the processors; 0 takes one for each processor.</param>
    /// <param name="budget">Bytes of the device's memory that may be held; four fifths of it if null.</param>
    /// <param name="placement">Which nodes the device runs; if null, those that are faster there by <see cref="GpuPlacement.Measured"/>.</param>
    /// <exception cref="BackendException">There is no such device, or it gives other bits than the definition; the text says which.</exception>
    public static GpuBackend Open(string name, int threads = 0, long? budget = null, GpuPlacement? placement = null)
    {
        IGpuDevice device = GpuDevices.Open(name, budget);
        try
        {
            _ = DeviceCheck.Admit(device);
            return new GpuBackend(device, placement ?? GpuPlacement.Measured, threads);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>A backend on a device.</summary>
    /// <param name="device">The device; the backend's from now on.</param>
    /// <param name="placement">Which nodes it runs.</param>
    /// <param name="threads">Workers for other nodes; 0 takes one for each processor.</param>
    internal GpuBackend(IGpuDevice device, GpuPlacement placement, int threads = 0)
    {
        Device = device;
        Cpu = new CpuBackend(threads);
        Parameters = new GpuParameters(device);
        _host = new Lazy<Host?>(() => placement.HostOf(this));
    }

    /// <inheritdoc/>
    public string Name => Device.Description.Driver;

    /// <summary>Runs what is not placed on the device, and hashes.</summary>
    public CpuBackend Cpu { get; }

    /// <summary>The device's name and driver.</summary>
    public string DeviceName => $"{Device.Description.Name} ({Device.Description.Version})";

    /// <summary>Bytes that the device holds now: parameters, values of runs, scratch kept for the next.</summary>
    public long DeviceBytes => Device.HeldBytes;

    /// <summary>Processors, device and bus, by whose description nodes are placed, measured when this is first asked for; null where every node is on
    /// the device that has a kernel.</summary>
    /// <exception cref="BackendException">The device failed.</exception>
    public Host? Host => _host.Value;

    /// <summary>Nodes that were placed on the device so far, in all graphs that were loaded; views do not count.</summary>
    public long DeviceNodes => Interlocked.Read(ref _deviceNodes);

    /// <summary>Nodes that were placed on the processors so far.</summary>
    public long HostNodes => Interlocked.Read(ref _hostNodes);

    /// <summary>Stages that ran on the device so far.</summary>
    public long DeviceStages { get; private set; }

    /// <summary>Stages that could not run on the device for want of memory, and ran on the processors.</summary>
    public long MovedStages { get; private set; }

    internal IGpuDevice Device { get; }

    internal GpuParameters Parameters { get; }

    /// <summary>Held by whoever talks to the device.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>True when the op's kernel ran in the last call of <see cref="Run"/>.</summary>
    internal bool LastRanKernel { get; private set; }

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Node.Op is Engine.Ops.View)
        {
            LastRanKernel = false;
            Cpu.Run(call, cancellation);
            return;
        }

        GraphBuilder builder = new();
        ImmutableArray<ValueRef> inputs = [.. call.Inputs.Select((operand, slot) => OperandOf(builder, operand, slot))];
        ImmutableArray<ValueRef> made = builder.AddMany(call.Node.Name, call.Node.Op, inputs.AsSpan());
        Graph graph = builder.Build([.. made.Select((value, slot) => new GraphOutput($"y{slot}", value))]);
        IProgram program = Load(graph, ImmutableHashSet<ValueRef>.Empty);
        long before = DeviceStages;
        try
        {
            for (int slot = 0; slot < call.Inputs.Length; slot++)
            {
                program.Bind(new ValueRef(ValueKind.Input, slot), call.Inputs[slot].Bytes);
            }

            for (int slot = 0; slot < made.Length; slot++)
            {
                program.Bind(made[slot], call.Outputs[slot]);
            }

            for (int stage = 0; stage < program.Stages.Length; stage++)
            {
                program.Run(stage, cancellation);
            }
        }
        finally
        {
            program.End();
        }

        LastRanKernel = DeviceStages > before;
    }

    /// <inheritdoc/>
    public IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ImmutableHashSet<int> chosen = Chosen(graph);
        Interlocked.Add(ref _deviceNodes, chosen.Count);
        Interlocked.Add(ref _hostNodes, graph.Nodes.Count(node => node.Op is not Engine.Ops.View) - chosen.Count);
        return chosen.IsEmpty ? Cpu.Load(graph, visible) : new GpuProgram(graph, visible, this, chosen);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cpu.Dispose();
        lock (Gate)
        {
            Parameters.Dispose();
            Device.Dispose();
        }
    }

    /// <summary>A stage ran, on the device or elsewhere for want of memory.</summary>
    internal void Count(bool moved)
    {
        DeviceStages += moved ? 0 : 1;
        MovedStages += moved ? 1 : 0;
    }

    // The nodes that run on the device.
    private ImmutableHashSet<int> Chosen(Graph graph)
    {
        ImmutableHashSet<int> able = GpuStage.Kernels(graph, Device.Description);
        if (able.IsEmpty || Host is not Host host)
        {
            return able;
        }

        try
        {
            HostPlacement placed = HostPlacement.Of(graph, host, able);
            return able.Except(able.Where(node => placed.Devices[node] == 0));
        }
        catch (NoPlacementException)
        {
            return able;
        }
    }

    // The source as an input, and a view of it.
    private static ValueRef OperandOf(GraphBuilder builder, Operand operand, int slot)
    {
        long elements = operand.Bytes.Length / operand.Type.DType.Size();
        ValueRef source = builder.Input($"x{slot}", new TensorType(operand.Type.DType, new Shape(elements)));
        return builder.Add($"view{slot}", new Engine.Ops.View(operand.Map), source);
    }
}
