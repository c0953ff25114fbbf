using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute selftest</c>: functions against the exact path, or over all 2^32 inputs.</summary>
internal static class SelftestVerb
{
    private const int Inputs = 1 << 16;
    private const long PowPairs = 10_000_000;
    private static readonly int[] Widths = [Exhaustive.Definition, 128, 256, 512];

    internal static Command Make()
    {
        Option<string?> exhaustive = new("--exhaustive") { Description = "a function's name, all, or pow (10^7 hard pairs)" };
        Option<string> width = new("--width") { Description = "definition, 128, 256, 512 or all", DefaultValueFactory = _ => "all" };
        Option<string?> expect = new("--expect") { Description = "folder with the published f32_FN.chunks.sha256 files; exit 1 on a difference" };
        Option<int> threads = new("--threads") { Description = "workers; 0: one for each processor", DefaultValueFactory = _ => 0 };
        Option<bool> json = Report.JsonOption();
        width.AcceptOnlyFromAmong("definition", "128", "256", "512", "all");
        Command command = new("selftest", "Check the arithmetic of this machine.") { exhaustive, width, expect, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            int workers = parsed.GetValue(threads) == 0 ? Environment.ProcessorCount : parsed.GetValue(threads);
            int[] widths = parsed.GetValue(width) switch
            {
                "all" => Widths,
                "definition" => [Exhaustive.Definition],
                string one => [int.Parse(one, System.Globalization.CultureInfo.InvariantCulture)],
                null => Widths,
            };
            bool well = parsed.GetValue(exhaustive) switch
            {
                null => Quick(widths, parsed.GetValue(json)),
                "pow" => Pow(widths, workers, parsed.GetValue(json), cancellation),
                string name => All(Named(name), widths, workers, parsed.GetValue(expect), parsed.GetValue(json), cancellation),
            };
            return Task.FromResult(well ? ExitCode.Ok : ExitCode.Invalid);
        });
        return command;
    }

    private static Function[] Named(string name)
    {
        if (name == "all")
        {
            return Enum.GetValues<Function>();
        }

        return Enum.TryParse(name, ignoreCase: true, out Function function) && Enum.IsDefined(function)
            ? [function]
            : throw new ArgumentException($"'{name}' is none of: all, pow, {string.Join(", ", Enum.GetNames<Function>()).ToLowerInvariant()}");
    }

    // Every function and width on a spread of inputs, against the integer path.
    private static bool Quick(int[] widths, bool json)
    {
        bool well = true;
        float[] inputs = [.. Enumerable.Range(0, Inputs).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 65537u))];
        foreach (Function function in Enum.GetValues<Function>())
        {
            float[] definition = [.. inputs.Select(x => Functions.Of(function, x))];
            int wrong = Enumerable.Range(0, 1024).Count(i => Bits(definition[i * 64]) != Bits(Functions.Exactly(function, inputs[i * 64])));
            foreach (int width in widths.Where(width => width != Exhaustive.Definition))
            {
                float[] results = new float[inputs.Length];
                FunctionKernels.Apply(function, inputs, results, width);
                wrong += Enumerable.Range(0, Inputs).Count(i => Bits(results[i]) != Bits(definition[i]));
            }

            well &= wrong == 0;
            if (json)
            {
                Report.Json(new JsonObject { ["function"] = function.ToString(), ["wrong"] = wrong });
            }
            else
            {
                Report.Line($"{function,-12}{(wrong == 0 ? "ok" : $"{wrong} wrong")}");
            }
        }

        return well;
    }

    private static uint Bits(float x) => BitConverter.SingleToUInt32Bits(x);

    private static bool Pow(int[] widths, int workers, bool json, CancellationToken cancellation)
    {
        bool well = true;
        foreach (int width in widths)
        {
            using Bar bar = new($"pow {Name(width)}");
            PowResult result = Exhaustive.Pow(PowPairs, seed: 1, width, workers, bar, cancellation);
            well &= result.Mismatches == 0;
            if (json)
            {
                Report.Json(new JsonObject
                {
                    ["function"] = "Pow",
                    ["width"] = Name(width),
                    ["pairs"] = result.Pairs,
                    ["mismatches"] = result.Mismatches,
                    ["first"] = result.First,
                });
            }
            else
            {
                Report.Line($"pow  {Name(width),-10}  {result.Pairs} pairs, {result.Mismatches} wrong {result.First}");
            }
        }

        return well;
    }

    private static bool All(
        Function[] functions, int[] widths, int workers, string? folder, bool json, CancellationToken cancellation)
    {
        bool well = true;
        foreach (Function function in functions)
        {
            string? file = folder is null ? null : Path.Combine(folder, $"f32_{Exhaustive.FileWord(function)}.chunks.sha256");
            ExhaustiveResult? known = File.Exists(file) ? Exhaustive.Parse(function, File.ReadAllText(file)) : null;
            foreach (int width in widths)
            {
                using Bar bar = new($"{function} {Name(width)}");
                Stopwatch watch = Stopwatch.StartNew();
                ExhaustiveResult result = Exhaustive.Run(function, width, workers, bar, cancellation);
                string verdict = known switch
                {
                    null => "not compared",
                    _ when result.Root == known.Root => "equal",
                    _ => $"{result.Differences(known).Count} chunks differ",
                };
                well &= known is null || result.Root == known.Root;

                // Where nothing is published, the first width stands for it.
                known ??= result;
                if (json)
                {
                    Report.Json(new JsonObject
                    {
                        ["function"] = function.ToString(),
                        ["width"] = Name(width),
                        ["seconds"] = watch.Elapsed.TotalSeconds,
                        ["root"] = result.Root,
                        ["verdict"] = verdict,
                    });
                }
                else
                {
                    Report.Line($"| {function} | {Name(width)} | {watch.Elapsed.TotalSeconds:0} s | {result.Root} | {verdict} |");
                }
            }
        }

        return well;
    }

    private static string Name(int width) => width == Exhaustive.Definition ? "definition" : $"{width}";
}
