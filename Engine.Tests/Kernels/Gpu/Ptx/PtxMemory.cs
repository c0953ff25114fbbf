namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>Where an instruction looks for an address.</summary>
internal enum PtxSpace
{
    /// <summary>Any: the address tells.</summary>
    Generic,

    /// <summary>The device's memory.</summary>
    Global,

    /// <summary>A group's.</summary>
    Shared,

    /// <summary>A thread's.</summary>
    Local,

    /// <summary>A module's constants.</summary>
    Const,
}

/// <summary>A buffer or a variable: bytes at addresses of their own, far from all others. Any access outside is an error.</summary>
internal sealed class PtxRegion(string name, byte[] bytes, ulong start, bool constant = false, bool shared = false)
{
    public string Name => name;

    public byte[] Bytes { get; } = bytes;

    public ulong Start => start;

    public bool Constant => constant;

    /// <summary>Whether it is each group's own.</summary>
    public bool Shared => shared;

    /// <summary>Who wrote a byte last and who read it: turn and thread, see <see cref="PtxRaces"/>. Null where nobody watches.</summary>
    public ulong[]? Written { get; private set; }

    public ulong[]? Read { get; private set; }

    /// <summary>From now on who reads and writes is noted.</summary>
    public void Watch()
    {
        Written ??= new ulong[Bytes.Length];
        Read ??= new ulong[Bytes.Length];
    }
}

/// <summary>Addresses of all spaces as one line of numbers: shared, local and constant variables below 2^32, buffers above, each alone in a block of its
/// own and in the middle of it, so that neither a wrong offset nor a wrapped index falls on another.</summary>
internal sealed class PtxMemory
{
    private const int VariableShift = 18;
    private const int BufferShift = 40;
    private const ulong SharedBase = 0x1000_0000;
    private const ulong LocalBase = 0x2000_0000;
    private const ulong ConstBase = 0x3000_0000;
    private const ulong SpaceEnd = 0x1000_0000;

    private readonly List<PtxRegion?> _buffers = [];
    private readonly List<PtxRegion?> _constants = [];

    /// <summary>The shared variables of the group that runs.</summary>
    public IReadOnlyList<PtxRegion?> Shared { get; set; } = [];

    /// <summary>The local variables of the thread that runs.</summary>
    public IReadOnlyList<PtxRegion?> Local { get; set; } = [];

    /// <summary>Address of the shared or local variable of a number.</summary>
    public static ulong Place(PtxSpace space, int index) =>
        (space == PtxSpace.Shared ? SharedBase : LocalBase) + ((ulong)index << VariableShift) + (1UL << (VariableShift - 1));

    /// <summary>New device memory.</summary>
    public PtxRegion AddBuffer(string name, byte[] bytes, bool constant = false)
    {
        PtxRegion region = new(name, bytes, ((ulong)(_buffers.Count + 1) << BufferShift) + (1UL << (BufferShift - 1)), constant);
        _buffers.Add(region);
        return region;
    }

    /// <summary>New constants of a module.</summary>
    public PtxRegion AddConstants(string name, byte[] bytes)
    {
        PtxRegion region = new(name, bytes, ConstBase + ((ulong)_constants.Count << VariableShift) + (1UL << (VariableShift - 1)), constant: true);
        _constants.Add(region);
        return region;
    }

    /// <summary>The addresses are nobody's from now on.</summary>
    public void Remove(PtxRegion buffer) => _buffers[_buffers.IndexOf(buffer)] = null;

    /// <summary>The region that an access lies in, wholly and aligned to its size.</summary>
    /// <param name="space">The space that the instruction names.</param>
    /// <param name="address">The address.</param>
    /// <param name="size">Bytes touched; a power of two.</param>
    /// <param name="offset">Where in the region.</param>
    public PtxRegion Find(PtxSpace space, ulong address, int size, out int offset)
    {
        PtxRegion? region = space switch
        {
            PtxSpace.Global => At(_buffers, address, 1UL << BufferShift, BufferShift),
            PtxSpace.Shared => At(Shared, address, SharedBase, VariableShift),
            PtxSpace.Local => At(Local, address, LocalBase, VariableShift),
            PtxSpace.Const => At(_constants, address, ConstBase, VariableShift),
            _ when address >> BufferShift != 0 => At(_buffers, address, 1UL << BufferShift, BufferShift),
            _ when unchecked(address - ConstBase) < SpaceEnd => At(_constants, address, ConstBase, VariableShift),
            _ when unchecked(address - LocalBase) < SpaceEnd => At(Local, address, LocalBase, VariableShift),
            _ => At(Shared, address, SharedBase, VariableShift),
        };
        if (region is null)
        {
            throw new PtxException($"{size} bytes at {address:x} are no {space} memory");
        }

        long at = unchecked((long)(address - region.Start));
        if (at < 0 || at > region.Bytes.Length - size)
        {
            throw new PtxException($"{size} bytes at {at} of {region.Name}, which has {region.Bytes.Length}");
        }

        if ((at & (size - 1)) != 0)
        {
            throw new PtxException($"{size} bytes at {at} of {region.Name} are not aligned");
        }

        offset = (int)at;
        return region;
    }

    private static PtxRegion? At(IReadOnlyList<PtxRegion?> regions, ulong address, ulong start, int shift)
    {
        ulong index = unchecked(address - start) >> shift;
        return index < (ulong)regions.Count ? regions[(int)index] : null;
    }
}
