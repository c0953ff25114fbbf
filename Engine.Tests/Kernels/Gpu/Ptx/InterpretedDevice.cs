using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>A device that runs PTX texts one instruction after another: what an NVIDIA GPU would do by the manual. Kernels run at once.</summary>
/// <param name="ptx">The PTX of a text, by the text's name.</param>
/// <param name="watch">Whether races are looked for.</param>
/// <param name="mostSteps">Instructions after which a kernel is stopped, all launches together.</param>
internal sealed class InterpretedDevice(Func<string, string> ptx, bool watch = true, long mostSteps = 1L << 36) : IGpuDevice
{
    private const long Budget = 1L << 30;
    private const byte Paint = 0xC3;

    private readonly PtxMemory _memory = new();
    private readonly Dictionary<string, Dictionary<string, Entry>> _texts = [];
    private PtxMachine? _machine;
    private int _buffers;

    /// <inheritdoc/>
    public GpuDescription Description { get; set; } = new(
        "cuda", "PTX interpreter", "tests", "1", Units: 4, MemoryBytes: Budget, LargestBuffer: Budget, FloatConfig: 0xBF, HasDoubles: true, Capability: 80);

    /// <inheritdoc/>
    public long HeldBytes { get; private set; }

    /// <summary>Instructions done so far.</summary>
    public long Steps => Machine.Steps;

    /// <summary>Entries that were launched, by text and name.</summary>
    public SortedSet<string> Launched { get; } = new(StringComparer.Ordinal);

    private PtxMachine Machine => _machine ??= new PtxMachine(_memory, watch ? new PtxRaces() : null, mostSteps);

    /// <inheritdoc/>
    public GpuBuffer Allocate(long bytes)
    {
        if (HeldBytes + bytes > Budget)
        {
            throw new GpuMemoryException($"{bytes} bytes beside {HeldBytes} are more than {Budget}");
        }

        byte[] memory = new byte[bytes];
        memory.AsSpan().Fill(Paint);
        PtxRegion region = _memory.AddBuffer($"buffer {_buffers++}", memory);
        if (watch)
        {
            region.Watch();
        }

        HeldBytes += bytes;
        return new Memory(this, region);
    }

    /// <inheritdoc/>
    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(Bytes(buffer).AsSpan(checked((int)offset)));

    /// <inheritdoc/>
    public void Read(GpuBuffer buffer, long offset, Span<byte> bytes) => Bytes(buffer).AsSpan(checked((int)offset), bytes.Length).CopyTo(bytes);

    /// <inheritdoc/>
    public void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes) =>
        Bytes(from).AsSpan(checked((int)fromOffset), checked((int)bytes)).CopyTo(Bytes(to).AsSpan(checked((int)toOffset)));

    /// <inheritdoc/>
    public GpuKernel Kernel(string text, string entry)
    {
        if (!_texts.TryGetValue(text, out Dictionary<string, Entry>? kernels))
        {
            kernels = Load(text);
            _texts.Add(text, kernels);
        }

        return kernels.TryGetValue(entry, out Entry? kernel) ? kernel : throw new BackendException($"{text} has no kernel {entry}");
    }

    /// <inheritdoc/>
    public void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        if (groups.X < 0 || groups.X > int.MaxValue || groups.Y is < 0 or > 65_535 || groups.Z is < 0 or > 65_535)
        {
            throw new BackendException($"{groups} is no grid");
        }

        PtxProgram program = ((Entry)kernel).Program;
        if (arguments.Length != program.Parameters.Length)
        {
            throw new BackendException($"{kernel.Name} takes {program.Parameters.Length} arguments, not {arguments.Length}");
        }

        byte[] parameters = new byte[arguments.Length == 0 ? 0 : program.Parameters[^1].Offset + program.Parameters[^1].Size];
        for (int i = 0; i < arguments.Length; i++)
        {
            GpuArgument argument = arguments[i];
            ulong bits = argument.Size > 0 ? argument.Bits : argument.Buffer is null ? 0 : ((Memory)argument.Buffer).Region.Start;
            int size = argument.Size > 0 ? argument.Size : sizeof(ulong);
            if (size != program.Parameters[i].Size)
            {
                throw new BackendException($"argument {i} of {kernel.Name} has {program.Parameters[i].Size} bytes, not {size}");
            }

            BitConverter.GetBytes(bits).AsSpan(0, size).CopyTo(parameters.AsSpan(program.Parameters[i].Offset));
        }

        _ = Launched.Add(kernel.Name);
        Machine.Launch(program, groups, parameters);
    }

    /// <inheritdoc/>
    public void Finish(CancellationToken cancellation = default) => cancellation.ThrowIfCancellationRequested();

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static byte[] Bytes(GpuBuffer buffer) => ((Memory)buffer).Region.Bytes;

    private Dictionary<string, Entry> Load(string text)
    {
        PtxModule module = PtxParser.Parse(ptx(text));
        Dictionary<string, ulong> addresses = [];
        foreach (PtxVariable variable in module.Variables.Where(variable => variable.Space != ".shared"))
        {
            byte[] bytes = variable.Initial.IsDefault ? new byte[variable.Bytes] : [.. variable.Initial];
            PtxRegion region = variable.Space == ".const"
                ? _memory.AddConstants(variable.Name, bytes)
                : _memory.AddBuffer(variable.Name, bytes, constant: true);
            addresses.Add(variable.Name, region.Start);
        }

        IEnumerable<PtxVariable> shared = module.Variables.Where(variable => variable.Space == ".shared");
        return module.Entries.ToDictionary(
            entry => entry.Name, entry => new Entry($"{text}.{entry.Name}", new PtxProgram(entry, shared, addresses)));
    }

    private sealed class Memory(InterpretedDevice device, PtxRegion region) : GpuBuffer(region.Bytes.Length)
    {
        private bool _disposed;

        public PtxRegion Region => _disposed ? throw new ObjectDisposedException(region.Name) : region;

        public override void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                device._memory.Remove(region);
                device.HeldBytes -= region.Bytes.Length;
            }
        }
    }

    private sealed record Entry(string Name, PtxProgram Program) : GpuKernel(Name, Program.GroupSize);
}
