using System.Globalization;
using System.Text.RegularExpressions;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Whether the driver fused a product and a sum that the PTX has apart. A kernel whose PTX has no fma, and nothing that is expanded into some,
/// may have none in machine code.</summary>
internal sealed partial class SassProbe() : Probe("sass", "Machine code", 30)
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

        Compare();
        int clean = 0;
        (string Text, string Entry, string Body) primitives = kernels.Single(kernel => kernel is { Text: "Admission", Entry: "primitives" });
        foreach (IGrouping<string, (string Text, string Entry, string Body)> text in apart.Append(primitives).GroupBy(kernel => kernel.Text)
            .Where(_ => MayBegin()))
        {
            Dictionary<string, Dictionary<string, int>> functions = Cubin.Count(Cubin.Of(text.Key, KernelTexts.Ptx(text.Key)!, Device.Description.Capability));
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

    // A product and a sum of f32, and of f64, as clang writes them with -ffp-contract=off; and as it writes them where they may be fused, which shows
    // that a fused one is seen.
    private void Compare()
    {
        Dictionary<string, int> apart = Count(".rn");
        Dictionary<string, int> free = Count(string.Empty);
        foreach ((string instruction, int count) in apart)
        {
            Add(new Figure("a · b + c of f32 and of f64", instruction, "mul.rn, add.rn", count, string.Empty));
            Add(new Figure("a · b + c of f32 and of f64", instruction, "mul, add", free[instruction], string.Empty));
        }

        if (free["FFMA"] != 1 || free["DFMA"] != 1)
        {
            Wrong("machine code is not understood: a product and a sum that may be fused are not seen as one instruction");
        }

        if (apart["FMUL"] != 1 || apart["FADD"] != 1 || apart["FFMA"] != 0 || apart["DMUL"] != 1 || apart["DADD"] != 1 || apart["DFMA"] != 0)
        {
            Wrong("the driver fuses mul.rn and add.rn");
        }
    }

    private Dictionary<string, int> Count(string rounding)
    {
        string ptx = $$"""
            .version 6.0
            .target sm_70
            .address_size 64
            .visible .entry apart(.param .u64 p)
            {
            .reg .f32 %f<6>;
            .reg .f64 %d<6>;
            .reg .b64 %r<3>;
            ld.param.u64 %r1, [p];
            cvta.to.global.u64 %r2, %r1;
            ld.global.f32 %f1, [%r2];
            ld.global.f32 %f2, [%r2+4];
            ld.global.f32 %f3, [%r2+8];
            mul{{rounding}}.f32 %f4, %f1, %f2;
            add{{rounding}}.f32 %f5, %f4, %f3;
            st.global.f32 [%r2+12], %f5;
            ld.global.f64 %d1, [%r2+16];
            ld.global.f64 %d2, [%r2+24];
            ld.global.f64 %d3, [%r2+32];
            mul{{rounding}}.f64 %d4, %d1, %d2;
            add{{rounding}}.f64 %d5, %d4, %d3;
            st.global.f64 [%r2+40], %d5;
            ret;
            }

            """;
        return Cubin.Count(Cubin.Of("apart", ptx, Device.Description.Capability))["apart"];
    }

    [GeneratedRegex(@"\.entry\s+([\w$]+)\s*\((.*?)^\}", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Entries();

    [GeneratedRegex(@"\b(mul|add|sub)\.rn\.f(32|64)\b")]
    private static partial Regex Apart();

    // Divisions and roots of reals are made of fma, those of integers are not; a call may lead anywhere.
    [GeneratedRegex(@"\b(fma|div\.rn|sqrt|rcp|call|ex2|lg2)\b")]
    private static partial Regex Fused();
}
