using System;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Persistent threads that share the chunks of a job, the caller among them. Each begins with a span of its own, the same part of
/// every job, and then helps the others with theirs: so whoever made the first half of a value also reads and hashes that half, while it is
/// in that worker's cache. Chunks write disjoint outputs, so which thread takes which chunk, and how many threads there are, cannot reach
/// the result.</summary>
internal sealed class WorkerPool : IDisposable
{
    // Spinning before parking: longer than the gap between two ops of a graph, and soon over for a host that does something else.
    private static readonly long SpinTicks = Stopwatch.Frequency * 40 / 1_000_000;

    private const int TurnsBeforeYielding = 2000;

    private readonly Lock _oneJob = new();
    private readonly object _gate = new();
    private readonly ImmutableArray<Thread> _threads;

    // For each span: the job's number in the upper half, the chunks that nobody took yet in the lower. Taking one is a change of the whole, so a
    // worker that comes late to a job that is over cannot take a chunk of it, and one that takes a chunk of the next knows that job by then.
    private readonly Padded[] _left;
    private Action<long, int>? _body;
    private Action<long, long, int>? _ranges;
    private long _chunks;
    private long _count;
    private CancellationToken _cancellation;
    private volatile ExceptionDispatchInfo? _failure;
    private ulong _takers;
    private Padded _open;
    private Padded _jobs;
    private volatile int _parked;
    private volatile bool _closed;

    /// <summary>A pool of <paramref name="workers"/>, the calling thread included.</summary>
    internal WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Workers = workers;
        _left = new Padded[workers];
        _threads = [.. Enumerable.Range(1, workers - 1).Select(Start)];
    }

    /// <summary>Number of workers, the caller included.</summary>
    internal int Workers { get; }

    // Number of the last job: alone on its lines too, for the others look at it all the time.
    private int Job => (int)Volatile.Read(ref _jobs.Value);

    /// <summary>Most workers that took chunks of one job since the pool was made.</summary>
    internal int MostWorkersSeen { get; private set; }

    /// <summary>Runs <paramref name="body"/> once for each chunk 0 … chunks − 1, with the worker's number.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between chunks.</exception>
    internal void Run(long chunks, Action<long, int> body, CancellationToken cancellation, bool alone = false)
    {
        if (chunks > 1 && Workers > 1 && !alone)
        {
            Share(chunks, 0, body, null, cancellation);
            return;
        }

        for (long chunk = 0; chunk < chunks; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            body(chunk, 0);
        }
    }

    /// <summary>Runs <paramref name="body"/> once for each of <paramref name="chunks"/> even ranges of <paramref name="count"/> items: first item, the
    /// item after the last, and the worker's number.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between ranges.</exception>
    internal void RunRanges(long chunks, long count, Action<long, long, int> body, CancellationToken cancellation)
    {
        if (chunks > 1 && Workers > 1)
        {
            Share(chunks, count, null, body, cancellation);
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        if (count > 0)
        {
            body(0, count, 0);
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

    private void Share(long chunks, long count, Action<long, int>? body, Action<long, long, int>? ranges, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunks, int.MaxValue);
        lock (_oneJob)
        {
            _body = body;
            _ranges = ranges;
            _chunks = chunks;
            _count = count;
            _cancellation = cancellation;
            _failure = null;
            _takers = 0;
            Volatile.Write(ref _open.Value, chunks);
            int job = Job + 1;
            for (int span = 0; span < _left.Length; span++)
            {
                Volatile.Write(ref _left[span].Value, ((long)job << 32) | (Begin(span + 1) - Begin(span)));
            }

            Interlocked.Exchange(ref _jobs.Value, job);
            if (_parked > 0)
            {
                lock (_gate)
                {
                    Monitor.PulseAll(_gate);
                }
            }

            Work(worker: 0);
            AwaitOthers();

            // What the body refers to, weights among it, must not live on with the pool.
            ExceptionDispatchInfo? failure = _failure;
            _body = null;
            _ranges = null;
            _failure = null;
            _cancellation = default;
            MostWorkersSeen = Math.Max(MostWorkersSeen, BitOperations.PopCount(_takers));
            failure?.Throw();
        }

        cancellation.ThrowIfCancellationRequested();
    }

    // The others' last chunks are soon done; to yield at once would give the processor to whoever waits for it, for much longer.
    private void AwaitOthers()
    {
        for (int turn = 0; turn < TurnsBeforeYielding && Volatile.Read(ref _open.Value) > 0; turn++)
        {
            Thread.SpinWait(1);
        }

        SpinWait spin = default;
        while (Volatile.Read(ref _open.Value) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
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
        int done = 0;
        while (!_closed)
        {
            if (Job == done)
            {
                Await(done);
            }

            done = Job;
            Work(worker);
        }
    }

    // Returns when there is another job, or the pool is closed.
    private void Await(int done)
    {
        long until = Stopwatch.GetTimestamp() + SpinTicks;
        while (Stopwatch.GetTimestamp() < until)
        {
            for (int spin = 0; spin < 16; spin++)
            {
                if (Job != done || _closed)
                {
                    return;
                }

                Thread.SpinWait(1);
            }
        }

        lock (_gate)
        {
            Interlocked.Increment(ref _parked);
            while (Job == done && !_closed)
            {
                Monitor.Wait(_gate);
            }

            Interlocked.Decrement(ref _parked);
        }
    }

    // After a failure or a cancellation the remaining chunks are taken but not run.
    private void Work(int worker)
    {
        long ran = 0;
        for (long chunk = Take(worker); chunk >= 0; chunk = Take(worker))
        {
            if (ran++ == 0)
            {
                Interlocked.Or(ref _takers, 1UL << (worker & 63));
            }

            try
            {
                if (_failure is null && !_cancellation.IsCancellationRequested)
                {
                    RunChunk(chunk, worker);
                }
            }
#pragma warning disable CA1031 // Whatever a chunk throws is thrown again by Share, on the caller's thread.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = ExceptionDispatchInfo.Capture(failure);
            }
        }

        if (ran > 0)
        {
            Interlocked.Add(ref _open.Value, -ran);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RunChunk(long chunk, int worker)
    {
        if (_ranges is { } ranges)
        {
            ranges(chunk * _count / _chunks, (chunk + 1) * _count / _chunks, worker);
        }
        else
        {
            _body!(chunk, worker);
        }
    }

    // The next chunk of the worker's own span, then of the spans after it; -1 where all are taken.
    private long Take(int worker)
    {
        for (int ahead = 0; ahead < _left.Length; ahead++)
        {
            int span = (worker + ahead) % _left.Length;
            ref long left = ref _left[span].Value;
            long seen = Volatile.Read(ref left);
            while ((uint)seen > 0)
            {
                long before = Interlocked.CompareExchange(ref left, seen - 1, seen);
                if (before == seen)
                {
                    return Begin(span + 1) - (uint)seen;
                }

                seen = before;
            }
        }

        return -1;
    }

    private long Begin(int span) => _chunks * span / Workers;

    // A counter alone on its lines of the cache.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Padded
    {
        [FieldOffset(128)]
        internal long Value;
    }
}
