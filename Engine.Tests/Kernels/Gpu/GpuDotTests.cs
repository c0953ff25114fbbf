using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Every kernel of Texts/Dot.cl on shapes around its tiles and blocks.</summary>
[Category("gpu")]
internal sealed class GpuDotTests : CountedDeviceTests
{
    // No multiprocessors: large tiles wherever sides are long, nothing split. Very many: all blocks of k apart.
    private const int None = 0;
    private const int Many = 100_000;

    private static readonly int[] Depths = [1, 15, 16, 17, 255, 256, 257, 512, 520, 1023];
    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];

    [Test]
    public void Large_tiles_give_the_bits_of_the_definition([ValueSource(nameof(Singles))] DType type, [Values] Mood mood)
    {
        Adversarial random = new(1 + (ulong)type + ((ulong)mood << 8));
        int depth = random.Of(Depths);
        (int rows, int columns) = random.Of((96, 130), (127, 128), (128, 129), (129, 96), (257, 97));
        Check(random, type, [], rows, columns, depth > 512 ? depth - 500 : depth, mood, None, "large");
    }

    [Test]
    public void Small_tiles_give_the_bits_of_the_definition([ValueSource(nameof(Singles))] DType type, [Values] Mood mood)
    {
        Adversarial random = new(2 + (ulong)type + ((ulong)mood << 8));
        foreach (int depth in type == DType.F32 ? Depths : [random.Of(Depths), 513])
        {
            Check(random, type, [], random.Of(9, 16, 63, 64, 65), random.Of(9, 31, 64, 65, 68), depth, mood, None, "small");
        }
    }

    [Test]
    public void Blocks_apart_give_the_bits_of_the_definition([ValueSource(nameof(Singles))] DType type, [Values] Mood mood)
    {
        Adversarial random = new(3 + (ulong)type + ((ulong)mood << 8));
        foreach (int depth in new[] { 257, 512, 1023 })
        {
            Check(random, type, random.Of<long[]>([], [2]), random.Of(9, 63, 65), random.Of(11, 64, 72), depth, mood, Many, "small", "fold");
        }
    }

    [Test]
    public void Few_rows_give_the_bits_of_the_definition([ValueSource(nameof(Singles))] DType type, [Values] Mood mood, [Values] bool turned)
    {
        Adversarial random = new(4 + (ulong)type + ((ulong)mood << 8));
        foreach (int depth in type == DType.F32 ? Depths : [random.Of(Depths), 513])
        {
            int few = random.Of(1, 2, 7, 8);
            int many = random.Of(9, 63, 64, 127, 128, 129, 260);
            long[] batch = random.Of<long[]>([], [], [3]);
            string[] kernels = depth > 256 ? ["skinny", "fold"] : ["skinny"];
            Check(random, type, batch, turned ? many : few, turned ? few : many, depth, mood, None, kernels);
        }
    }

    [Test]
    public void Matrices_of_a_batch_may_lie_in_any_way([Values] Mood mood)
    {
        Adversarial random = new(5 + (ulong)mood);
        for (int round = 0; round < 12; round++)
        {
            long[] batch = random.Of<long[]>([2, 3], [3, 2], [2, 1, 3], [2, 3, 2], [1], [5]);
            int rows = random.Of(1, 3, 9, 17);
            Check(random, random.Of(Singles), batch, rows, random.Of(4, 9, 20), random.Of(1, 8, 64, 260), mood, random.Of(None, Many), []);
        }
    }

    [Test]
    public void Heads_are_read_where_they_lie()
    {
        // [sequences, places, heads, width] seen as [sequences, heads, places, width]; keys repeated for several heads.
        Adversarial random = new(6);
        Tensor queries = random.Tensor(DType.F32, new Shape(2, 20, 4, 16), Mood.Tame);
        Tensor keys = random.Tensor(DType.F32, new Shape(2, 24, 2, 16), Mood.Tame);
        AffineView first = AffineView.Identity(queries.Type.Shape).Transpose(0, 2, 1, 3);
        AffineView second = new(new Shape(2, 2, 2, 24, 16), 0, [24 * 32, 16, 0, 32, 1]);
        AffineView third = new(new Shape(2, 2, 2, 20, 16), 0, [20 * 64, 32, 16, 64, 1]);
        Operand a = new(new TensorType(DType.F32, third.Shape), queries.Bytes, third, null);
        OpContractTests.Check(Backend, Dot.Plain, [a, new Operand(new TensorType(DType.F32, second.Shape), keys.Bytes, second, null)]);
        Operand c = new(new TensorType(DType.F32, first.Shape), queries.Bytes, first, null);
        OpContractTests.Check(Backend, Dot.Plain, [c, c]);
    }

    [Test]
    public void Attention_runs_wholly_on_the_device([Values(1, 20)] int places)
    {
        // [sequences, places, heads, width] seen as [sequences, heads, places, width], values turned.
        Adversarial random = new(11);
        GraphBuilder builder = new();
        Tensor[] inputs =
        [
            random.Tensor(DType.F32, new Shape(2, places, 3, 16), Mood.Tame), random.Tensor(DType.F32, new Shape(2, 70, 3, 16), Mood.Tame),
            random.Tensor(DType.F32, new Shape(2, 70, 3, 16), Mood.Tame), random.Tensor(DType.F32, new Shape(1), Mood.Tame),
        ];
        ValueRef[] values = [.. inputs.Select((input, slot) => builder.Input($"x{slot}", input.Type))];
        ValueRef Seen(ValueRef value, AffineView map) => builder.Add("view", new View(map), value);
        AffineView Heads(int slot) => AffineView.Identity(inputs[slot].Type.Shape).Transpose(0, 2, 1, 3);
        ValueRef scores = builder.Add("scores", Dot.Plain, Seen(values[0], Heads(0)), Seen(values[1], Heads(1)));
        ValueRef scaled = builder.Add("scaled", Mul.Instance, scores, Seen(values[3], new AffineView(new Shape(2, 3, places, 70), 0, [0, 0, 0, 0])));
        ValueRef weights = builder.Add("softmax", new Softmax(false), scaled);
        ValueRef result = builder.Add("result", Dot.Plain, weights, Seen(values[2], Heads(2).Transpose(0, 1, 3, 2)));
        Graph graph = builder.Build(new GraphOutput("y", result));
        using ReferenceBackend reference = new();
        long before = Backend.DeviceStages;
        byte[] actual = new Executor(graph, Backend).Run([.. inputs])[0].Bytes.ToArray();
        Assert.That(actual, Is.EqualTo(new Executor(graph, reference).Run([.. inputs])[0].Bytes.ToArray()));
        Assert.That(Backend.DeviceStages - before, Is.EqualTo(Backend.Load(graph, ImmutableHashSet<ValueRef>.Empty).Stages.Length));
    }

    [Test]
    public void A_batch_may_be_longer_than_a_grid([Values(DType.F32, DType.I32)] DType type)
    {
        Adversarial random = new(7);
        Operand a = random.Operand(type, new Shape(65_540, 1, 2), Mood.Tame);
        Operand b = Layouts.Whole(random.Tensor(type, new Shape(65_540, 2, 2), Mood.Tame));
        OpContractTests.Check(Backend, Dot.Plain, [a, b]);
    }

    [Test]
    public void Without_terms_a_total_is_its_start([ValueSource(nameof(Singles))] DType type, [Values(1f, float.PositiveInfinity)] float alpha)
    {
        Adversarial random = new(8);
        foreach (long rows in new[] { 1L, 30L })
        {
            Operand a = Layouts.Whole(random.Tensor(type, new Shape(2, rows, 0), Mood.Wild));
            Operand b = Layouts.Whole(random.Tensor(type, new Shape(2, 20, 0), Mood.Wild));
            OpContractTests.Check(Backend, new Dot(alpha, 1), [a, b]);
            OpContractTests.Check(Backend, new Dot(alpha, -1.5f), [a, b, random.Operand(type, new Shape(2, rows, 20), Mood.Wild)]);
        }
    }

    [TestCase(0, 5, 3)]
    [TestCase(5, 0, 3)]
    [TestCase(0, 0, 0)]
    public void Nothing_is_made_of_nothing(int rows, int columns, int depth)
    {
        Adversarial random = new(9);
        OpContractTests.Check(
            Backend,
            Dot.Plain,
            [random.Operand(DType.F32, new Shape(rows, depth), Mood.Wild), random.Operand(DType.F32, new Shape(columns, depth), Mood.Wild)]);
    }

    [Test]
    public void Other_types_give_the_bits_of_the_definition(
        [Values(DType.F64, DType.U8, DType.I8, DType.U16, DType.I16, DType.I32, DType.U32, DType.I64, DType.U64)] DType type)
    {
        Adversarial random = new(10 + (ulong)type);
        foreach (int depth in new[] { 0, 1, 16, 17, 256, 300, 529 })
        {
            string kernel = type == DType.F64 ? "Dot.plain_f64" : $"Dot.plain{8 * type.Size()}";
            Device.Ran.Clear();
            Check(random, type, random.Of<long[]>([], [2]), random.Of(1, 15, 17), random.Of(1, 16, 33), depth, random.Of(Mood.Tame, Mood.Wild), None, []);
            Assert.That(Device.Ran, Does.Contain(kernel));
        }
    }

    // Names of kernels are without their types.
    private void Check(
        Adversarial random, DType type, long[] batch, long rows, long columns, long depth, Mood mood, int units, params string[] kernels)
    {
        Operand a = random.Operand(type, new Shape([.. batch, rows, depth]), mood);
        Operand b = random.Operand(type, new Shape([.. batch, columns, depth]), mood);
        ImmutableArray<Operand> operands = [a, b];
        Dot op = Dot.Plain;
        if (random.Below(2) == 0)
        {
            op = !type.IsReal() ? op : random.Of(Dot.Plain, new Dot(0.75f, -1.5f), new Dot(1f, 0f), new Dot(float.PositiveInfinity, 1f), new Dot(-0f, 3f));
            operands = operands.Add(random.Operand(type, new Shape([.. batch, rows, columns]), mood));
        }

        Device.Units = units;
        Device.Ran.Clear();
        OpContractTests.Check(Backend, op, operands);
        string suffix = type switch { DType.F32 => "f32", DType.F16 => "f16", _ => "bf16" };
        Assert.That(Device.Ran, Is.SupersetOf(kernels.Select(kernel => $"Dot.{kernel}_{suffix}")), $"{rows} x {columns} x {depth}");
    }
}
