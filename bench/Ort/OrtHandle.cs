using System.Runtime.InteropServices;

namespace VerifiableCompute.Bench.Ort;

/// <summary>Owns one object of the library.</summary>
internal sealed unsafe class OrtHandle : SafeHandle
{
    private readonly OrtFunction _release;

    public OrtHandle(void* pointer, OrtFunction release)
        : base(0, ownsHandle: true)
    {
        _release = release;
        SetHandle((nint)pointer);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The object; the handle must outlive the use.</summary>
    public void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (void*)handle;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        OrtApi.Release(_release, handle);
        return true;
    }
}
