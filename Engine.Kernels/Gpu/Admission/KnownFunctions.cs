using System;
using System.Collections.Generic;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Gpu.Admission;

/// <summary>What the kernels of Texts/Functions.cl must give: the same functions by the CPU's kernels, which are compared with the definition on every
/// input (docs/functions-exhaustive.md).</summary>
internal static unsafe class KnownFunctions
{
    /// <summary>The text's work-items of a work-group.</summary>
    internal const int GroupSize = 256;

    private const int Block = 1024;

    /// <summary>y[i] = f(x[i]), with the one NaN.</summary>
    internal delegate void Answers(ReadOnlySpan<float> x, Span<float> y);

    /// <summary>Kernels and what they give.</summary>
    internal static IReadOnlyList<(string Kernel, Answers Answers)> All { get; } =
    [
        ("map_exp", Of(Function.Exp)),
        ("map_expm1", Of(Function.Expm1)),
        ("map_tanh", Of(Function.Tanh)),
        ("map_log", Of(Function.Log)),
        ("map_log1p", Of(Function.Log1p)),
        ("map_erf", Of(Function.Erf)),
        ("map_erfc", Of(Function.Erfc)),
        ("map_sigmoid", Of(default(SigmoidMap))),
        ("map_softplus", Of(default(SoftplusMap))),
        ("map_gelu", Of(default(GeluMap))),
        ("map_gelu_tanh", Of(default(GeluTanhMap))),
        ("map_sinh", Of(Function.Sinh)),
        ("map_cosh", Of(Function.Cosh)),
        ("map_asinh", Of(Function.Asinh)),
        ("map_acosh", Of(Function.Acosh)),
        ("map_atanh", Of(Function.Atanh)),
        ("map_atan", Of(Function.Atan)),
        ("map_asin", Of(Function.Asin)),
        ("map_acos", Of(Function.Acos)),
        ("map_sin", Of(Function.Sin)),
        ("map_cos", Of(Function.Cos)),
        ("map_tan", Of(Function.Tan)),
        ("map_cube", Canonical((x, y) => FunctionKernels.Pow(x, 3f, y, FunctionKernels.BestWidth))),
        ("map_inverse_root", Of(Function.Rsqrt)),
    ];

    private static Answers Of(Function function) => Canonical((x, y) => FunctionKernels.Apply(function, x, y));

    private static Answers Of<TMap>(TMap map)
        where TMap : IBlockMap
        => Canonical((x, y) =>
        {
            float* room = stackalloc float[Block];
            fixed (float* from = x, to = y)
            {
                for (int i = 0; i < x.Length; i += Block)
                {
                    int count = int.Min(Block, x.Length - i);
                    if (Vector512.IsHardwareAccelerated)
                    {
                        map.Apply<Floats16>(from + i, to + i, count, room);
                    }
                    else
                    {
                        map.Apply<Floats4>(from + i, to + i, count, room);
                    }
                }
            }
        });

    private static Answers Canonical(Answers answers) => (x, y) =>
    {
        answers(x, y);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = Real.Canonical(y[i]);
        }
    };
}
