using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>One node as kernels see it: where its operands and outputs lie now, scratch, threads, and what was derived for it once. Made once for a
/// node of a program; only the addresses change from run to run.</summary>
/// <param name="call">The node and its operands. In a program they have no bytes, for those may lie elsewhere at each run: ask for addresses.</param>
/// <param name="shared">What all nodes of a backend share.</param>
/// <param name="addresses">Where values lie now.</param>
/// <param name="inputs">Position of each operand's source among the addresses.</param>
/// <param name="outputs">Position of each output.</param>
internal sealed unsafe class KernelRun(NodeCall call, Shared shared, nint[] addresses, int[] inputs, int[] outputs)
{
    private readonly List<object> _kept = [];
    private readonly (long Extent, long Stride)[]?[] _axes = new (long, long)[]?[inputs.Length];
    private Arena _arena = null!;
    private CancellationToken _cancellation;
    private bool _followed;

    /// <summary>The node and its operands.</summary>
    internal NodeCall Call => call;

    /// <summary>Where values lie now.</summary>
    internal nint[] Addresses => addresses;

    /// <summary>Position of each operand's source among the addresses.</summary>
    internal int[] Inputs => inputs;

    /// <summary>Position of each output.</summary>
    internal int[] Outputs => outputs;

    /// <summary>What was derived from parameters and is kept.</summary>
    internal PackedWeights Packed => shared.Packed;

    /// <summary>Number of workers.</summary>
    internal int Workers => shared.Pool.Workers;

    /// <summary>Elementwise ops on the node's output, if some follow it in its stage.</summary>
    internal Group? Followers { private get; init; }

    /// <summary>What makes the rows of A, where the node is the second product of an attention.</summary>
    internal Scores? Scores { get; init; }

    /// <summary>What widens the columns of a product, where it does not run: the product reads its operands.</summary>
    internal KernelRun? Weights { get; init; }

    /// <summary>The node itself is among them: there is no kernel to run.</summary>
    internal bool OnlyFollowers { get; init; }

    /// <summary>Begins one run of the node.</summary>
    internal void Begin(Arena arena, CancellationToken cancellation)
    {
        _arena = arena;
        _cancellation = cancellation;
        _followed = false;
        Followers?.Begin(this);
        Scores?.Between?.Begin(this);
    }

    /// <summary>Ends it.</summary>
    internal void End()
    {
        if (!_followed)
        {
            Followers?.RunBegun(this);
        }

        _arena.Reset();
    }

    /// <summary>What follows the node, or null. A kernel that asks runs it on every element of its output, once, each on the worker that has just made
    /// it; of a kernel that does not ask, it is run when the kernel is done.</summary>
    internal Group? Follow()
    {
        _followed = true;
        return Followers;
    }

    /// <summary>What a kernel derives for the node once: from its op, types, maps and attributes, and from nothing that changes between runs, such as
    /// addresses. Made at the first run and kept as long as the node's program.</summary>
    /// <param name="make">Makes it. A static lambda costs nothing at later runs.</param>
    /// <param name="index">Tells several of one type apart.</param>
    internal T Keep<T>(Func<KernelRun, T> make, int index = 0)
        where T : class
    {
        foreach (object kept in _kept)
        {
            if (kept is T found && index-- == 0)
            {
                return found;
            }
        }

        T made = make(this);
        _kept.Add(made);
        return made;
    }

    /// <summary>The merged axes of an operand (<see cref="AffineCopy.Merge"/>), found once.</summary>
    internal (long Extent, long Stride)[] Axes(Operand operand) => (_axes[Slot(operand)] ??= [.. AffineCopy.Merge(operand.Map)])!;

    /// <summary>Runs the chunks of a loop on the workers.</summary>
    /// <param name="chunks">Number of chunks.</param>
    /// <param name="body">Runs one.</param>
    /// <param name="alone">All of them are too little work to wake anybody for: a few microseconds.</param>
    internal void For(long chunks, Action<long, int> body, bool alone = false) => shared.Pool.Run(chunks, body, _cancellation, alone);

