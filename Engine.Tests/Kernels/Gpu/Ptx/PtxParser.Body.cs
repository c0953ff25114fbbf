using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

internal sealed partial class PtxParser
{
    /// <summary>What stands between the braces of an entry. Inner braces have registers of their own.</summary>
    private sealed class Body(PtxParser parser)
    {
        private readonly List<Dictionary<string, string>> _scopes = [[]];

        public Dictionary<string, int> Registers { get; } = [];

        public List<PtxVariable> Variables { get; } = [];

        public List<PtxInstruction> Instructions { get; } = [];

        public Dictionary<string, int> Labels { get; } = [];

        public Dictionary<string, ImmutableArray<string>> Tables { get; } = [];

        public void Read()
        {
            while (_scopes.Count > 0)
            {
                switch (parser.Take())
                {
                    case "{":
                        _scopes.Add([]);
                        break;
                    case "}":
                        _scopes.RemoveAt(_scopes.Count - 1);
                        break;
                    case ".reg":
                        Declare();
                        break;
                    case string space and (".shared" or ".local"):
                        Variables.Add(parser.Variable(space));
                        break;
                    case ".pragma":
                        parser._at++;
                        parser.Expect(";");
                        break;
                    case string label when parser.Next == ":":
                        parser._at++;
                        Label(label);
                        break;
                    case string first:
                        parser._at--;
                        Instruction(first);
                        break;
                }
            }
        }

        private void Declare()
        {
            int width = Width(parser.Take());
            do
            {
                string name = parser.Take();
                if (parser.Try("<"))
                {
                    int count = parser.Integer();
                    parser.Expect(">");
                    for (int i = 0; i < count; i++)
                    {
                        Declare($"{name}{i}", width);
                    }
                }
                else
                {
                    Declare(name, width);
                }
            }
            while (parser.Try(","));
            parser.Expect(";");
        }

        private void Declare(string name, int width)
        {
            string own = _scopes.Count == 1 ? name : $"{name} of line {parser.Line}";
            if (!_scopes[^1].TryAdd(name, own))
            {
                throw parser.Fail($"{name} is declared twice");
            }

            Registers.Add(own, width);
        }

        private void Label(string label)
        {
            if (parser.Try(".branchtargets"))
            {
                List<string> targets = [];
                do
                {
                    targets.Add(parser.Take());
                }
                while (parser.Try(","));
                parser.Expect(";");
                Tables.Add(label, [.. targets]);
                return;
            }

            if (!Labels.TryAdd(label, Instructions.Count))
            {
                throw parser.Fail($"{label} stands twice");
            }
        }

        private void Instruction(string first)
        {
            int line = parser.Line;
            string? guard = null;
            bool negated = false;
            if (parser.Try("@"))
            {
                negated = parser.Try("!");
                guard = Register(parser.Take());
                first = parser.Next;
            }

            if (first is [not (>= 'a' and <= 'z'), ..])
            {
                throw parser.Fail($"{first} is no instruction");
            }

            string opcode = parser.Take();
            List<PtxOperand> operands = [];
            while (!parser.Try(";"))
            {
                if (operands.Count > 0)
                {
                    parser.Expect(",");
                }

                operands.Add(Operand());
            }

            Instructions.Add(new PtxInstruction(opcode, [.. operands], guard, negated, line));
        }

        private PtxOperand Operand()
        {
            if (parser.Try("{"))
            {
                List<PtxOperand> parts = [];
                do
                {
                    parts.Add(Operand());
                }
                while (parser.Try(","));
                parser.Expect("}");
                return new PtxOperand(PtxOperandKind.Vector, Parts: [.. parts]);
            }

            if (parser.Try("["))
            {
                PtxOperand place = Operand();
                parser.Expect("]");
                return place.Kind is PtxOperandKind.Register or PtxOperandKind.Symbol
                    ? place with { Kind = PtxOperandKind.Address }
                    : throw parser.Fail("an address is a register or a name, and an offset");
            }

            if (parser.Next is [(>= '0' and <= '9') or '-', ..])
            {
                return new PtxOperand(PtxOperandKind.Immediate, Value: parser.Literal());
            }

            string name = parser.Take();
            string? register = Find(name);
            PtxOperand operand = register is null ? new(PtxOperandKind.Symbol, name) : new(PtxOperandKind.Register, register);
            return parser.Try("+") ? operand with { Value = parser.Literal() } : operand;
        }

        private string Register(string name) => Find(name) ?? throw parser.Fail($"{name} is no register");

        // _ takes what nobody wants; names with % that are not declared are special registers.
        private string? Find(string name)
        {
            for (int scope = _scopes.Count - 1; scope >= 0; scope--)
            {
                if (_scopes[scope].TryGetValue(name, out string? own))
                {
                    return own;
                }
            }

            return name == "_" || name.StartsWith('%') ? name : null;
        }
    }
}
