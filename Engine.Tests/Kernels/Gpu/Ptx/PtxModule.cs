using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>A text that is not the PTX this machine knows, or a kernel that does what it must not.</summary>
internal sealed class PtxException(string message) : Exception(message);

/// <summary>What an operand of an instruction is.</summary>
internal enum PtxOperandKind
{
    /// <summary>A register or a special register by its name.</summary>
    Register,

    /// <summary>Bits.</summary>
    Immediate,

    /// <summary>A variable, parameter or label by its name, plus an offset in bytes.</summary>
    Symbol,

    /// <summary>[base + offset], the base a register or a symbol.</summary>
    Address,

    /// <summary>{a, b, …}.</summary>
    Vector,
}

/// <summary>An operand; a field that its kind does not have is empty.</summary>
internal sealed record PtxOperand(PtxOperandKind Kind, string Name = "", ulong Value = 0, ImmutableArray<PtxOperand> Parts = default);

/// <summary>One instruction.</summary>
/// <param name="Opcode">With all its modifiers: ld.global.nc.v4.f32.</param>
/// <param name="Operands">In the order of the text.</param>
/// <param name="Guard">The predicate that decides whether it is done, null for always.</param>
/// <param name="Negated">Whether it is done where the guard is false.</param>
/// <param name="Line">Its line in the text, from 1.</param>
internal sealed record PtxInstruction(string Opcode, ImmutableArray<PtxOperand> Operands, string? Guard, bool Negated, int Line);

/// <summary>Memory with a name.</summary>
/// <param name="Space">.global, .const, .shared or .local.</param>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Initial">What it holds at load; default where the text says nothing.</param>
internal sealed record PtxVariable(string Space, string Name, int Bytes, ImmutableArray<byte> Initial);

/// <summary>A parameter of an entry: where its bytes lie among those of all.</summary>
internal sealed record PtxParameter(string Name, int Size, int Offset);

/// <summary>A kernel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="GroupSize">Threads of a group, by .maxntid.</param>
/// <param name="Parameters">In order.</param>
/// <param name="Registers">Width in bits of each register by name; 1 for a predicate.</param>
/// <param name="Variables">Those of its own, .shared and .local.</param>
/// <param name="Body">Its instructions.</param>
/// <param name="Labels">Index into the body by label.</param>
/// <param name="Tables">Labels of the tables that brx.idx reads, by the table's label.</param>
/// <param name="Line">Where it begins.</param>
internal sealed record PtxEntry(
    string Name,
    int GroupSize,
    ImmutableArray<PtxParameter> Parameters,
    IReadOnlyDictionary<string, int> Registers,
    ImmutableArray<PtxVariable> Variables,
    ImmutableArray<PtxInstruction> Body,
    IReadOnlyDictionary<string, int> Labels,
    IReadOnlyDictionary<string, ImmutableArray<string>> Tables,
    int Line);

/// <summary>A PTX text, read.</summary>
internal sealed record PtxModule(ImmutableArray<PtxEntry> Entries, ImmutableArray<PtxVariable> Variables);
