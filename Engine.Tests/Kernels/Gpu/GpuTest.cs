using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>What tests of devices need. They are of category gpu; what is not installed skips them, or fails them if VC_REQUIRE_OPENCL is 1.</summary>
internal static class GpuTest
{
    /// <summary>The first OpenCL device.</summary>
    /// <param name="budget">Bytes it may hold.</param>
    /// <param name="source">Texts in place of the embedded ones.</param>
    /// <param name="hasDoubles">Whether its f64 may be used.</param>
    internal static OpenClDevice OpenCl(long? budget = null, Func<string, string>? source = null, bool hasDoubles = true)
    {
        IReadOnlyList<nint> devices = [];
        try
        {
            devices = OpenClDevice.Find();
        }
        catch (DllNotFoundException)
        {
        }

        if (devices.Count == 0)
        {
            return Missing<OpenClDevice>("no OpenCL device");
        }

        GpuDescription description = OpenClDevice.Describe(devices[0]);
        Assert.That(description.Name, Does.Contain(Environment.GetEnvironmentVariable("VC_EXPECT_DEVICE") ?? string.Empty), "the device that was meant");
        return new OpenClDevice(devices[0], description with { HasDoubles = description.HasDoubles && hasDoubles }, budget, source);
    }

    /// <summary>The first OpenCL device, with memory that Oclgrind can follow if it is Oclgrind's.</summary>
    internal static IGpuDevice Device()
        => Environment.GetEnvironmentVariable("VC_EXPECT_DEVICE") == "Oclgrind" ? new WatchedDevice(OpenCl(long.MaxValue)) : OpenCl();

    /// <summary>Compiles a C file beside this one into a library.</summary>
    /// <param name="source">The file.</param>
    /// <param name="folder">Where the library goes.</param>
    /// <returns>The library's path.</returns>
    internal static string Compile(string source, string folder)
    {
        string library = Path.Combine(folder, Path.ChangeExtension(source, ".so"));
        ProcessStartInfo start = new("sh")
        {
            RedirectStandardError = true,
            ArgumentList =
            {
                "-c",
                "cc=$(command -v cc || command -v gcc || command -v clang) || exit 127; exec \"$cc\" -O1 -Wall -Werror -fPIC -shared -o \"$1\" \"$2\"",
                "sh",
                library,
                Path.Combine(House.Repository.Root, "Engine.Tests", "Kernels", "Gpu", source),
            },
        };
        using Process compiler = Process.Start(start)!;
        string words = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode == 127)
        {
            Missing<string>("no C compiler");
        }

        Assert.That(compiler.ExitCode, Is.Zero, words);
        return library;
    }

    /// <summary>Skips the test, or fails it.</summary>
    internal static T Missing<T>(string what)
    {
        if (Environment.GetEnvironmentVariable("VC_REQUIRE_OPENCL") == "1")
        {
            Assert.Fail(what);
        }

        Assert.Ignore(what);
        throw new UnreachableException();
    }
}

/// <summary>A second copy of the product and its tests in this process. A driver's library is bound once for each copy, so this one can have
/// another than the rest of the tests.</summary>
/// <param name="variable">The environment variable that names the library.</param>
/// <param name="library">The library.</param>
internal sealed class OtherCopy(string variable, string library) : AssemblyLoadContext
{
    private static readonly AssemblyLoadContext Home = GetLoadContext(typeof(OtherCopy).Assembly)!;

    /// <summary>Runs code of this assembly in the copy.</summary>
    /// <param name="body">A function that captures nothing; its argument is of a type that both have.</param>
    /// <param name="argument">Its argument.</param>
    internal void Run<T>(Action<T> body, T argument)
    {
        MethodBase method = LoadFromAssemblyPath(typeof(OtherCopy).Assembly.Location).ManifestModule.ResolveMethod(body.Method.MetadataToken)!;
        string? before = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, library);
        try
        {
            object? target = method.IsStatic ? null : RuntimeHelpers.GetUninitializedObject(method.DeclaringType!);
            method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, [argument], null);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }

    /// <inheritdoc/>
    protected override Assembly Load(AssemblyName assemblyName) => assemblyName.Name!.StartsWith("VerifiableCompute.", StringComparison.Ordinal)
        ? LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(typeof(OtherCopy).Assembly.Location)!, assemblyName.Name + ".dll"))
        : Home.LoadFromAssemblyName(assemblyName);
}
