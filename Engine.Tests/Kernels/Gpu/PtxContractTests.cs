using System.Collections.Immutable;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Lowering;
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

    private static readonly string[] Chained = [.. Followed.All.Select(one => one.Kernel).Distinct()];

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

    [Test]
    public void Chains_behind_products_give_the_bits_of_both_definitions([ValueSource(nameof(Chained))] string kernel)
    {
        Follow(kernel);
        Assert.That(_device.Launched, Does.Contain(kernel));
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
    public void Attentions_give_the_bits_of_their_nodes([Values] Mask mask)
    {
        TestContext.Out.WriteLine(Attended(mask));
        Assert.That(Backend.MovedStages, Is.Zero);
    }

    [Test]
    public void Every_kernel_was_run()
    {
        _ = Admitted();
        foreach (Mask mask in Enum.GetValues<Mask>())
        {
            _ = Attended(mask);
        }

        foreach (string name in Names)
        {
            _ = Once(name);
        }

        foreach (string kernel in Chained.Except(_device.Launched))
        {
            Follow(kernel);
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

    // A product of codes has other chains than one of reals.
    private void Follow(string kernel)
    {
        int chains = 4;
        foreach (Followed product in Followed.All.Where(one => one.Kernel == kernel))
        {
            GpuDescription before = _device.Description;
            _device.Description = before with { Units = product.Units, Capability = product.Capability };
            for (int chain = 0; chain < chains; chain++)
            {
                (Graph graph, ImmutableArray<Tensor> inputs) = product.Make((ulong)chain, chain, chain == 0 ? Mood.Wild : Mood.Finite);
                Followed.Check(Backend, graph, inputs, value => (value.Index + chain) % 3 == 0, () => $"{kernel}, chain {chain}");
            }

            _device.Description = before;
            chains = 1;
        }
    }

    private string Admitted() => _admitted ??= DeviceCheck.Run(_device, AdmissionInputs).ToString();

    // By tiles on one multiprocessor; few rows, and on many multiprocessors, by products.
    private string Attended(Mask mask)
    {
        if (!_done.TryGetValue($"{mask}", out string? done))
        {
            long steps = _device.Steps;
            GpuDescription before = _device.Description;
            foreach (int units in new[] { 1, 100_000 })
            {
                _device.Description = before with { Units = units };
                foreach (AttentionCase made in AttentionCase.Few([mask]))
                {
                    GpuAttentionTests.Check(Backend, made, new Adversarial(15));
                }
            }

            _device.Description = before;
            done = $"{mask}: {(_device.Steps - steps) / 1e6:f1} million instructions";
            _done.Add($"{mask}", done);
        }

        return done;
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
