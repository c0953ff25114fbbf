using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Kernels.Hashing;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Runs nodes on this machine's processors: kernels where there are some, the definition on several threads elsewhere. The bits
/// are the definition's for every number of threads and every vector width.</summary>
public sealed class CpuBackend : IBackend
{
    // Elements that a definition reads that are worth another worker, and those it makes between two looks at the cancellation.
    private const long FallbackElements = 256;
    private const long AtOnce = 4096;

    private readonly WorkerPool _pool;
    private readonly Scratch _scratch = new();
    private readonly PackedWeights _packed = new();
    private readonly IKernels _kernels;

    /// <summary>A backend with its own threads.</summary>
    /// <param name="threads">Number of workers, the calling thread included; 0 takes one for each processor.</param>
    /// <param name="level">Vector width; null takes the widest that the hardware runs well.</param>
    public CpuBackend(int threads = 0, SimdLevel? level = null)
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

    /// <summary>Bytes of packed parameters held: a second form of the weights beside their tensors. They go with their parameters.</summary>
    public long PackedBytes => _packed.Bytes;

    /// <summary>Most workers that took part in one loop so far.</summary>
    public int MostWorkersSeen => _pool.MostWorkersSeen;

    /// <summary>True when the op's kernel ran in the last call, false when its definition did.</summary>
    internal bool LastRanKernel { get; private set; }

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        using KernelRun run = new(call, _pool, _scratch, _packed, cancellation);
        LastRanKernel = _kernels.Run(run);
        if (!LastRanKernel)
        {
            Fallback(run);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    private static void Fallback(KernelRun run)
    {
        NodeCall call = run.Call;
        TensorReader reader = new([.. call.Inputs.Select(run.ToTensor)], ReferenceBackend.OwnOutputs(call));
        ImmutableArray<TensorType> types = [.. call.Inputs.Select(input => input.Type)];
        foreach (int output in call.Node.Op.EvaluationOrder(call.Outputs.Length))
        {
            TensorType type = call.Node.Outputs[output];
            ImmutableArray<Footprint> element = call.Node.Op.Footprints(types.AsSpan(), output, Footprint.Element(type.Shape));
            long least = FallbackElements / Math.Max(1, element.Max(footprint => footprint.Elements));
            void Ranges(long from, long count) => run.ForRanges(count, least, (start, end, _) =>
            {
                for (long at = from + start; at < from + end; at += AtOnce)
                {
                    run.ThrowIfCancelled();
                    ReferenceBackend.EvaluateRange(call, reader, output, at, Math.Min(AtOnce, from + end - at));
                }
            });

            // Within a step no element reads another; what is not worth two workers goes in order on one.
            long step = call.Node.Op.StepElements(types.AsSpan(), output);
            if (step == 0)
            {
                Ranges(0, type.Elements);
            }
            else if (step <= least)
            {
                InOrder(run, reader, output, type.Elements);
            }
            else
            {
                for (long from = 0; from < type.Elements; from += step)
                {
                    Ranges(from, Math.Min(step, type.Elements - from));
                }
            }
        }
    }

    private static void InOrder(KernelRun run, TensorReader reader, int output, long elements)
    {
        for (long at = 0; at < elements; at += AtOnce)
        {
            run.ThrowIfCancelled();
            ReferenceBackend.EvaluateRange(run.Call, reader, output, at, Math.Min(AtOnce, elements - at));
        }
    }
}
