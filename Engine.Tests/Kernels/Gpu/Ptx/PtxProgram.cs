using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>What the machine does at a step.</summary>
internal enum PtxStepKind
{
    Pure,
    Jump,
    JumpByTable,
    Parameter,
    Load,
    Store,
    Barrier,
    Warp,
    Exit,
}

/// <summary>An instruction, decoded: operands are slots of a thread's file.</summary>
internal struct PtxStep
{
    public PtxStepKind Kind;
    public bool Negated;

    /// <summary>Slot of the guard, -1 for none.</summary>
    public int Guard;

    /// <summary>Slot of the result; of a jump its target.</summary>
    public int Result;

    public int A;
    public int B;
    public int C;

    public PtxFunction? Function;
    public PtxAccess? Access;
    public PtxWarpOperation? Warp;
    public int[]? Targets;
    public int Line;
}

/// <summary>What a load or store moves.</summary>
/// <param name="Space">Where.</param>
/// <param name="Offset">Added to the address; of a parameter its place.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="Signed">Whether what is loaded is extended by its sign.</param>
/// <param name="Slots">A slot for each element.</param>
/// <param name="Width">Bits of their registers.</param>
/// <param name="Unchanging">ld.global.nc.</param>
internal sealed record PtxAccess(PtxSpace Space, long Offset, int Size, bool Signed, int[] Slots, int Width, bool Unchanging);

/// <summary>An entry made ready to run. A thread's file holds its registers,
/// then constants, then what is the thread's own (see <see cref="Specials"/>).</summary>
internal sealed class PtxProgram
{
    /// <summary>Most shared memory of an entry, bytes.</summary>
    public const int MostShared = 48 << 10;

    private const ulong Paint = 0xDEAD_BEEF_DEAD_BEEF;

    private readonly Dictionary<string, int> _slots = [];
    private readonly Dictionary<(ulong Bits, int Width), int> _constants = [];
    private readonly Dictionary<string, int> _specials = [];
    private readonly Dictionary<string, ulong> _addresses;
    private readonly List<ulong> _file = [];
    private readonly List<PtxStep> _steps = [];
    private readonly PtxEntry _entry;
    private readonly int _sink;

    /// <summary>Decodes an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="shared">Shared variables outside entries.</param>
    /// <param name="addresses">Addresses of the module's other variables.</param>
    /// <exception cref="PtxException">An instruction is not known, or its registers have not its widths.</exception>
    public PtxProgram(PtxEntry entry, IEnumerable<PtxVariable> shared, IReadOnlyDictionary<string, ulong> addresses)
    {
        _entry = entry;
        Shared = [.. shared, .. entry.Variables.Where(variable => variable.Space == ".shared")];
        Local = [.. entry.Variables.Where(variable => variable.Space == ".local")];
        if (Shared.Sum(variable => variable.Bytes) > MostShared)
        {
            throw new PtxException($"{entry.Name} has more than {MostShared} bytes of shared memory");
        }

        _addresses = new(addresses);
        for (int i = 0; i < Shared.Length; i++)
        {
            _addresses.Add(Shared[i].Name, PtxMemory.Place(PtxSpace.Shared, i));
        }

        for (int i = 0; i < Local.Length; i++)
        {
            _addresses.Add(Local[i].Name, PtxMemory.Place(PtxSpace.Local, i));
        }

        foreach ((string name, int width) in entry.Registers)
        {
            _slots.Add(name, _file.Count);
            _file.Add(Paint & (ulong.MaxValue >> (64 - width)));
        }

        _sink = _file.Count;
        _file.Add(0);
        int[] starts = new int[entry.Body.Length + 1];
        for (int i = 0; i < entry.Body.Length; i++)
        {
            starts[i] = _steps.Count;
            try
            {
                Decode(entry.Body[i]);
            }
            catch (PtxException e)
            {
                throw new PtxException($"{entry.Name}, line {entry.Body[i].Line}: {entry.Body[i].Opcode}: {e.Message}");
            }
        }

        starts[^1] = _steps.Count;
        Steps = [.. _steps];
        foreach (ref PtxStep step in Steps.AsSpan())
        {
            step.Result = step.Kind == PtxStepKind.Jump ? starts[step.Result] : step.Result;
            step.Targets = step.Targets?.Select(target => starts[target]).ToArray();
        }

        if (Steps.Length == 0 || Steps[^1] is not { Kind: PtxStepKind.Exit or PtxStepKind.Jump, Guard: < 0 })
        {
            throw new PtxException($"{entry.Name} runs past its end");
        }
    }

    public string Name => _entry.Name;

    public int GroupSize => _entry.GroupSize;

    public ImmutableArray<PtxParameter> Parameters => _entry.Parameters;

    public ImmutableArray<PtxVariable> Shared { get; }

    public ImmutableArray<PtxVariable> Local { get; }

