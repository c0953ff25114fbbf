using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>A device has no memory for a buffer, or its budget has not. Who can runs the work elsewhere or in parts.</summary>
internal sealed class GpuMemoryException(string message) : BackendException(message);
