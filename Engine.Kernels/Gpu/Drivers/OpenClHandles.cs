using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>A reference to an object of OpenCL. The driver counts references itself: they may be given back in any order, and an object lives
/// while a queued command uses it.</summary>
internal abstract class ClHandle() : SafeHandle(0, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;
}

/// <summary>A context.</summary>
internal sealed class ClContext : ClHandle
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenCl.clReleaseContext(handle) == OpenCl.Success;
}

/// <summary>A queue of commands.</summary>
internal sealed class ClQueue : ClHandle
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenCl.clReleaseCommandQueue(handle) == OpenCl.Success;
}

/// <summary>A compiled text.</summary>
internal sealed class ClProgram : ClHandle
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenCl.clReleaseProgram(handle) == OpenCl.Success;
}

/// <summary>A kernel with its arguments.</summary>
internal sealed class ClKernel : ClHandle
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenCl.clReleaseKernel(handle) == OpenCl.Success;
}

/// <summary>Memory of a device.</summary>
internal sealed class ClMemory : ClHandle
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenCl.clReleaseMemObject(handle) == OpenCl.Success;
}

/// <summary>Something that happens.</summary>
internal sealed class ClEvent : ClHandle
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenCl.clReleaseEvent(handle) == OpenCl.Success;
}
