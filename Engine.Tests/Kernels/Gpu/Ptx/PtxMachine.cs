using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>Runs kernels, one thread after another from barrier to barrier. Every access is checked, see <see cref="PtxMemory"/>; threads of a group
/// meet at the same barrier or all leave; a kernel that comes to no end is stopped.</summary>
/// <param name="memory">The memory.</param>
/// <param name="races">Who watches for races, null for nobody.</param>
/// <param name="mostSteps">Instructions after which a kernel is stopped, all launches together.</param>
internal sealed class PtxMachine(PtxMemory memory, PtxRaces? races, long mostSteps)
{
    private PtxProgram _program = null!;
    private byte[] _parameters = [];
    private ulong[] _files = [];
    private int[] _counters = [];
    private PtxRegion[][] _local = [];
    private int _thread;

    /// <summary>Instructions done so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Runs a kernel to its end.</summary>
    /// <param name="program">The kernel.</param>
    /// <param name="grid">Numbers of groups.</param>
    /// <param name="parameters">The bytes of its parameters, each at its offset.</param>
    /// <exception cref="PtxException">It did what it must not; kernel, line, group and thread are told.</exception>
    public void Launch(PtxProgram program, GpuGrid grid, byte[] parameters)
    {
        (_program, _parameters) = (program, parameters);
        _files = new ulong[program.GroupSize * program.File.Length];
        _counters = new int[program.GroupSize];
        memory.Shared = [.. program.Shared.Select((variable, i) => Region(variable, PtxSpace.Shared, i, races is not null))];
        _local = [.. Enumerable.Range(0, program.Local.IsEmpty ? 0 : program.GroupSize)
            .Select(_ => program.Local.Select((variable, i) => Region(variable, PtxSpace.Local, i, watched: false)).ToArray())];
        races?.Launch();
        for (int z = 0; z < grid.Z; z++)
        {
            for (int y = 0; y < grid.Y; y++)
            {
                for (long x = 0; x < grid.X; x++)
                {
                    Group(grid, checked((int)x), y, z);
                }
            }
        }
    }

    private static PtxRegion Region(PtxVariable variable, PtxSpace space, int index, bool watched)
    {
        byte[] bytes = new byte[variable.Bytes];
        bytes.AsSpan().Fill(0xA5);
        PtxRegion region = new(variable.Name, bytes, PtxMemory.Place(space, index), shared: space == PtxSpace.Shared);
        if (watched)
        {
            region.Watch();
        }

        return region;
    }

    private void Group(GpuGrid grid, int x, int y, int z)
    {
        races?.Group();
        int stride = _program.File.Length;
        for (int thread = 0; thread < _program.GroupSize; thread++)
        {
            Span<ulong> file = _files.AsSpan(thread * stride, stride);
            _program.File.CopyTo(file);
            foreach ((string name, int slot) in _program.Specials)
            {
                file[slot] = (ulong)(name switch
                {
                    "%tid.x" => thread,
                    "%ntid.x" => _program.GroupSize,
                    "%laneid" => thread % PtxWarpOperation.Lanes,
                    "%ctaid.x" => x,
                    "%ctaid.y" => y,
                    "%ctaid.z" => z,
                    "%nctaid.x" => grid.X,
                    "%nctaid.y" => grid.Y,
                    "%nctaid.z" => grid.Z,
                    "%tid.y" or "%tid.z" => 0,
                    _ => 1,
                });
            }
        }

        Array.Clear(_counters);
        try
        {
            while (Turn())
            {
                races?.Barrier();
            }
        }
        catch (Exception e) when (e is PtxException or ArithmeticException)
        {
            int line = _program.Steps[_counters[_thread]].Line;
            throw new PtxException($"{_program.Name}, line {line}, group ({x}, {y}, {z}), thread {_thread}: {e.Message}");
        }
    }

    // Every thread to its next barrier or its end; whether there was a barrier.
    private bool Turn()
    {
        for (int first = 0; first < _program.GroupSize; first += PtxWarpOperation.Lanes)
        {
            Warp(first, Math.Min(PtxWarpOperation.Lanes, _program.GroupSize - first));
        }

        int waiting = 0;
        for (int thread = 0; thread < _program.GroupSize; thread++)
        {
            waiting += Kind(thread) == PtxStepKind.Barrier ? 1 : 0;
        }

        for (int thread = 0; waiting > 0 && thread < _program.GroupSize; thread++)
        {
            _thread = thread;
            if (_counters[thread] != _counters[0])
            {
                throw new PtxException("this thread is not at the barrier that the first is at");
            }
        }

        for (int thread = 0; waiting > 0 && thread < _program.GroupSize; thread++)
        {
            _counters[thread]++;
        }

        return waiting > 0;
    }

    private PtxStepKind Kind(int thread) => _program.Steps[_counters[thread]].Kind;

