using System.Globalization;
using System.Runtime.CompilerServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

[Category("simd")]
internal sealed class WorkerPoolTests
{
    [Test]
    public void Every_chunk_runs_once([Values(1, 2, 3, 8)] int workers)
    {
        using WorkerPool pool = new(workers);
        for (int round = 0; round < 200; round++)
        {
            int[] seen = new int[round * 7 % 130];
            pool.Run(seen.Length, (chunk, _) => Interlocked.Increment(ref seen[chunk]), CancellationToken.None);
            Assert.That(seen, Has.All.EqualTo(1));
        }
    }

    [Test]
    public void Every_chunk_runs_once_whether_the_others_sleep_or_not([Values(2, 3, 8)] int workers)
    {
        using WorkerPool pool = new(workers);
        for (int round = 0; round < 600; round++)
        {
            int[] seen = new int[2 + (round % 40)];
            pool.Run(
                seen.Length,
                (chunk, _) =>
                {
                    Thread.SpinWait(round % 5 == 0 ? 2000 : 1);
                    Interlocked.Increment(ref seen[chunk]);
                },
                CancellationToken.None);
            Assert.That(seen, Has.All.EqualTo(1));
            if (round % 3 == 0)
            {
                Thread.Sleep(1);
            }
        }
    }

    [Test]
    public void Each_worker_begins_with_its_own_part()
    {
        const int workers = 3;
        for (int round = 0; round < 20; round++)
        {
            using WorkerPool pool = new(workers);
            int[] taker = new int[12];
            using Barrier begun = new(workers);
            pool.Run(
                taker.Length,
                (chunk, worker) =>
                {
                    taker[chunk] = worker;
                    if (chunk % (taker.Length / workers) == 0)
                    {
                        begun.SignalAndWait();
                    }
                },
                CancellationToken.None);
            Assert.That((taker[0], taker[4], taker[8]), Is.EqualTo((0, 1, 2)));
        }
    }

    [Test]
    public void Failure_reaches_the_caller_and_the_pool_lives_on([Values(1, 3)] int workers)
    {
        using WorkerPool pool = new(workers);
        InvalidOperationException? failure = Assert.Throws<InvalidOperationException>(() => pool.Run(
            50, (chunk, _) => Fail(chunk == 17), CancellationToken.None));
        Assert.That(failure!.Message, Is.EqualTo("seventeen"));
        int ran = 0;
        pool.Run(50, (_, _) => Interlocked.Increment(ref ran), CancellationToken.None);
        Assert.That(ran, Is.EqualTo(50));
    }

    [Test]
    public void Cancellation_stops_between_chunks([Values(1, 3)] int workers)
    {
        using WorkerPool pool = new(workers);
        using CancellationTokenSource source = new();
        int ran = 0;
        Assert.Throws<OperationCanceledException>(() => pool.Run(
            1000,
            (_, _) =>
            {
                Interlocked.Increment(ref ran);
                source.Cancel();
            },
            source.Token));
        Assert.That(ran, Is.LessThanOrEqualTo(workers));
    }

    [Test]
    public void A_definition_on_the_workers_stops_within_its_node([Values(1, 2)] int threads)
    {
        using CpuBackend backend = new(threads);
        using CancellationTokenSource source = new();
        double[] slow = new double[1 << 20];
        Array.Fill(slow, 1.2345e300);
        Tensor x = Tensor.Of<double>(DType.F64, new Shape(slow.Length), slow);
        NodeCall call = new(new("cosine", Cos.Instance, [], [x.Type]), [Layouts.Whole(x)], [new byte[x.Type.Bytes]]);
        source.CancelAfter(TimeSpan.FromMilliseconds(50));
        Assert.That(() => backend.Run(call, source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void What_a_job_referred_to_is_not_kept()
    {
        using WorkerPool pool = new(3);
        WeakReference captured = RunOver(pool);
        for (int round = 0; round < 10 && captured.IsAlive; round++)
        {
            GC.Collect();
        }

        Assert.That(captured.IsAlive, Is.False);
    }

    [Test]
    public void Two_workers_take_part_in_a_large_product()
    {
        using CpuBackend backend = new(2);
        Adversarial random = new(1);
        Operand a = Layouts.Whole(random.Tensor(DType.F32, new Shape(256, 512), Mood.Tame));
        Operand b = Layouts.Whole(random.Tensor(DType.F32, new Shape(512, 512), Mood.Tame));
        for (int round = 0; round < 200 && backend.MostWorkersSeen < 2; round++)
        {
            Differential.Run(backend, Dot.Plain, [a, b]);
        }

        Assert.That(backend.MostWorkersSeen, Is.EqualTo(2));
    }

    [Test]
    public void Width_in_force_is_what_the_environment_allows()
    {
        bool none = Environment.GetEnvironmentVariable("DOTNET_EnableHWIntrinsic") == "0"
            || Environment.GetEnvironmentVariable("DOTNET_EnableAVX2") == "0"
            || Environment.GetEnvironmentVariable("DOTNET_EnableAVX") == "0";
        using CpuBackend backend = new(1);
        TestContext.Out.WriteLine($"vector width in force: {backend.Level}");
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
        {
            return;
        }

        Assert.That(backend.Level == SimdLevel.Scalar, Is.EqualTo(none || !System.Runtime.Intrinsics.X86.Fma.IsSupported));
        Assert.That(backend.Level == SimdLevel.V512, Is.EqualTo(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated && !none));
        if (Environment.GetEnvironmentVariable("VC_EXPECT_SIMD") is string bits)
        {
            Assert.That((int)backend.Level, Is.LessThanOrEqualTo(Math.Max(1, int.Parse(bits, CultureInfo.InvariantCulture) / 32)));
        }
    }

    [Test]
    public void Lanes_are_as_many_as_the_level_says()
    {
        Assert.That(
            new[] { Floats1.Lanes, Floats4.Lanes, Floats8.Lanes, Floats16.Lanes },
            Is.EqualTo(Enum.GetValues<SimdLevel>().Select(level => (int)level)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RunOver(WorkerPool pool)
    {
        int[] counts = new int[8];
        pool.Run(counts.Length, (chunk, _) => Interlocked.Increment(ref counts[chunk]), CancellationToken.None);
        return new WeakReference(counts);
    }

    private static void Fail(bool now)
    {
        if (now)
        {
            throw new InvalidOperationException("seventeen");
        }
    }
}
