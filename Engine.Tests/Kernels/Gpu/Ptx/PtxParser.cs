using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>Reads the part of PTX that clang writes for kernel texts; anything else throws, with its line. No functions, no debug lines.</summary>
internal sealed partial class PtxParser
{
    private readonly List<(string Text, int Line)> _tokens = [];
    private readonly List<PtxEntry> _entries = [];
    private readonly List<PtxVariable> _variables = [];
    private int _at;

    private PtxParser(string text)
    {
        int line = 1;
        int counted = 0;
        int expected = 0;
        foreach (Match match in Token().Matches(text))
        {
            line += text.AsSpan(counted, match.Index - counted).Count('\n');
            counted = match.Index;
            if (text.AsSpan(expected, match.Index - expected).ContainsAnyExcept(" \t\r\n"))
            {
                throw new PtxException($"line {line}: {text[expected..match.Index].Trim()} is no token");
            }

            expected = match.Index + match.Length;
            if (!match.Value.StartsWith('/'))
            {
                _tokens.Add((match.Value, line));
            }
        }

        if (text.AsSpan(expected).ContainsAnyExcept(" \t\r\n"))
        {
            throw new PtxException($"line {line}: {text[expected..].Trim()} is no token");
        }

        _tokens.Add(("end of text", line));
    }

    private string Next => _tokens[_at].Text;

    private int Line => _tokens[_at].Line;

    /// <summary>Reads a text.</summary>
    /// <exception cref="PtxException">The text has something that is not known here.</exception>
    public static PtxModule Parse(string text)
    {
        PtxParser parser = new(text);
        parser.Module();
        return new PtxModule([.. parser._entries], [.. parser._variables]);
    }

    /// <summary>Bits of a type: 1 for .pred, 8 for .b8, 64 for .f64; of a name without its dot too.</summary>
    public static int Width(string type) => type.TrimStart('.') switch
    {
        "pred" => 1,
        "b8" or "u8" or "s8" => 8,
        "b16" or "u16" or "s16" or "f16" => 16,
        "b32" or "u32" or "s32" or "f32" => 32,
        "b64" or "u64" or "s64" or "f64" => 64,
        _ => throw new PtxException($"{type} is no type known here"),
    };

    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|"[^"\n]*"|[A-Za-z_$%.][\w$%.]*|\d+\.\d+|\d\w*|[-+{}\[\]()<>,;:@!|=]""")]
    private static partial Regex Token();

    private PtxException Fail(string what) => new($"line {Line}: {what}");

    private string Take()
    {
        string token = Next;
        _at++;
        return token;
    }

    private void Expect(string token)
    {
        if (Next != token)
        {
            throw Fail($"{Next} stands where {token} is expected");
        }

        _at++;
    }

    private bool Try(string token)
    {
        bool found = Next == token;
        _at += found ? 1 : 0;
        return found;
    }

    private int Integer()
    {
        return (int)Literal();
    }

    private void Module()
    {
        while (Next != "end of text")
        {
            switch (Take())
            {
                case ".version" or ".target" or ".address_size":
                    _at++;
                    break;
                case ".visible":
                    break;
                case ".entry":
                    Entry();
                    break;
                case string space and (".global" or ".const" or ".shared"):
                    _variables.Add(Variable(space));
                    break;
                case string other:
                    _at--;
                    throw Fail($"{other} is not known between kernels");
            }
        }
    }

    private void Entry()
    {
        int line = Line;
        string name = Take();
        List<PtxParameter> parameters = [];
        Expect("(");
        while (!Try(")"))
        {
            Expect(".param");
            int size = Width(Take()) / 8;
            while (Next.StartsWith('.'))
            {
                // .ptr .global .align N: what a pointer points at
                if (Take() == ".align")
                {
                    _at++;
                }
            }

            int offset = parameters.Count == 0 ? 0 : parameters[^1].Offset + parameters[^1].Size;
            parameters.Add(new PtxParameter(Take(), size, (offset + size - 1) / size * size));
            _ = Try(",");
        }

        if (!Try(".maxntid"))
        {
            throw Fail($"{name} does not say its .maxntid");
        }

        int group = Integer();
        while (Try(","))
        {
            if (Integer() != 1)
            {
                throw Fail("groups have one axis");
            }
        }

        Expect("{");
        Body body = new(this);
        body.Read();
        _entries.Add(new PtxEntry(
            name, group, [.. parameters], body.Registers, [.. body.Variables], [.. body.Instructions], body.Labels, body.Tables, line));
    }

    // After its space: [.align N] .type name[count] = { … };
    private PtxVariable Variable(string space)
    {
        if (Try(".align"))
        {
            _ = Integer();
        }

        int element = Width(Take()) / 8;
        string name = Take();
        int count = 1;
        if (Try("["))
        {
            count = Integer();
            Expect("]");
        }

        ImmutableArray<byte> initial = default;
        if (Try("="))
        {
            List<byte> bytes = [];
            bool list = Try("{");
            do
            {
                bytes.AddRange(BitConverter.GetBytes(Literal()).Take(element));
            }
            while (list && Try(","));
            if (list)
            {
                Expect("}");
            }

            bytes.AddRange(new byte[(count * element) - bytes.Count]);
            initial = [.. bytes];
        }

        Expect(";");
        return new PtxVariable(space, name, count * element, initial);
    }

    private ulong Literal()
    {
        bool negative = Try("-");
        string token = Take();
        ulong value;
        try
        {
            value = token.Length > 1 && token[0] == '0' && "fFdDxX".Contains(token[1], StringComparison.Ordinal)
                ? ulong.Parse(token.AsSpan(2).TrimEnd('U'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : ulong.Parse(token.AsSpan().TrimEnd('U'), NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            _at--;
            throw Fail($"{token} is no number");
        }

        return negative ? unchecked(0 - value) : value;
    }
}
