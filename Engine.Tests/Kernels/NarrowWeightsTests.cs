using System.Collections.Immutable;

using FsCheck.Fluent;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Onnx;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Products that read weights as narrow as they are given have the bits of the nodes that they replace.</summary>
[Category("simd")]
internal sealed class NarrowWeightsTests
{
    [Test]
    public void Any_product_of_narrow_weights()
        => Law.Holds(Gen.Choose(0, int.MaxValue), seed => FusionTests.Check(seed, Product(seed)), 400);

    // The scales of 150 columns in runs of 32 fill more than one block of k, and panels by four, by one and ragged.
    [Test]
    public void Runs_of_32([Values(1, 2, 3, 8, 40)] int rows, [Values] bool signed, [Values(300, 512)] int k)
    {
        Adversarial random = new((ulong)(rows + k));
        GraphBuilder builder = new();
        Tensor x = random.Tensor(DType.F32, new Shape(rows, k), Adversarial.Mood.Tame);
        ValueRef a = builder.Input("x", x.Type);
        ValueRef weights = Blocked(builder, random, signed ? DType.I8 : DType.U8, 150, k, 32, random.Below(2) == 0, Adversarial.Mood.Tame);
        FusionTests.Check(rows, (builder.Build(new GraphOutput("y", builder.Add("y", Dot.Plain, a, weights))), [x]));
    }

    // Every column begins where a run of zero points begins, and not where a run of scales does: of those nothing is known.
    [Test]
    public void A_run_of_which_half_is_unknown_is_none()
    {
        AffineView columns = AffineView.Identity(new Shape(3, 64));
        AffineView unknown = new(new Shape(4, 48), 0, [1, 0]);
        AffineView known = new(new Shape(12, 16), 0, [1, 0]);
        Assert.Multiple(() =>
        {
            Assert.That(Scaling.RunLength(columns, known, known), Is.EqualTo(16));
            Assert.That(Scaling.RunLength(columns, unknown, known), Is.Zero);
            Assert.That(Scaling.RunLength(columns, known, unknown), Is.Zero);
        });
    }

    [Test]
    public void Weights_take_as_much_memory_as_they_are_wide([Values(DType.I8, DType.BF16, DType.F16)] DType type)
    {
        const int Columns = 128, Depth = 1024;
        Adversarial random = new(1);
        GraphBuilder builder = new();
        Tensor x = random.Tensor(DType.F32, new Shape(1, Depth), Adversarial.Mood.Tame);
        ValueRef a = builder.Input("x", x.Type);
        ValueRef weights = type == DType.I8
            ? Blocked(builder, random, type, Columns, Depth, 32, true, Adversarial.Mood.Tame)
            : builder.Add("w", new Cast(DType.F32), builder.Parameter("p", random.Tensor(type, new Shape(Columns, Depth), Adversarial.Mood.Tame)));
        using CpuBackend backend = new(1, SimdLevel.V512);
        Executor executor = new(builder.Build(new GraphOutput("y", builder.Add("y", Dot.Plain, a, weights))), backend);
        executor.Run([x]);
        long bytes = type == DType.I8 ? Columns * Depth / 32 * 36 : Columns * Depth * 2;
        Assert.That(backend.PackedBytes, Is.EqualTo(bytes));
    }

    [Test]
    public void A_model_s_codes_are_found_behind_its_views([Values("MatMulNBits", "columns")] string form)
    {
        const int Columns = 64, Depth = 128, Block = 32, Blocks = Depth / Block;
        Adversarial random = new(7);
        Tensor x = random.Tensor(DType.F32, new Shape(1, Depth), Adversarial.Mood.Tame);
        NodeProto[] nodes;
        TensorProto[] initializers;
        byte[] Bytes(DType type, params long[] extents) => random.Tensor(type, new Shape(extents), Adversarial.Mood.Tame).Bytes.ToArray();
        TensorProto Raw(string name, DType type, params long[] extents) => Made.Raw(name, type, extents, Bytes(type, extents));
        if (form == "MatMulNBits")
        {
            NodeProto node = Made.Node(
                form,
                ["x", "w", "s"],
                ["y"],
                Made.Int("K", Depth),
                Made.Int("N", Columns),
                Made.Int("bits", 8),
                Made.Int("block_size", Block));
            node.Domain = "com.microsoft";
            nodes = [node];
            initializers = [Raw("w", DType.U8, Columns, Blocks, Block), Raw("s", DType.F32, Columns, Blocks)];
        }
        else
        {
            nodes =
            [
                Made.Node("DequantizeLinear", ["w", "s"], ["wide"], Made.Int("axis", 1)),
                Made.Node("MatMul", ["x", "wide"], ["y"]),
            ];
            initializers = [Raw("w", DType.I8, Depth, Columns), Raw("s", DType.F32, Columns)];
        }

        GraphProto graph = Made.Graph([Made.Value("x", DType.F32, [1, Depth])], [new ValueInfoProto { Name = "y" }], nodes);
        graph.Initializer.AddRange(initializers);
        ModelProto model = Made.Model(graph, opset: 23);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        Graph made = OnnxModel.Parse(model.ToByteArray()).Specialize([x]);
        using CpuBackend backend = new(1, SimdLevel.V512);
        using ReferenceBackend reference = new();
        Tensor y = new Executor(made, backend).Run([x])[0];
        int runs = form == "MatMulNBits" ? Blocks : 1;
        Assert.Multiple(() =>
        {
            Assert.That(y.Bytes.ToArray(), Is.EqualTo(new Executor(made, reference).Run([x])[0].Bytes.ToArray()));
            Assert.That(backend.PackedBytes, Is.EqualTo((Columns * Depth) + (Columns * runs * sizeof(float))));
        });
    }