    /// <summary>Runs ranges start … end of <paramref name="count"/> items on the workers, several ranges a worker, none much smaller than
    /// <paramref name="least"/>.</summary>
    internal void ForRanges(long count, long least, Action<long, long, int> body)
    {
        long chunks = Workers == 1 ? 1 : Math.Max(1, Math.Min(count / Math.Max(1, least), Workers * 4L));
        shared.Pool.RunRanges(chunks, count, body, _cancellation);
    }

    /// <summary>Stops if the caller cancelled.</summary>
    internal void ThrowIfCancelled() => _cancellation.ThrowIfCancellationRequested();

    /// <summary>Address of the first source element that the operand's map names.</summary>
    internal T* Pointer<T>(Operand operand)
        where T : unmanaged => (T*)Source(operand) + operand.Map.Offset;

    /// <summary>Address of the operand's source; the map is left to the caller.</summary>
    internal void* Source(Operand operand) => (void*)addresses[inputs[Slot(operand)]];

    /// <summary>Address of the operand's elements in row-major order, copied first if its map is not contiguous.</summary>
    internal T* Contiguous<T>(Operand operand)
        where T : unmanaged => (T*)Bytes(operand, operand.Type.DType.Size());

    /// <summary>As bytes.</summary>
    internal byte* Bytes(Operand operand, int size)
    {
        byte* source = (byte*)Source(operand);
        if (operand.Map.IsContiguous)
        {
            return source + (operand.Map.Offset * size);
        }

        byte* copy = Rent<byte>(operand.Type.Bytes);
        StridedCopy.Run(this, operand, copy);
        return copy;
    }

    /// <summary>The operand as a tensor for the rest of the call, copied first if its map is not contiguous.</summary>
    internal Tensor ToTensor(Operand operand)
        => new(operand.Type, Memory((nint)Bytes(operand, operand.Type.DType.Size()), operand.Type));

    /// <summary>Address of an output.</summary>
    internal T* Output<T>(int slot)
        where T : unmanaged => (T*)addresses[outputs[slot]];

    /// <summary>The call with bytes where they lie now, for definitions: operands in row-major order.</summary>
    internal NodeCall Present() => new(
        call.Node,
        [.. call.Inputs.Select(input => new Operand(input.Type, ToTensor(input).Bytes, AffineView.Identity(input.Type.Shape), input.Parameter))],
        [.. call.Node.Outputs.Select((type, slot) => Memory(addresses[outputs[slot]], type))]);

    /// <summary>Aligned scratch for the rest of the call, its contents open. Not for the bodies of loops.</summary>
    internal T* Rent<T>(long count)
        where T : unmanaged => (T*)_arena.Rent(count * sizeof(T));

    private int Slot(Operand operand)
    {
        ImmutableArray<Operand> operands = call.Inputs;
        for (int slot = 0; slot < operands.Length; slot++)
        {
            if (ReferenceEquals(operands[slot], operand))
            {
                return slot;
            }
        }

        throw new ArgumentException("not an operand of the node", nameof(operand));
    }

    private static Memory<byte> Memory(nint address, TensorType type) => new NativeBytes(address, (int)type.Bytes).Memory;
}

/// <summary>What all nodes that a backend runs have in common.</summary>
/// <param name="Pool">The workers.</param>
/// <param name="Packed">What was derived from parameters.</param>
internal sealed record Shared(WorkerPool Pool, PackedWeights Packed);

/// <summary>The first part of an attention: its output is never stored.</summary>
/// <param name="Dot">The product that makes the scores; only its operands are asked for.</param>
/// <param name="Between">Elementwise ops on them in place, or null.</param>
internal sealed record Scores(KernelRun Dot, Group? Between);