    public PtxStep[] Steps { get; }

    /// <summary>A thread's file at its start.</summary>
    public ReadOnlySpan<ulong> File => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_file);

    /// <summary>Slots of %tid.x and its like, by name, those that the entry reads.</summary>
    public IReadOnlyDictionary<string, int> Specials => _specials;

    private void Decode(PtxInstruction instruction)
    {
        PtxStep step = new() { Guard = -1, Line = instruction.Line, Negated = instruction.Negated };
        if (instruction.Guard is string guard)
        {
            step.Guard = Register(guard, 1);
        }

        ImmutableArray<PtxOperand> operands = instruction.Operands;
        string[] parts = instruction.Opcode.Split('.');
        switch (parts[0])
        {
            case "bra":
                step.Kind = PtxStepKind.Jump;
                step.Result = Target(Only(operands, 1)[0].Name);
                break;
            case "brx":
                step.Kind = PtxStepKind.JumpByTable;
                step.A = Source(Only(operands, 2)[0], 32);
                step.Targets = [.. _entry.Tables[operands[1].Name].Select(Target)];
                break;
            case "ret" or "exit":
                step.Kind = PtxStepKind.Exit;
                break;
            case "bar" when instruction.Opcode == "bar.sync":
                step.Kind = PtxStepKind.Barrier;
                if (Only(operands, 1)[0] is not { Kind: PtxOperandKind.Immediate, Value: 0 })
                {
                    throw new PtxException("only barrier 0 is used");
                }

                break;
            case "ld" or "st":
                Access(ref step, parts, Only(operands, 2));
                break;
            case "mov" when operands.Any(operand => operand.Kind == PtxOperandKind.Vector):
                Repack(step, PtxParser.Width(parts[^1]), operands);
                return;
            case "shfl" or "mma":
                step.Kind = PtxStepKind.Warp;
                step.Warp = PtxWarpOperation.Make(
                    instruction.Opcode, [.. operands.SelectMany(operand => operand.Kind == PtxOperandKind.Vector ? operand.Parts : [operand])
                        .Select(operand => Source(operand, 32))]);
                break;
            default:
                Pure(ref step, PtxTable.Find(instruction.Opcode) ?? throw new PtxException("no such instruction is known"), operands);
                break;
        }

        _steps.Add(step);
    }

    private static ImmutableArray<PtxOperand> Only(ImmutableArray<PtxOperand> operands, int count) =>
        operands.Length == count ? operands : throw new PtxException($"{operands.Length} operands, not {count}");

    private int Target(string label) =>
        _entry.Labels.TryGetValue(label, out int target) ? target : throw new PtxException($"there is no label {label}");

    private int WidthOf(PtxOperand operand) =>
        _entry.Registers.TryGetValue(operand.Name, out int width) ? width : throw new PtxException($"{operand.Name} is no register");

    private int Register(string name, int width)
    {
        if (name == "_")
        {
            return _sink;
        }

        int own = WidthOf(new PtxOperand(PtxOperandKind.Register, name));
        return own == width ? _slots[name] : throw new PtxException($"{name} has {own} bits, not {width}");
    }

    private int Source(PtxOperand operand, int width)
    {
        switch (operand.Kind)
        {
            case PtxOperandKind.Immediate:
                return Constant(operand.Value, width);
            case PtxOperandKind.Symbol when _addresses.TryGetValue(operand.Name, out ulong address):
                return Constant(unchecked(address + operand.Value), width);
            case PtxOperandKind.Register when _slots.ContainsKey(operand.Name):
                return Register(operand.Name, width);
            case PtxOperandKind.Register when width == 32:
                return Special(operand.Name);
            default:
                throw new PtxException($"{operand.Name} is not known");
        }
    }

    private int Constant(ulong bits, int width)
    {
        ulong low = bits & (ulong.MaxValue >> (64 - width));
        if (!_constants.TryGetValue((low, width), out int slot))
        {
            slot = _file.Count;
            _file.Add(low);
            _constants.Add((low, width), slot);
        }

        return slot;
    }

    private int Special(string name)
    {
        if (name is not ("%tid.x" or "%tid.y" or "%tid.z" or "%ntid.x" or "%ntid.y" or "%ntid.z" or "%laneid" or "%ctaid.x" or "%ctaid.y" or "%ctaid.z"
            or "%nctaid.x" or "%nctaid.y" or "%nctaid.z"))
        {
            throw new PtxException($"{name} is not known");
        }

        if (!_specials.TryGetValue(name, out int slot))
        {
            slot = _file.Count;
            _file.Add(0);
            _specials.Add(name, slot);
        }

        return slot;
    }

    private void Pure(ref PtxStep step, PtxRow row, ImmutableArray<PtxOperand> operands)
    {
        _ = Only(operands, row.Sources.Length + 1);
        PtxFunction function = row.Function;
        int width = row.Result;
        if (row.Wider && operands[0].Name != "_" && WidthOf(operands[0]) is int own && own > width)
        {
            function = (a, b, c) => Extend(row.Function(a, b, c), row.Result, row.Signed, own);
            width = own;
        }

        step.Function = function;
        step.Result = Register(operands[0].Name, width);
        Span<int> slots = [_sink, _sink, _sink];
        for (int i = 0; i < row.Sources.Length; i++)
        {
            PtxOperand operand = operands[i + 1];
            bool wider = row.Wider && _entry.Registers.TryGetValue(operand.Name, out int bits) && bits > row.Sources[i];
            slots[i] = Source(operand, wider ? WidthOf(operand) : row.Sources[i]);
        }

        (step.A, step.B, step.C) = (slots[0], slots[1], slots[2]);
    }

    /// <summary>The low bits of a value, extended to another width.</summary>
    public static ulong Extend(ulong value, int from, bool signed, int to)
    {
        ulong wide = signed ? unchecked((ulong)((long)(value << (64 - from)) >> (64 - from))) : value & (ulong.MaxValue >> (64 - from));
        return wide & (ulong.MaxValue >> (64 - to));
    }

    // mov.b64 {low, high}, whole and mov.b64 whole, {low, high}, in steps of one result.
    private void Repack(PtxStep step, int width, ImmutableArray<PtxOperand> operands)
    {
        if (Only(operands, 2)[0].Kind == PtxOperandKind.Vector)
        {
            ImmutableArray<PtxOperand> parts = operands[0].Parts;
            int part = width / parts.Length;
            step.A = Source(operands[1], width);
            for (int i = 0; i < parts.Length; i++)
            {
                int shift = part * i;
                step.Result = Register(parts[i].Name, part);
                step.Function = (a, _, _) => (a >> shift) & (ulong.MaxValue >> (64 - part));
                _steps.Add(step);
            }
        }
        else
        {
            ImmutableArray<PtxOperand> parts = Only(operands[1].Parts, 2);
            int part = width / 2;
            step.Result = Register(operands[0].Name, width);
            (step.A, step.B) = (Source(parts[0], part), Source(parts[1], part));
            step.Function = (a, b, _) => a | (b << part);
            _steps.Add(step);
        }
    }

    private void Access(ref PtxStep step, string[] parts, ImmutableArray<PtxOperand> operands)
    {
        bool load = parts[0] == "ld";
        int at = 1;
        bool Is(string part)
        {
            bool found = parts[at] == part;
            at += found ? 1 : 0;
            return found;
        }

        bool unsure = Is("volatile");
        bool parameter = Is("param");
        PtxSpace space = parameter || Is("global") ? PtxSpace.Global : Is("shared") ? PtxSpace.Shared : Is("local") ? PtxSpace.Local
            : Is("const") ? PtxSpace.Const : PtxSpace.Generic;
        bool unchanging = !unsure && load && space == PtxSpace.Global && Is("nc");
        int count = Is("v2") ? 2 : Is("v4") ? 4 : 1;
        string type = parts[at];
        if (at != parts.Length - 1 || (parameter && (!load || count != 1)))
        {
            throw new PtxException("no such access is known");
        }

        int size = PtxParser.Width(type) / 8;
        PtxOperand place = operands[load ? 1 : 0];
        PtxOperand value = operands[load ? 0 : 1];
        ImmutableArray<PtxOperand> values = value.Kind == PtxOperandKind.Vector ? value.Parts : [value];
        if (values.Length != count || place.Kind != PtxOperandKind.Address)
        {
            throw new PtxException("the operands are not its");
        }

        int[] widths = [.. values.Select(part => _entry.Registers.TryGetValue(part.Name, out int width) ? width : 8 * size).Distinct()];
        if (widths is not [int own] || own < 8 * size)
        {
            throw new PtxException($"the registers have not {8 * size} bits");
        }

        int[] slots = [.. values.Select(part => load ? Register(part.Name, own) : Source(part, own))];
        long offset = unchecked((long)place.Value);
        if (parameter)
        {
            PtxParameter found = _entry.Parameters.FirstOrDefault(candidate => candidate.Name == place.Name)
                ?? throw new PtxException($"there is no parameter {place.Name}");
            if (offset < 0 || offset + size > found.Size)
            {
                throw new PtxException($"{place.Name} has {found.Size} bytes");
            }

            offset += found.Offset;
            step.Kind = PtxStepKind.Parameter;
        }
        else
        {
            step.Kind = load ? PtxStepKind.Load : PtxStepKind.Store;
            bool named = _addresses.TryGetValue(place.Name, out ulong address);
            step.A = named ? Constant(address, 64) : Register(place.Name, 64);
        }

        step.Access = new PtxAccess(space, offset, size, type[0] == 's', slots, own, unchanging);
    }
}
