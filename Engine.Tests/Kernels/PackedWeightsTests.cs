using System.Collections.Immutable;
using System.Runtime.CompilerServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>What is kept from one node to the next never reaches a node that it was not made for.</summary>
[Category("simd")]
internal sealed class PackedWeightsTests
{
    private static readonly DType[] Floats = [DType.F32, DType.F16, DType.BF16];

    /// <summary>Uses of one parameter of f32, f16 or bf16 of shape [4, 2, 3] in as many ways as its elements allow, in any order.</summary>
    [Test]
    public void One_parameter_serves_nodes_of_every_form([ValueSource(nameof(Floats))] DType type, [Values] SimdLevel level)
    {
        Adversarial random = new(601 + (ulong)type);
        (Op Op, ImmutableArray<Operand> Operands)[] uses = Uses(random, type);
        for (int round = 0; round < 6; round++)
        {
            using CpuBackend backend = new(2, level);
            foreach ((Op op, ImmutableArray<Operand> operands) in uses.OrderBy(_ => random.Word()))
            {
                Differential.Check(backend, op, operands);
            }

            Assert.That(backend.PackedBytes, Is.Positive);
        }
    }

    /// <summary>Files made by one backend serve the next; damaged ones, and ones cut short, are made anew and never believed.</summary>
    [Test]
    public void Kept_files_serve_other_backends([ValueSource(nameof(Floats))] DType type)
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        (Op Op, ImmutableArray<Operand> Operands)[] uses = Uses(new Adversarial(641 + (ulong)type), type);
        (Op Op, ImmutableArray<Operand> Operands)[] others = Uses(new Adversarial(647 + (ulong)type), type);
        try
        {
            Dictionary<string, byte[]> first = Run(uses);
            Assert.That(first, Is.Not.Empty);
            DateTime old = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            foreach (string path in first.Keys)
            {
                File.SetLastWriteTimeUtc(path, old);
            }

            Run(uses);
            Assert.That(first.Keys.Select(File.GetLastWriteTimeUtc), Is.All.EqualTo(old), "whole files are not written again");
            Assert.That(Run(others), Has.Count.GreaterThan(first.Count), "other weights have other files");

            int turn = 0;
            foreach ((string path, byte[] bytes) in first)
            {
                byte[] damaged = [.. bytes];
                damaged[turn % 2 == 0 ? 4096 : turn % 3 == 0 ? 8 : 20] ^= 1;
                File.WriteAllBytes(path, turn++ % 5 == 4 ? bytes[..^1] : damaged);
            }

            Run(uses);
            Assert.That(first.Keys.Select(File.ReadAllBytes), Is.EqualTo(first.Values), "damaged files are made anew");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Dictionary<string, byte[]> Run((Op Op, ImmutableArray<Operand> Operands)[] all)
        {
            using CpuBackend backend = new(2, cache: folder);
            foreach ((Op op, ImmutableArray<Operand> operands) in all)
            {
                Differential.Check(backend, op, operands);
            }

            return Directory.EnumerateFiles(folder).ToDictionary(path => path, File.ReadAllBytes);
        }
    }

    [Test]
    public void Files_that_cannot_be_kept_are_done_without()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        (Op Op, ImmutableArray<Operand> Operands)[] uses = Uses(new Adversarial(653), DType.F32);
        File.WriteAllBytes(folder, []);
        Run();
        File.Delete(folder);
        try
        {
            Run();
            if (!OperatingSystem.IsWindows())
            {
                Assert.That(
                    File.GetUnixFileMode(folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute), "owner alone");
            }

            string[] paths = Directory.GetFiles(folder);
            foreach (string path in paths)
            {
                File.Delete(path);
                Directory.CreateDirectory(path);
            }

            Run();
            Assert.That(Directory.GetFileSystemEntries(folder), Is.EquivalentTo(paths), "nothing is left of what could not be kept");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Run()
        {
            using CpuBackend backend = new(2, cache: folder);
            foreach ((Op op, ImmutableArray<Operand> operands) in uses)
            {
                Differential.Check(backend, op, operands);
            }

            Assert.That(backend.PackedBytes, Is.Positive);
        }
    }