    private static (Graph Graph, ImmutableArray<Tensor> Inputs) Product(int seed)
    {
        Adversarial random = new((ulong)seed ^ 0xD07);
        Adversarial.Mood mood = random.Of(Adversarial.Mood.Tame, Adversarial.Mood.Tame, Adversarial.Mood.Wild);
        GraphBuilder builder = new();
        int rows = random.Of(1, 1, 2, 3, 8, 40);
        int columns = random.Of(1, 3, 16, 31, 33, 64, 70, 130);
        int k = random.Of(1, 5, 40, 100, 256, 257, 300, 530);
        Tensor x = random.Tensor(DType.F32, random.Below(3) == 0 ? new Shape(2, rows, k) : new Shape(rows, k), mood);
        ValueRef a = builder.Input("x", x.Type);
        DType type = random.Of(DType.I8, DType.U8, DType.BF16, DType.F16);
        ValueRef w = type.IsReal() ? Widened(builder, random, type, columns, k, mood)
            : random.Below(2) == 0 ? Scaled(builder, random, type, columns, k, mood)
            : Blocked(builder, random, type, columns, k, random.Of(8, 16, 32, 48, 128), random.Below(2) == 0, mood);
        ValueRef b = x.Type.Shape.Rank == 3 ? builder.Expand("b", builder.Reshape("b", w, new Shape(1, columns, k)), new Shape(2, columns, k)) : w;
        ValueRef y = random.Below(3) == 0
            ? builder.Add("y", new Dot(random.Of(1f, 0.7f), 0.3f), a, b, builder.Expand(
                "c", builder.Parameter("c", random.Tensor(DType.F32, new Shape(columns), mood)), x.Type.Shape.With(x.Type.Shape.Rank - 1, columns)))
            : builder.Add("y", Dot.Plain, a, b);
        y = random.Below(2) == 0 ? builder.Add("relu", Relu.Instance, y) : y;
        if (random.Below(4) == 0)
        {
            // Others read the weights, too.
            ValueRef more = random.Below(2) == 0 ? builder.Add("more", Dot.Plain, a, b) : builder.Add("more", Relu.Instance, w);
            return (builder.Build(new GraphOutput("y", y), new GraphOutput("more", more)), [x]);
        }

        return (builder.Build(new GraphOutput("y", y)), [x]);
    }

    private static ValueRef Widened(GraphBuilder builder, Adversarial random, DType type, int columns, int k, Adversarial.Mood mood)
    {
        bool turned = random.Below(2) == 0;
        ValueRef given = builder.Parameter("w", random.Tensor(type, turned ? new Shape(k, columns) : new Shape(columns, k), mood));
        ValueRef wide = builder.Add("wide", new Cast(DType.F32), given);
        return turned ? builder.Transpose("turned", wide, 1, 0) : wide;
    }

    // One scale for all, or one a column.
    private static ValueRef Scaled(GraphBuilder builder, Adversarial random, DType type, int columns, int k, Adversarial.Mood mood)
    {
        bool turned = random.Below(2) == 0;
        Shape shape = turned ? new Shape(k, columns) : new Shape(columns, k);
        Shape row = turned ? new Shape(columns) : new Shape(columns, 1);
        Shape scales = random.Of(Shape.Scalar, row);
        Shape zeros = random.Of(Shape.Scalar, row);
        return Dequantized(builder, random, type, shape, scales, zeros, mood) is var w && turned ? builder.Transpose("turned", w, 1, 0) : w;
    }

    // One scale for each block of k; the last block of a column is cut.
    private static ValueRef Blocked(
        GraphBuilder builder, Adversarial random, DType type, int columns, int k, int block, bool turned, Adversarial.Mood mood)
    {
        int blocks = ((k - 1) / block) + 1;
        (Shape shape, Shape scales) = turned
            ? (new Shape(blocks, block, columns), new Shape(blocks, 1, columns))
            : (new Shape(columns, blocks, block), new Shape(columns, blocks, 1));
        ValueRef w = Dequantized(builder, random, type, shape, scales, random.Of(Shape.Scalar, scales), mood);
        w = builder.Reshape("rows", w, turned ? new Shape(blocks * block, columns) : new Shape(columns, blocks * block));
        w = builder.View("cut", w, map => map.Slice(turned ? 0 : 1, 0, 1, k));
        return turned ? builder.Transpose("turned", w, 1, 0) : w;
    }

    private static ValueRef Dequantized(
        GraphBuilder builder, Adversarial random, DType type, Shape shape, Shape scales, Shape zeros, Adversarial.Mood mood)
    {
        byte[] middle = new byte[zeros.Elements];
        middle.AsSpan().Fill((byte)(type == DType.U8 ? 128 : 0));
        Tensor zero = random.Below(2) == 0 ? new Tensor(new TensorType(type, zeros), middle) : random.Tensor(type, zeros);
        return builder.Add(
            "w",
            DequantizeLinear.Instance,
            builder.Parameter("codes", random.Tensor(type, shape)),
            builder.Expand("scales", builder.Parameter("scale", random.Tensor(DType.F32, scales, mood)), shape),
            builder.Expand("zeros", builder.Parameter("zero", zero), shape));
    }
}
