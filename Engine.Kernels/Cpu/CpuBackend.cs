using System;
using System.Collections.Generic;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Runs nodes on this machine's processors: kernels where there are some, the definition on several threads elsewhere. The bits
/// are the definition's for every number of threads and every vector width.</summary>
public sealed class CpuBackend : IBackend
{
    private readonly WorkerPool _pool;
    private readonly Scratch _scratch = new();
    private readonly PackedWeights _packed;
    private readonly Shared _shared;
    private readonly IKernels _kernels;

    /// <summary>A backend with its own threads.</summary>
    /// <param name="threads">Number of workers, the calling thread included; 0 takes one for each processor.</param>
    /// <param name="level">Vector width; null takes the widest that the hardware runs well.</param>
    /// <param name="cache">Folder in which packed weights are kept for other processes, made if need be; null: they are packed in each. A file is
    /// used only where it is whole, is of these very weights and was made by this build; whoever can write the folder is trusted to leave it so. Where
    /// files cannot be read or written, weights are packed in memory and the run goes on.</param>
    public CpuBackend(int threads = 0, SimdLevel? level = null, string? cache = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        Level = level ?? SimdLevels.Best;
        _kernels = Level switch
        {
            SimdLevel.V512 => new Kernels<Floats16>(),
            SimdLevel.V256 => new Kernels<Floats8>(),
            SimdLevel.V128 => new Kernels<Floats4>(),
            SimdLevel.Scalar => new Kernels<Floats1>(),
            _ => throw new ArgumentOutOfRangeException(nameof(level)),
        };
        _pool = new WorkerPool(Threads);
        Hasher = new PooledHasher(_pool, new MultiBufferHasher(Level));
        _packed = new PackedWeights(cache is null ? null : new PackCache(cache, Hasher));
        _shared = new Shared(_pool, _packed);
    }

    /// <summary>Hashes on the backend's own workers, which have the values they just computed in their caches.</summary>
    public ILeafHasher Hasher { get; }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <summary>Number of workers, the calling thread included.</summary>
    public int Threads { get; }

    /// <summary>Vector width in force.</summary>
    public SimdLevel Level { get; }

    /// <summary>Bytes of scratch memory held, kept from call to call: the most that the calls so far needed.</summary>
    public long ScratchBytes => _scratch.Bytes;

    /// <summary>Bytes of packed parameters held: a second form of the weights beside their tensors, and values that were computed from parameters when a
    /// graph was loaded. They go with their parameters and graphs.</summary>
    public long PackedBytes => _packed.Bytes;

    /// <summary>Most workers that took part in one loop so far.</summary>
    public int MostWorkersSeen => _pool.MostWorkersSeen;

    /// <summary>True when the op's kernel ran in the last call, false when its definition did.</summary>
    internal bool LastRanKernel { get; private set; }

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        using Pins pins = new(call.Inputs.Length + call.Outputs.Length);
        int[] inputs = new int[call.Inputs.Length];
        int[] outputs = new int[call.Outputs.Length];
        for (int slot = 0; slot < inputs.Length; slot++)
        {
            inputs[slot] = slot;
            pins.Set(slot, call.Inputs[slot].Bytes);
        }

        for (int slot = 0; slot < outputs.Length; slot++)
        {
            outputs[slot] = inputs.Length + slot;
            pins.Set(outputs[slot], call.Outputs[slot]);
        }

        Arena arena = _scratch.Rent();
        try
        {
            Run(new KernelRun(call, _shared, pins.Addresses, inputs, outputs), arena, cancellation);
        }
        finally
        {
            _scratch.Return(arena);
        }
    }

    /// <inheritdoc/>
    public IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible) => new CpuProgram(graph, visible, this, _shared, _scratch);

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    /// <summary>The elementwise form of a node, or null.</summary>
    internal BlockOp? Block(NodeCall call) => _kernels.Block(call);

    /// <summary>Runs a node; its scratch is free again afterwards.</summary>
    internal void Run(KernelRun run, Arena arena, CancellationToken cancellation)
    {
        run.Begin(arena, cancellation);
        bool ran = run.OnlyFollowers || _kernels.Run(run);
        if (!ran)
        {
            Definition.Run(run);
        }

        LastRanKernel = ran;
        run.End();
    }
}
