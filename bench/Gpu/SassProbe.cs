using System.Globalization;
using System.Text.RegularExpressions;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Whether the driver fused a product and a sum that the PTX has apart. A kernel whose PTX has no fma, and nothing that is expanded into some,
/// may have none in machine code.</summary>
internal sealed partial class SassProbe() : Probe("sass", "Machine code", 40)
{
    /// <inheritdoc/>
    protected override void Run()
    {
        (string Text, string Entry, string Body)[] kernels = [.. from text in KernelTexts.Names
                                                                  let ptx = KernelTexts.Ptx(text)
                                                                  where ptx is not null
                                                                  from Match entry in Entries().Matches(ptx)
                                                                  select (text, entry.Groups[1].Value, entry.Groups[2].Value)];
        (string Text, string Entry, string Body)[] apart =
            [.. kernels.Where(kernel => Apart().IsMatch(kernel.Body) && !Fused().IsMatch(kernel.Body))];
        Note(string.Create(CultureInfo.InvariantCulture, $"{kernels.Length} kernels; {apart.Length} have products or sums apart, and nothing fused"));
        if (Device is not CudaDevice)
        {
            Note("the device is not the CUDA driver's: no machine code to look at");
            return;
        }

        int clean = 0;
        (string Text, string Entry, string Body) primitives = kernels.Single(kernel => kernel is { Text: "Admission", Entry: "primitives" });
        foreach (IGrouping<string, (string Text, string Entry, string Body)> text in apart.Append(primitives).GroupBy(kernel => kernel.Text)
            .Where(_ => MayBegin()))
        {
            Dictionary<string, Dictionary<string, int>> functions = Cubin.Count(Cubin.Of(text.Key, Device.Description.Capability));
            foreach ((_, string entry, string body) in text)
            {
                string name = $"{text.Key}.{entry}";
                if (!functions.TryGetValue(entry, out Dictionary<string, int>? counts) || counts["EXIT"] == 0)
                {
                    Wrong($"{name}: its machine code is not understood");
                    continue;
                }

                bool isClean = Fused().IsMatch(body) || counts["FFMA"] + counts["DFMA"] == 0;
                clean += isClean ? 1 : 0;
                if (!isClean)
                {
                    Wrong($"{name}: {counts["FFMA"]} FFMA and {counts["DFMA"]} DFMA where the PTX has no fma");
                }

                if (text.Key == "Admission")
                {
                    foreach ((string instruction, int count) in counts)
                    {
                        Add(new Figure("instructions", name, instruction, count, string.Empty));
                    }
                }
            }
        }

        Note(string.Create(CultureInfo.InvariantCulture, $"{clean} kernels looked at have nothing fused that is apart in PTX"));
    }

    [GeneratedRegex(@"\.entry\s+([\w$]+)\s*\((.*?)^\}", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Entries();

    [GeneratedRegex(@"\b(mul|add|sub)\.rn\.f(32|64)\b")]
    private static partial Regex Apart();

    // Divisions and roots of reals are made of fma, those of integers are not; a call may lead anywhere.
    [GeneratedRegex(@"\b(fma|div\.rn|sqrt|rcp|call|ex2|lg2)\b")]
    private static partial Regex Fused();
}
