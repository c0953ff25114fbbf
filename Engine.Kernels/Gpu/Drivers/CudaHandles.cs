using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>The primary context of a device. It is given back after everything made in it.</summary>
internal sealed class CudaContext : SafeHandle
{
    private readonly int _device;

    /// <summary>Takes part in a device's primary context.</summary>
    internal CudaContext(int device)
        : base(0, ownsHandle: true)
    {
        _device = device;
        Cuda.Check(Cuda.cuDevicePrimaryCtxRetain(out nint context, device), nameof(Cuda.cuDevicePrimaryCtxRetain));
        SetHandle(context);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes the context this thread's: each thread has its own.</summary>
    internal void Enter() => Cuda.Check(Cuda.cuCtxSetCurrent(handle), nameof(Cuda.cuCtxSetCurrent));

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Cuda.cuDevicePrimaryCtxRelease_v2(_device) == Cuda.Success;
}

/// <summary>Something made in a context, which lives at least as long.</summary>
internal abstract class CudaHandle : SafeHandle
{
    private readonly CudaContext _context;

    /// <summary>Holds what was made.</summary>
    private protected CudaHandle(CudaContext context, nint made)
        : base(0, ownsHandle: true)
    {
        bool held = false;
        _context = context;
        _context.DangerousAddRef(ref held);
        SetHandle(made);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        bool given = Cuda.cuCtxSetCurrent(_context.DangerousGetHandle()) == Cuda.Success & Release() == Cuda.Success;
        _context.DangerousRelease();
        return given;
    }

    /// <summary>Gives it back; the context is this thread's.</summary>
    private protected abstract int Release();
}

/// <summary>A queue of commands.</summary>
internal sealed class CudaStream(CudaContext context, nint made) : CudaHandle(context, made)
{
    /// <inheritdoc/>
    private protected override int Release() => Cuda.cuStreamDestroy_v2(handle);
}

/// <summary>A compiled text.</summary>
internal sealed class CudaModule(CudaContext context, nint made) : CudaHandle(context, made)
{
    /// <inheritdoc/>
    private protected override int Release() => Cuda.cuModuleUnload(handle);
}

/// <summary>Memory of a device.</summary>
internal sealed class CudaMemory(CudaContext context, nint made) : CudaHandle(context, made)
{
    // What is queued may still use it.
    /// <inheritdoc/>
    private protected override int Release() => Cuda.cuCtxSynchronize() | Cuda.cuMemFree_v2(handle);
}
