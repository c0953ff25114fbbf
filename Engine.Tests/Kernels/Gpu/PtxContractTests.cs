using System.Collections.Immutable;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Every op of the catalogue on the interpreter of the PTX that is checked in, against its definition: bits, bounds, barriers and races.</summary>
[Category("gpu")]
internal sealed partial class PtxContractTests
{
    private const int AdmissionInputs = 1 << 16;

    private static readonly ILookup<string, OpCase> Cases = Catalog.Cases().ToLookup(row => row.Op.Name);
    private static readonly string[] Names = [.. Cases.Select(rows => rows.Key).Order(StringComparer.Ordinal)];

    private readonly InterpretedDevice _device = new(text => KernelTexts.Ptx(text) ?? throw new BackendException($"{text} has no PTX"));
    private readonly Dictionary<string, string> _done = [];
    private GpuBackend? _backend;
    private string? _admitted;

    private GpuBackend Backend => _backend ??= new GpuBackend(_device, threads: 1);

    [OneTimeTearDown]
    public void Close() => _backend?.Dispose();

    [Test]
    public void Every_op_gives_the_bits_of_its_definition([ValueSource(nameof(Names))] string name)
    {
        TestContext.Out.WriteLine(Once(name));
        Assert.That(Backend.MovedStages, Is.Zero);
    }

    [TestCase("mnist-factorio-fp32")]
    [TestCase("mnist-factorio-int8dyn")]
    [TestCase("mnist-cntk-op8")]
    [TestCase("cnn-mnist-tribuo")]
    public void Whole_models_give_their_receipts(string model)
    {
        (long steps, long stages) = (_device.Steps, Backend.DeviceStages);
        GpuModelTests.Check(Backend, model, Policy.Compact2);
        Assert.That(Backend.DeviceStages, Is.GreaterThan(stages), "the device ran something");
        TestContext.Out.WriteLine($"{model}: {Backend.DeviceStages - stages} stages on the device, {(_device.Steps - steps) / 1e6:f1} million instructions");
    }

    [Test]
    public void The_interpreter_is_admitted()
    {
        TestContext.Out.WriteLine(Admitted());
    }

    [Test]
    public void Contracted_PTX_is_refused()
    {
        using InterpretedDevice device = new(text => Product().Replace(KernelTexts.Ptx(text)!, "${between}fma.rn.f32 ${sum}, ${a}, ${b}, ${c};"), watch: false);
        Assert.That(() => DeviceCheck.Run(device, AdmissionInputs), Throws.TypeOf<BackendException>().With.Message.Contains("two roundings of"));
    }

    [Test]
    public void Every_kernel_was_run()
    {
        _ = Admitted();
        foreach (string name in Names)
        {
            _ = Once(name);
        }

        string[] entries =
        [
            .. from text in KernelTexts.Names.Except(["Hash"]) // GpuHasherTests run it.
               from entry in PtxParser.Parse(KernelTexts.Ptx(text)!).Entries
               where _device.Kernel(text, entry.Name).GroupSize == entry.GroupSize
               select $"{text}.{entry.Name}",
        ];
        Assert.That(entries.Except(_device.Launched), Is.Empty);
    }

    // A product and the sum that it goes into.
    [GeneratedRegex(@"(?<between>mul\.rn\.f32\s+(?<p>%f\d+), (?<a>%f\d+), (?<b>%f\d+);[^}]*?)add\.rn\.f32\s+(?<sum>%f\d+), \k<p>, (?<c>%f\d+);")]
    private static partial Regex Product();

    private string Admitted() => _admitted ??= DeviceCheck.Run(_device, AdmissionInputs).ToString();

    // Past the edges of tiles and blocks, and types that the catalogue has not.
    private static IEnumerable<OpCase> Larger()
    {
        Adversarial values = new(17);
        Tensor Value(DType type, params ReadOnlySpan<long> dimensions) => values.Tensor(type, new Shape(dimensions), values.Of(Mood.Tame, Mood.Finite, Mood.Wild));
        OpCase Case(Op op, params ImmutableArray<Tensor> inputs) => new($"larger {op.Name}", op, inputs);
        yield return Case(new Concat(0), Value(DType.F16, 3, 5), Value(DType.F16, 2, 5));
        foreach ((int m, int n) in ((int, int)[])[(50, 61), (9, 70), (3, 70)])
        {
            yield return Case(DotInteger.Instance, Value(DType.U8, m, 70), Value(DType.I8, n, 70), Value(DType.U8, m), Value(DType.I8, n));
        }

        foreach ((int kernels, int width) in ((int, int)[])[(50, 12), (9, 5), (2, 5)])
        {
            Window window = new([3, 3], [1, 1], [1, 2], [1, 1], [1, 1], [5, width - 2]);
            yield return Case(
                new ConvInteger(window, 2), Value(DType.I8, 1, 6, 5, width), Value(DType.U8, 2 * kernels, 3, 3, 3), Value(DType.I8), Value(DType.U8, 2 * kernels));
        }

        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
        {
            yield return Case(Dot.Plain, Value(type, 2, 67, 260), Value(type, 2, 70, 260));
            yield return Case(Dot.Plain, Value(type, 130, 20), Value(type, 300, 20));
            yield return Case(new Dot(0.5f, 3f), Value(type, 66, 515), Value(type, 3, 515), Value(type, 66, 3));
            yield return Case(new Dot(2f, -1f), Value(type, 1, 1100), Value(type, 90, 1100), Value(type, 1, 90));
            Window window = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [10, 12]);
            yield return Case(new Conv(window, 1), Value(type, 2, 3, 10, 12), Value(type, 130, 3, 3, 3), Value(type, 130));
            yield return Case(new Conv(window, 2), Value(type, 1, 6, 10, 12), Value(type, 40, 3, 3, 3));
            yield return Case(new Conv(window, 3), Value(type, 1, 3, 10, 12), Value(type, 6, 1, 3, 3), Value(type, 6));
        }

        foreach (DType type in new[] { DType.F64, DType.U8, DType.I16, DType.I32, DType.U64 })
        {
            yield return Case(Dot.Plain, Value(type, 2, 17, 35), Value(type, 2, 16, 35), Value(type, 2, 17, 16));
        }
    }

    // Whole operands, and where there is a kernel operands that lie in another way too.
    private string Once(string name)
    {
        if (!_done.TryGetValue(name, out string? done))
        {
            int kernels = 0;
            long steps = _device.Steps;
            Adversarial random = new(13);
            foreach (OpCase row in Cases[name])
            {
                OpContractTests.Check(Backend, row.Op, [.. row.Inputs.Select(input => Layouts.Whole(input))]);
                if (Backend.LastRanKernel)
                {
                    kernels++;
                    OpContractTests.Check(Backend, row.Op, [.. row.Inputs.Select(input => input.Type.Elements == 0 || row.Op.IsSteered
                        ? Layouts.Whole(input)
                        : random.Operand(input.Type.DType, input.Type.Shape, Mood.Wild))]);
                }
            }

            foreach (PtxShape shape in PtxShapes.All().Where(shape => shape.Op.Name == name))
            {
                GpuDescription before = _device.Description;
                _device.Description = before with { Units = shape.Units, Capability = shape.Capability };
                OpContractTests.Check(Backend, shape.Op, shape.Operands);
                _device.Description = before;
                Assert.That(Backend.LastRanKernel, Is.True);
            }

            done = $"{name}: {kernels} of {Cases[name].Count()} cases have a kernel; {(_device.Steps - steps) / 1e6:f1} million instructions";
            _done.Add(name, done);
        }

        return done;
    }
}
