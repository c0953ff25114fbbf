using System;
using System.Globalization;
using System.Linq;
using System.Text;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Engine.Kernels.Gpu.Admission;

/// <summary>That a device gave the known answers: a text whose bytes somebody may sign.</summary>
/// <param name="Device">What the device says of itself.</param>
/// <param name="Texts">Hash of all kernel texts.</param>
/// <param name="Cases">Number of answers that were compared.</param>
/// <param name="Answers">Hash of the answers, which are the definition's.</param>
public sealed record Certificate(GpuDescription Device, Digest Texts, long Cases, Digest Answers)
{
    /// <summary>The hash of the kernel texts of this build.</summary>
    internal static Digest TextsHere { get; } = Ids.Of(
        "kernel texts",
        Encoding.UTF8.GetBytes(string.Concat(KernelTexts.Names.Select(name => name + "\n" + KernelTexts.Source(name) + KernelTexts.Ptx(name)))));

    /// <summary>Tells device, driver, texts and library apart: what was found for one does not hold for another.</summary>
    internal Digest Subject => SubjectOf(Device);

    /// <summary>The text: a line each, always the same for the same device, driver and library.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        VerifiableCompute device certificate 1
        driver: {Line(Device.Driver)}
        device: {Line(Device.Name)}
        vendor: {Line(Device.Vendor)}
        version: {Line(Device.Version)}
        float config: 0x{Device.FloatConfig:X}
        f64: {Doubles(Device)}
        texts: {Texts}
        library: {Library}
        cases: {Cases}
        answers: {Answers}

        """).ReplaceLineEndings("\n");

    /// <summary>The subject of a device under this library.</summary>
    internal static Digest SubjectOf(GpuDescription device) => Ids.Of(
        "device", Encoding.UTF8.GetBytes(string.Join('\n', device.Driver, device.Name, device.Vendor, device.Version, Doubles(device), TextsHere, Library)));

    // Changes with every build, and so with every change of what is compared.
    private static Guid Library => typeof(Certificate).Module.ModuleVersionId;

    private static string Doubles(GpuDescription device) => device.HasDoubles ? "the device's" : "in integers";

    // What a driver says stays on its line.
    private static string Line(string said) => string.Concat(said.Select(c => char.IsControl(c) ? ' ' : c));
}
