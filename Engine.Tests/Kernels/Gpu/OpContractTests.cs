using System.Collections.Immutable;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Every op of the catalogue on the device, kernel or not, against its definition; whole and in all the ways that operands may lie.</summary>
[Category("gpu")]
internal sealed partial class OpContractTests
{
    // Ops whose f32 cases all run on the device, but those that give nothing.
    private static readonly string[] WithKernels =
    [
        "ArgMax", "AveragePool", "BatchNorm", "Concat", "Copy", "Cumulate", "Gather", "GatherElements", "GlobalAveragePool", "LayerNorm", "MaxPool",
        "Range", "Reduce", "Resample", "RmsNorm", "Scatter", "Softmax", "TopK",
    ];

    private static readonly string[] Larger = [.. PtxShapes.All().Select(shape => shape.Op.Name).Distinct()];

    private static readonly PtxShape[] Small = [.. SmallShapes.All()];

    // Ops without any kernel in these cases; at least one case of every other runs on the device.
    internal static readonly string[] WithoutKernels =
    [
        "BitCast", "BitShift", "Col2Im", "Det", "Dft", "GridSample", "Gru", "LpPool", "Lstm", "MaxRoiPool", "Mod", "Pow", "RandomBits", "Rnn", "RoiAlign",
        "View",
    ];

    private static readonly string[] Names = [.. Catalog.Cases().Select(row => row.Op.Name).Distinct().Order(StringComparer.Ordinal)];

    [Test]
    [Category("oclgrind")]
    public void Every_op_gives_the_bits_of_its_definition([ValueSource(nameof(Names))] string name)
    {
        GpuBackend backend = Opened.Backend();
        int kernels = 0;
        OpCase[] rows = [.. Catalog.Cases().Where(row => row.Op.Name == name)];
        foreach (OpCase row in rows)
        {
            Check(backend, row.Op, [.. row.Inputs.Select(input => Layouts.Whole(input))]);
            kernels += backend.LastRanKernel ? 1 : 0;
            if (WithKernels.Contains(name) && row.Inputs[0].Type.DType == DType.F32 && Gives(row))
            {
                Assert.That(backend.LastRanKernel, Is.True, () => $"{row} has a kernel");
            }
        }

        TestContext.Out.WriteLine($"{name}: {kernels} of {rows.Length} cases have a kernel");
        Assert.That(kernels, WithoutKernels.Contains(name) ? Is.GreaterThanOrEqualTo(0) : Is.GreaterThan(0), "cases that ran on the device");
    }

    [Test]
    public void Larger_shapes_go_other_ways([ValueSource(nameof(Larger))] string name)
        => Run([.. PtxShapes.All().Where(shape => shape.Op.Name == name)]);

    [Test]
    [Category("oclgrind")]
    public void Small_shapes_go_the_same_ways([ValueSource(nameof(Small))] PtxShape shape) => Run([shape]);

    [Test]
    public void Every_kernel_has_a_small_shape()
    {
        PtxShape[] rows = [.. Catalog.Cases().Select(row => new PtxShape(row.Op, [.. row.Inputs.Select(input => Layouts.Whole(input))]))];
        Assert.That(Run([.. PtxShapes.All()]).Except(Run([.. rows, .. SmallShapes.All()])), Is.Empty);
    }

    [Test]
    public void Operands_may_lie_in_any_way([ValueSource(nameof(Names))] string name)
    {
        GpuBackend backend = Opened.Backend();
        Adversarial random = new(11);
        int kernels = 0;
        foreach (OpCase row in Catalog.Cases().Where(row => row.Op.Name == name))
        {
            Check(backend, row.Op, [.. row.Inputs.Select(input => input.Type.Elements == 0 || row.Op.IsSteered
                ? Layouts.Whole(input)
                : random.Operand(input.Type.DType, input.Type.Shape, Mood.Wild))]);
            kernels += backend.LastRanKernel ? 1 : 0;
        }

        Assert.That(kernels, WithoutKernels.Contains(name) ? Is.GreaterThanOrEqualTo(0) : Is.GreaterThan(0), "cases that ran on the device");
    }

    private static bool Gives(OpCase row) => row.Op.Infer([.. row.Inputs.Select(input => input.Type)]).Any(type => type.Elements > 0);

    /// <returns>The kernels that ran; of those that differ in the width of what they read, the one for f32.</returns>
    private static HashSet<string> Run(PtxShape[] shapes)
    {
        using CountedDevice device = new(GpuTest.Device());
        using GpuBackend backend = new(device, GpuPlacement.Kernels, threads: 1);
        foreach (PtxShape shape in shapes)
        {
            (device.Units, device.Capability) = (shape.Units, shape.Capability);
            Check(backend, shape.Op, shape.Operands);
        }

        return [.. device.Ran.Select(kernel => HalfName().Replace(kernel, "_f32"))];
    }

    [GeneratedRegex("_b?f16$")]
    private static partial Regex HalfName();

    /// <summary>Compares all outputs of an op.</summary>
    internal static void Check(GpuBackend backend, Op op, ImmutableArray<Operand> operands)
    {
        ImmutableArray<TensorType> types = op.Infer([.. operands.Select(operand => operand.Type)]);
        ImmutableArray<Tensor> expected = ReferenceBackend.Evaluate(op, [.. operands.Select(operand => operand.ToTensor())]);
        Differential.Compare(
            Differential.Run(backend, op, operands),
            types,
            expected,
            () => $"{op} on {string.Join(", ", operands.Select(operand => $"{operand.Type} {operand.Map}"))} on {backend.DeviceName}");
    }
}