    [Test]
    public void Backends_may_keep_the_same_file_at_once()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Operand x = Layouts.Whole(new Adversarial(655).Tensor(DType.F32, new Shape(1, 512), Mood.Tame));
        Operand w = Kept(new Adversarial(659).Tensor(DType.F32, new Shape(2048, 512), Mood.Tame));
        try
        {
            Parallel.For(0, 6, _ =>
            {
                using CpuBackend backend = new(1, cache: folder);
                Differential.Check(backend, Dot.Plain, [x, w]);
            });
            Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1).And.All.EndsWith(".pack"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Codes_are_packed_for_each_zero_point_and_form([Values] bool signed)
    {
        Adversarial random = new(631);
        DType type = signed ? DType.I8 : DType.U8;
        Operand weights = Kept(random.Tensor(type, new Shape(4, 2, 3), Mood.Tame));
        Operand Fresh(params ReadOnlySpan<long> shape) => Layouts.Whole(random.Tensor(type, new Shape(shape), Mood.Tame));
        Operand Zeros(params ReadOnlySpan<long> shape) => Kept(Fresh(shape).ToTensor());
        Window window = new([3], [1], [1], [1], [1], [7]);
        (Op Op, ImmutableArray<Operand> Operands)[] uses =
        [
            (new ConvInteger(window, 2), [Fresh(1, 4, 7), weights, Fresh(), Zeros(4)]),
            (new ConvInteger(window, 2), [Fresh(1, 4, 7), weights, Fresh(), Zeros(4)]),
            (new ConvInteger(window, 2), [Fresh(1, 4, 7), weights, Fresh(), Fresh(4)]),
            (new ConvInteger(window, 1), [Fresh(1, 2, 7), weights, Fresh(), Zeros(4)]),
            (DotInteger.Instance, [weights, Fresh(4, 5, 3), Zeros(4, 2), Fresh(4, 5)]),
            (DotInteger.Instance, [weights, Fresh(4, 5, 3), Zeros(4, 2), Fresh(4, 5)]),
            (DotInteger.Instance, [Fresh(4, 5, 3), weights, Fresh(4, 5), Zeros(4, 2)]),
        ];
        using CpuBackend backend = new(1);
        foreach ((Op op, ImmutableArray<Operand> operands) in uses.Concat(uses).OrderBy(_ => random.Word()))
        {
            Differential.Check(backend, op, operands);
        }
    }

    [Test]
    public void What_was_packed_is_found_again_and_differs_from_tensor_to_tensor()
    {
        Adversarial random = new(641);
        Operand x = Layouts.Whole(random.Tensor(DType.F32, new Shape(5, 40), Mood.Tame));
        using CpuBackend backend = new(2);
        Operand first = Kept(random.Tensor(DType.F32, new Shape(70, 40), Mood.Tame));
        Operand second = Kept(random.Tensor(DType.F32, new Shape(70, 40), Mood.Tame));
        Differential.Check(backend, Dot.Plain, [x, first]);
        long once = backend.PackedBytes;
        Differential.Check(backend, Dot.Plain, [x, first]);
        Assert.That(backend.PackedBytes, Is.EqualTo(once).And.GreaterThanOrEqualTo(first.Type.Bytes));
        Differential.Check(backend, Dot.Plain, [x, second]);
        Differential.Check(backend, Dot.Plain, [x, first]);
        Assert.That(backend.PackedBytes, Is.EqualTo(2 * once));
    }

    [Test]
    public void Panels_go_with_their_tensor()
    {
        Adversarial random = new(643);
        using CpuBackend backend = new(3);
        for (int round = 0; round < 20; round++)
        {
            PackOne(backend, random);
        }

        for (int round = 0; round < 10 && backend.PackedBytes > 0; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(backend.PackedBytes, Is.Zero);
        PackOne(backend, random);
    }

    [Test]
    public void A_repeated_parameter_is_not_packed_for_keeps()
    {
        Adversarial random = new(647);
        using CpuBackend backend = new(2);
        Operand row = Kept(random.Tensor(DType.F32, new Shape(3, 20), Mood.Tame)).Repeated(50);
        Operand x = Layouts.Whole(random.Tensor(DType.F32, new Shape(50, 4, 20), Mood.Tame));
        Differential.Check(backend, Dot.Plain, [row, x]);
        Assert.That(backend.PackedBytes, Is.Zero);
        Differential.Check(backend, Dot.Plain, [x, row]);
        Assert.That(backend.PackedBytes, Is.Positive.And.LessThan(10_000), "one B for the whole batch is one set of panels");
    }

    [Test]
    public void A_node_that_no_array_serves_is_the_devices_failure()
        => Assert.That(() => Scratch.Length(1L + Array.MaxLength), Throws.InstanceOf<BackendException>());

    [Test]
    public void What_took_several_blocks_gets_one_the_next_time()
    {
        Scratch scratch = new();
        Arena arena = scratch.Rent();
        long[] sizes = [100, 1 << 20, 3 << 20];
        foreach (long size in sizes)
        {
            Assert.That(arena.Rent(size), Is.Not.Zero);
        }

        Assert.That(scratch.Bytes, Is.EqualTo((1 << 16) + (1 << 20) + (3 << 20)));
        scratch.Return(arena);
        Assert.That(scratch.Bytes, Is.Zero, "the blocks are given back");
        arena = scratch.Rent();
        nint[] places = [.. sizes.Select(size => arena.Rent(size))];
        Assert.That((places[1] - places[0], places[2] - places[1], scratch.Bytes), Is.EqualTo(((nint)128, (nint)(1 << 20), 128L + (1 << 20) + (3 << 20))));
        scratch.Return(arena);
        Assert.That(scratch.Rent().Rent(100), Is.EqualTo(places[0]), "one block stays");
    }

    [Test]
    public void Scratch_that_was_refused_leaves_no_trace()
    {
        Scratch scratch = new();
        Arena arena = scratch.Rent();
        Assert.That(arena.Rent(100), Is.Not.Zero);
        long before = scratch.Bytes;
        Assert.That(() => arena.Rent(1L << 40), Throws.InstanceOf<BackendException>());
        Assert.That(scratch.Bytes, Is.EqualTo(before));
        nint next = arena.Rent(100);
        scratch.Return(arena);
        Assert.That(scratch.Bytes, Is.EqualTo(before));
        Assert.That(scratch.Rent(), Is.SameAs(arena));
        Assert.That(arena.Rent(100), Is.EqualTo(next - 128), "the same block");
    }

    [Test]
    public async Task Executors_may_share_a_backend_and_run_at_once()
    {
        DecoderModel[] models = [new(2, 16, 2, 32, 40, 6), new(1, 32, 4, 64, 40, 5), new(2, 16, 2, 32, 40, 6)];
        using CpuBackend backend = new(2);
        using ReferenceBackend reference = new();
        Graph[] graphs = [.. models.Select(model => model.Build())];
        byte[][] expected = [.. graphs.Select((graph, i) => Result(graph, models[i], reference))];
        byte[][][] seen = await Task.WhenAll(graphs.Select((graph, i) => Task.Run(() =>
            Enumerable.Range(0, 15).Select(_ => Result(graph, models[i], backend)).ToArray())));
        for (int i = 0; i < graphs.Length; i++)
        {
            Assert.That(seen[i], Has.All.EqualTo(expected[i]));
        }
    }

    private static byte[] Result(Graph graph, DecoderModel model, IBackend backend)
        => new Executor(graph, backend).Run([model.Prompt()])[0].Bytes.ToArray();

    private static Operand Kept(Tensor tensor) => Layouts.Whole(tensor, parameter: true);

    // Not inlined: nothing of the tensor stays on the caller's stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PackOne(CpuBackend backend, Adversarial random)
    {
        Operand weights = Kept(random.Tensor(DType.F32, new Shape(150, 64), Mood.Tame));
        Differential.Check(backend, Dot.Plain, [Layouts.Whole(random.Tensor(DType.F32, new Shape(40, 64), Mood.Tame)), weights]);
        Assert.That(backend.PackedBytes, Is.Positive);
    }

    private static (Op Op, ImmutableArray<Operand> Operands)[] Uses(Adversarial random, DType type)
    {
        Tensor weights = random.Tensor(type, new Shape(4, 2, 3), Mood.Tame);
        AffineView whole = AffineView.Identity(weights.Type.Shape);
        Operand As(AffineView map) => new(new TensorType(type, map.Shape), weights.Bytes, map, weights);
        Operand Fresh(params ReadOnlySpan<long> shape) => Layouts.Whole(random.Tensor(type, new Shape(shape), Mood.Tame));
        Window narrow = new([3], [1], [1], [0], [0], [5]);
        Window stepping = new([3], [2], [2], [1], [1], [3]);
        AffineView square = new(new Shape(4, 4), 0, [4, 1]);
        return
        [
            (new Conv(narrow, 2), [Fresh(1, 4, 7), As(whole)]),
            (Dot.Plain, [As(whole), Fresh(4, 5, 3)]),
            (Dot.Plain, [Fresh(4, 5, 3), As(whole)]),
            (Dot.Plain, [As(whole), Layouts.Whole(Fresh(5, 3).ToTensor()).Repeated(4)]),
            (new Conv(narrow, 1), [Fresh(2, 2, 7), As(whole)]),
            (new Conv(stepping, 2), [Fresh(2, 4, 7), As(whole)]),
            (new Conv(narrow, 1), [Fresh(1, 2, 7), As(whole.Slice(0, 3, -1, 4))]),
            (Dot.Plain, [Fresh(4, 5, 2), As(whole.Transpose(0, 2, 1))]),
            (Dot.Plain, [As(whole.Transpose(0, 2, 1)), Fresh(4, 5, 2)]),
            (Dot.Plain, [As(square), As(square.Transpose(1, 0))]),
            (Dot.Plain, [As(square.Transpose(1, 0)), As(square)]),
            (Dot.Plain, [As(square), As(square)]),
        ];
    }
}
