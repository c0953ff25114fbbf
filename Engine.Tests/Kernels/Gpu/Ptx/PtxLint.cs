using System.Globalization;
using System.Text.RegularExpressions;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>What a checked-in PTX text must not say, because it would give a device a choice of bits, or because a device would not take it.</summary>
internal static partial class PtxLint
{
    private static readonly string[] Floats = ["f16", "f16x2", "bf16", "bf16x2", "tf32", "f32", "f64"];
    private static readonly string[] Arithmetic = ["add", "sub", "mul", "fma", "mad", "div", "rcp", "sqrt"];
    private static readonly string[] Estimates = ["sin", "cos", "ex2", "lg2", "tanh", "rsqrt"];
    private static readonly string[] Loose = ["ftz", "approx", "full", "relu", "satfinite", "oob"];
    private static readonly string[] Widenings = ["cvt.f64.f32", "cvt.f64.f16", "cvt.f32.f16"];
    private static readonly string[] Integral = ["rni", "rzi", "rmi", "rpi"];

    /// <summary>The faults of a text, each with its line.</summary>
    public static IReadOnlyList<string> Faults(string text)
    {
        List<string> faults = [];
        string[] lines = text.Split('\n');
        bool ampere = lines[0] == "// sm_80";
        if (!ampere && lines[0] != "// sm_70")
        {
            faults.Add("line 1: does not say the least architecture");
        }

        int outside = 0;
        int shared = 0;
        bool bounded = true;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = Comment().Replace(lines[i], string.Empty);
            void Fault(string what) => faults.Add($"line {i + 1}: {what}: {line.Trim()}");
            if (line.StartsWith(".visible .entry", StringComparison.Ordinal))
            {
                shared = outside;
                bounded = false;
            }

            bounded |= line.StartsWith(".maxntid ", StringComparison.Ordinal);
            if (line.StartsWith('{') && !bounded)
            {
                Fault("the entry does not say .maxntid");
            }

            if (Variable().Match(line) is { Success: true } variable)
            {
                int bytes = PtxParser.Width(variable.Groups["type"].Value) / 8
                    * (variable.Groups["count"].Success ? int.Parse(variable.Groups["count"].Value, CultureInfo.InvariantCulture) : 1);
                outside += line.StartsWith('.') ? bytes : 0;
                shared += bytes;
                if (shared > PtxProgram.MostShared)
                {
                    Fault($"more than {PtxProgram.MostShared} bytes of shared memory");
                }
            }

            if (Directive().IsMatch(line))
            {
                Fault("not in the body of a module of kernels");
            }

            foreach (string statement in line.Split(';'))
            {
                if (Opcode().Match(statement) is { Success: true } match && Forbidden(match.Groups[1].Value, ampere) is string reason)
                {
                    Fault(reason);
                }
            }
        }

        return faults;
    }

    // Why an instruction is refused, null where it is not.
    private static string? Forbidden(string opcode, bool ampere)
    {
        string[] parts = opcode.Split('.');
        bool real = parts.Any(Floats.Contains);
        return parts[0] switch
        {
            "call" => "a call",
            "ld" when parts.Contains("const") => "constant memory",
            _ when Estimates.Contains(parts[0]) => "an estimate",
            _ when parts.Any(Loose.Contains) || (real && parts.Contains("sat")) => "not IEEE arithmetic",
            "atom" or "red" when real => "a float atomic",
            "min" or "max" when real => "NaN and signed zero differ",
            "mma" or "wmma" when real => "a float matrix unit",
            "mma" or "ldmatrix" or "cp" or "redux" when !ampere => "needs /* ptx: sm_80 */",
            "wmma" or "wgmma" or "tcgen05" => "not on every device",
            _ when real && Arithmetic.Contains(parts[0]) && parts is not [_, "rn", _] => "no rounding to nearest",
            "cvt" when real && !Rounded(opcode, parts) => "no rounding",
            _ => null,
        };
    }

    private static bool Rounded(string opcode, string[] parts) =>
        Widenings.Contains(opcode)
        || (parts is [_, string rounding, string to, string from]
            && (rounding == "rn" ? Floats.Contains(to) && to != from
                : Integral.Contains(rounding) && Floats.Contains(from) && (to == from || !Floats.Contains(to))));

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\s*\.(version|target|address_size|func|extern|weak|common|file|loc)\b|\.visible\s+\.func")]
    private static partial Regex Directive();

    [GeneratedRegex(@"^\s*\.shared\s+(\.align\s+\d+\s+)?(?<type>\.\w+)\s+[\w$]+(\[(?<count>\d+)\])?")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\s*(?:\{\s*)?(?:[\w$]+:\s*)?(?:@!?%\w+\s+)?([a-z]\w*(?:\.[\w:]+)*)\b")]
    private static partial Regex Opcode();
}
