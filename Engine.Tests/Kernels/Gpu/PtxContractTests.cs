using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Lowering;
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

    private GpuBackend Backend => _backend ??= new GpuBackend(_device, GpuPlacement.Kernels, threads: 1);

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
            .. from text in KernelTexts.Names.Except(["Hash", "Functions"]) // GpuHasherTests and GpuFunctionTests run them.
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
