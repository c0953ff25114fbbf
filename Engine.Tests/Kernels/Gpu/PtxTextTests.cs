using System.Diagnostics;

using NUnit.Framework;

using VerifiableCompute.Engine.Tests.House;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The PTX that is checked in is what clang 19 makes of the texts.</summary>
[Category("gpu")]
internal sealed class PtxTextTests
{
    [Test]
    public void Ptx_is_made_from_the_texts()
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

        ProcessStartInfo start = new(Path.Combine(Repository.Root, "Engine.Kernels", "Gpu", "ptx.sh"), "--check")
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