    private void Warp(int first, int count)
    {
        int stride = _program.File.Length;
        for (; ; )
        {
            int together = 0;
            for (int thread = first; thread < first + count; thread++)
            {
                _thread = thread;
                if (Kind(thread) != PtxStepKind.Exit || _counters[thread] == 0)
                {
                    Run(thread);
                }

                together += Kind(thread) == PtxStepKind.Warp ? 1 : 0;
            }

            if (together == 0)
            {
                return;
            }

            _thread = first;
            PtxWarpOperation operation = _program.Steps[_counters[first]].Warp
                ?? throw new PtxException("this thread is not where others of its warp wait for it");
            for (int thread = first; thread < first + count; thread++)
            {
                _thread = thread;
                if (count < PtxWarpOperation.Lanes || _counters[thread] != _counters[first])
                {
                    throw new PtxException("a warp is not together where it must be");
                }
            }

            operation.Run(_files.AsSpan(first * stride, count * stride), stride);
            foreach (ref int counter in _counters.AsSpan(first, count))
            {
                counter++;
            }
        }
    }

    // From the counter on to a barrier, an operation of the warp, or the end; the counter then stands there.
    private void Run(int thread)
    {
        memory.Local = _local.Length > 0 ? _local[thread] : [];
        ref PtxStep start = ref MemoryMarshal.GetArrayDataReference(_program.Steps);
        ref ulong file = ref _files[thread * _program.File.Length];
        int counter = _counters[thread];
        long done = 0;
        try
        {
            for (; ; counter++)
            {
                ref PtxStep step = ref Unsafe.Add(ref start, counter);
                done++;
                if (step.Guard >= 0 && (Unsafe.Add(ref file, step.Guard) != 0) == step.Negated)
                {
                    continue;
                }

                switch (step.Kind)
                {
                    case PtxStepKind.Pure:
                        Unsafe.Add(ref file, step.Result) =
                            step.Function!(Unsafe.Add(ref file, step.A), Unsafe.Add(ref file, step.B), Unsafe.Add(ref file, step.C));
                        break;
                    case PtxStepKind.Jump:
                        if (Steps + done > mostSteps)
                        {
                            throw new PtxException("it comes to no end");
                        }

                        counter = step.Result - 1;
                        break;
                    case PtxStepKind.JumpByTable:
                        ulong index = Unsafe.Add(ref file, step.A);
                        counter = index < (ulong)step.Targets!.Length ? step.Targets[index] - 1 : throw new PtxException("past the end of a table");
                        break;
                    case PtxStepKind.Parameter:
                        PtxAccess parameter = step.Access!;
                        Unsafe.Add(ref file, parameter.Slots[0]) = Load(_parameters.AsSpan((int)parameter.Offset), parameter);
                        break;
                    case PtxStepKind.Load:
                        Load(ref file, step, thread);
                        break;
                    case PtxStepKind.Store:
                        Store(ref file, step, thread);
                        break;
                    default:
                        return;
                }
            }
        }
        finally
        {
            Steps += done;
            _counters[thread] = counter;
        }
    }

    private void Load(ref ulong file, in PtxStep step, int thread)
    {
        PtxAccess access = step.Access!;
        int size = access.Size * access.Slots.Length;
        PtxRegion region = memory.Find(access.Space, unchecked(Unsafe.Add(ref file, step.A) + (ulong)access.Offset), size, out int offset);
        if (region.Read is not null)
        {
            races?.Read(region, offset, size, thread, access.Unchanging);
        }

        ReadOnlySpan<byte> bytes = region.Bytes.AsSpan(offset);
        for (int i = 0; i < access.Slots.Length; i++)
        {
            Unsafe.Add(ref file, access.Slots[i]) = Load(bytes[(i * access.Size)..], access);
        }
    }

    private static ulong Load(ReadOnlySpan<byte> bytes, PtxAccess access)
    {
        ulong value = access.Size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        return access.Signed ? PtxProgram.Extend(value, 8 * access.Size, signed: true, access.Width) : value;
    }

    private void Store(ref ulong file, in PtxStep step, int thread)
    {
        PtxAccess access = step.Access!;
        int size = access.Size * access.Slots.Length;
        PtxRegion region = memory.Find(access.Space, unchecked(Unsafe.Add(ref file, step.A) + (ulong)access.Offset), size, out int offset);
        if (region.Constant)
        {
            throw new PtxException($"{region.Name} is constant");
        }

        if (region.Written is not null)
        {
            races?.Write(region, offset, size, thread);
        }

        Span<byte> bytes = region.Bytes.AsSpan(offset);
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < access.Slots.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Unsafe.Add(ref file, access.Slots[i]));
            word[..access.Size].CopyTo(bytes[(i * access.Size)..]);
        }
    }
}
