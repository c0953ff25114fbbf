using System;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Persistent threads that share the chunks of a job, the caller among them. Each begins with a span of its own, the same part of
/// every job, and then helps the others with theirs: so whoever made the first half of a value also reads and hashes that half, while it is
/// in that worker's cache. Chunks write disjoint outputs, so which thread takes which chunk, and how many threads there are, cannot reach
/// the result.</summary>
internal sealed class WorkerPool : IDisposable
{
    // Spins before parking: some 20 µs, longer than the gap between two ops of a graph.
    private const int Spins = 400;

    private readonly Lock _oneJob = new();
    private readonly object _gate = new();
    private readonly ImmutableArray<Thread> _threads;
    private volatile Job? _job;
    private bool _closed;

    /// <summary>A pool of <paramref name="workers"/>, the calling thread included.</summary>
    internal WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Workers = workers;
        _threads = [.. Enumerable.Range(1, workers - 1).Select(Start)];
    }

    /// <summary>Number of workers, the caller included.</summary>
    internal int Workers { get; }

    /// <summary>Most workers that took chunks of one job since the pool was made.</summary>
    internal int MostWorkersSeen { get; private set; }

    /// <summary>Runs <paramref name="body"/> once for each chunk 0 … chunks − 1, with the worker's number.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between chunks.</exception>
    internal void Run(long chunks, Action<long, int> body, CancellationToken cancellation)
    {
        if (chunks <= 1 || Workers == 1)
        {
            for (long chunk = 0; chunk < chunks; chunk++)
            {
                cancellation.ThrowIfCancellationRequested();
                body(chunk, 0);
            }

            return;
        }

        lock (_oneJob)
        {
            Job job = new(chunks, Workers, body, cancellation);
            lock (_gate)
            {
                _job = job;
                Monitor.PulseAll(_gate);
            }

            job.Work(worker: 0);
            SpinWait spin = default;
            while (!job.IsDone)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            job.Release();
            MostWorkersSeen = Math.Max(MostWorkersSeen, job.Takers);
            job.Failure?.Throw();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private Thread Start(int worker)
    {
        Thread thread = new(() => Loop(worker)) { IsBackground = true, Name = $"cpu worker {worker}" };
        thread.UnsafeStart();
        return thread;
    }

    private void Loop(int worker)
    {
        Job? last = null;
        while (true)
        {
            for (int spin = 0; spin < Spins && ReferenceEquals(_job, last); spin++)
            {
                Thread.SpinWait(8);
            }

            lock (_gate)
            {
                while (ReferenceEquals(_job, last) && !_closed)
                {
                    Monitor.Wait(_gate);
                }

                if (_closed)
                {
                    return;
                }

                last = _job;
            }

            last!.Work(worker);
        }
    }

    private sealed class Job(long chunks, int workers, Action<long, int> body, CancellationToken cancellation)
    {
        // Counters of two spans do not share a line of the cache.
        private const int Apart = 16;

        private readonly long[] _taken = new long[workers * Apart];
        private Action<long, int>? _body = body;
        private long _done;
        private int _takers;
        private volatile ExceptionDispatchInfo? _failure;

        internal int Takers => _takers;

        internal ExceptionDispatchInfo? Failure => _failure;

        internal bool IsDone => Volatile.Read(ref _done) == chunks;

        // The last job stays known to the threads; what its body refers to, weights among it, must not live on with it.
        internal void Release() => _body = null;

        // After a failure or a cancellation the remaining chunks are taken but not run.
        internal void Work(int worker)
        {
            bool first = true;
            for (long chunk = Take(worker); chunk >= 0; chunk = Take(worker))
            {
                if (first)
                {
                    Interlocked.Increment(ref _takers);
                    first = false;
                }

                try
                {
                    if (_failure is null && !cancellation.IsCancellationRequested)
                    {
                        _body!(chunk, worker);
                    }
                }
#pragma warning disable CA1031 // Whatever a chunk throws is thrown again by Run, on the caller's thread.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    _failure = ExceptionDispatchInfo.Capture(failure);
                }

                Interlocked.Increment(ref _done);
            }
        }

        // The next chunk of the worker's own span, then of the spans after it; -1 where all are taken.
        private long Take(int worker)
        {
            for (int ahead = 0; ahead < workers; ahead++)
            {
                int span = (worker + ahead) % workers;
                long start = chunks * span / workers;
                long end = chunks * (span + 1) / workers;
                ref long taken = ref _taken[span * Apart];
                if (Volatile.Read(ref taken) < end - start && Interlocked.Increment(ref taken) is long mine && mine <= end - start)
                {
                    return start + mine - 1;
                }
            }

            return -1;
        }
    }
}
