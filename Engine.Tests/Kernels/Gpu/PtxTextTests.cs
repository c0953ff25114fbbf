using System.Diagnostics;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;
using VerifiableCompute.Engine.Tests.House;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The PTX that is checked in is what clang 19 makes of the texts.</summary>
internal sealed class PtxTextTests
{
    [Test]
    public void A_driver_reads_from_it_what_is_there([ValueSource(typeof(KernelTexts), nameof(KernelTexts.Names))] string name)
    {
        PtxText text = new(KernelTexts.Ptx(name) ?? throw new BackendException($"{name} has no PTX"));
        foreach (PtxEntry entry in PtxParser.Parse(text.For(80)).Entries)
        {
            (int group, IReadOnlyList<int> parameters) = text.Entry(entry.Name);
            Assert.That(group, Is.EqualTo(entry.GroupSize), entry.Name);
            Assert.That(parameters, Is.EqualTo(entry.Parameters.Select(parameter => parameter.Size)), entry.Name);
        }
    }

    [Test]
    [Category("gpu")]
    public void Ptx_is_made_from_the_texts()
    {
        NeedsClang();
        Generate(["--check"]);
    }

    /// <summary>Skips a test, or fails it where all is required, if there is no clang 19.</summary>
    internal static void NeedsClang()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "clang-19"))))
        {
            const string Reason = "clang-19 is not on the PATH.";
            if (Environment.GetEnvironmentVariable("VC_REQUIRE_OPENCL") == "1")
            {
                Assert.Fail(Reason);
            }

            Assert.Ignore(Reason);
        }
    }

    /// <summary>Runs ptx.sh, which must end well.</summary>
    internal static void Generate(IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "Engine.Kernels", "Gpu", "ptx.sh"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string differences = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, () => $"run Engine.Kernels/Gpu/ptx.sh\n{differences[..Math.Min(differences.Length, 2000)]}\n{errors.Result}");
    }
}
