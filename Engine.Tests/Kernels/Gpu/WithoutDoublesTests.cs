using System.Globalization;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Lowering;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device without f64 runs the same nodes by the same texts, with the same bits: see Texts/doubles.h.</summary>
internal sealed partial class WithoutDoublesTests
{
    // What Oclgrind runs too: functions through f64, ops in it, conversions.
    private static readonly string[] Few = ["Asinh", "BatchNorm", "Cast", "RmsNorm", "Sin"];

    private static readonly string[] Names = [.. Catalog.Cases().Select(row => row.Op.Name).Distinct().Order(StringComparer.Ordinal)];

    private GpuBackend? _backend;

    [OneTimeTearDown]
    public void Close() => _backend?.Dispose();

    [TestCaseSource(nameof(Cases))]
    [Category("gpu")]
    public void Every_op_gives_the_bits_of_its_definition(string name)
    {
        using GpuBackend? own = Environment.GetEnvironmentVariable("VC_EXPECT_DEVICE") is null ? null
            : new GpuBackend(GpuTest.OpenCl(hasDoubles: false), GpuPlacement.Kernels, threads: 1);
        GpuBackend backend = own ?? Backend();
        int kernels = 0;
        foreach (OpCase row in Catalog.Cases().Where(row => row.Op.Name == name))
        {
            OpContractTests.Check(backend, row.Op, [.. row.Inputs.Select(input => Layouts.Whole(input))]);
            kernels += backend.LastRanKernel ? 1 : 0;
        }

        Assert.That(kernels, OpContractTests.WithoutKernels.Contains(name) ? Is.Not.Negative : Is.Positive);
        TestContext.Out.WriteLine($"{name}: {kernels} cases have a kernel");
    }

    [Test]
    [Category("gpu")]
    public void Receipts_are_those_of_every_other_backend([ValueSource(typeof(GpuModelTests), nameof(GpuModelTests.Models))] string model)
        => GpuModelTests.Check(Backend(), model, Policy.Atomic);

    /// <summary>No text has an operation of f64 left.</summary>
    [Test]
    [Category("gpu")]
    public void Nothing_of_f64_is_compiled()
    {
        PtxTextTests.NeedsClang();
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            string[] texts = [.. KernelTexts.Names.Select(name => $"Texts/{name}.cl")];
            PtxTextTests.Generate(["--without-f64", folder.FullName, .. texts]);
            foreach (string name in KernelTexts.Names)
            {
                Assert.That(File.ReadLines(Path.Combine(folder.FullName, name + ".ptx")).Where(line => OfDoubles().IsMatch(line)), Is.Empty, name);
            }

            Assert.That(OfDoubles().Count(KernelTexts.Ptx("Functions")!), Is.GreaterThan(100), "it is seen where it is");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A constant is its value on one device and its bits on another.</summary>
    [Test]
    public void A_constant_has_its_bits()
    {
        int constants = 0;
        foreach (string file in House.Repository.Files("Engine.Kernels/Gpu/Texts", "*.*"))
        {
            string text = File.ReadAllText(Path.Combine(House.Repository.Root, file));
            foreach (Match match in Constant().Matches(text))
            {
                double value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                Assert.That($"{BitConverter.DoubleToUInt64Bits(value):x16}", Is.EqualTo(match.Groups[2].Value), match.Value);
                constants++;
            }

            Assert.That(Constant().Count(text), Is.EqualTo(Named().Count(text)), file);
        }

        Assert.That(constants, Is.GreaterThan(60));
    }

    private static IEnumerable<TestCaseData> Cases()
        => Names.Select(name => Few.Contains(name) ? new TestCaseData(name).SetCategory("oclgrind") : new TestCaseData(name));

    private GpuBackend Backend() => _backend ??= new GpuBackend(GpuTest.OpenCl(hasDoubles: false), GpuPlacement.Kernels);

    [GeneratedRegex(@"\bF64\((-?[0-9.e+-]+), 0x([0-9a-f]{16})ul\)")]
    private static partial Regex Constant();

    [GeneratedRegex(@"\.f64\b|%fd\d")]
    private static partial Regex OfDoubles();

    [GeneratedRegex(@"\bF64\((?!value)")]
    private static partial Regex Named();
}
