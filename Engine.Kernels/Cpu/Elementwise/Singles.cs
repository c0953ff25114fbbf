using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Elementwise loops over f32, f16 and bf16: block by block, operands through their maps, each result rounded once to
/// storage.</summary>
internal static unsafe class Singles
{
    // Elements below which a second worker is not worth waking.
    private const long Least = 8192;

    /// <summary>y = f(x).</summary>
    internal static bool Unary<F, TMap>(KernelRun run, TMap map)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1 => UnaryBlocks<F, Lifted<TMap>>(run, new(map));

    /// <summary>y = f(x), block by block.</summary>
    internal static bool UnaryBlocks<F, TMap>(KernelRun run, TMap map)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IBlockMap
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        if (!type.IsSingle())
        {
            return false;
        }

        Blocks x = new(run, operand);
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * 3L * Blocks.Elements);
        ForBlocks(run, operand.Type.Elements, (start, count, worker) =>
        {
            float* own = room + (worker * 3L * Blocks.Elements);
            float* from = x.Singles(start, count, own);
            float* to = type == DType.F32 ? (float*)y + start : own + Blocks.Elements;
            map.Apply<F>(from, to, count, own + (2 * Blocks.Elements));
            if (type != DType.F32)
            {
                Blocks.Store(type, to, count, y, start);
            }
        });
        return true;
    }

    /// <summary>y = f(a, b).</summary>
    internal static bool Binary<F, TMap>(KernelRun run, TMap map)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap2
    {
        Operand first = run.Call.Inputs[0];
        if (!first.Type.DType.IsSingle())
        {
            return false;
        }

        TensorType type = run.Call.Node.Outputs[0];
        Blocks a = new(run, first);
        Blocks b = new(run, run.Call.Inputs[1]);
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * 3L * Blocks.Elements);
        ForBlocks(run, type.Elements, (start, count, worker) =>
        {
            float* own = room + (worker * 3L * Blocks.Elements);
            float* left = a.Singles(start, count, own);
            float* right = b.Singles(start, count, own + Blocks.Elements);
            bool direct = type.DType == DType.F32;
            float* result = direct ? (float*)y + start : own + (2 * Blocks.Elements);
            Loop<F, TMap>(map, left, right, result, count);
            if (type.DType == DType.Bool)
            {
                for (int i = 0; i < count; i++)
                {
                    ((byte*)y)[start + i] = (byte)(((uint*)result)[i] & 1);
                }
            }
            else if (!direct)
            {
                Blocks.Store(type.DType, result, count, y, start);
            }
        });
        return true;
    }

    /// <summary>Runs blocks of an output on the workers.</summary>
    internal static void ForBlocks(KernelRun run, long elements, BlockBody body)
        => run.ForRanges(elements, Least, (start, end, worker) =>
        {
            for (long at = start; at < end; at += Blocks.Elements)
            {
                body(at, (int)Math.Min(Blocks.Elements, end - at), worker);
            }
        });

    /// <summary>y = f(x) over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<F, TMap>(TMap map, float* x, float* y, int count)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, F.Canonical(map.Apply(F.Load(x + i))));
        }

        for (; i < count; i++)
        {
            Floats1.Store(y + i, Floats1.Canonical(map.Apply(Floats1.Load(x + i))));
        }
    }

    /// <summary>y = f(a, b) over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<F, TMap>(TMap map, float* a, float* b, float* y, int count)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap2
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, F.Canonical(map.Apply(F.Load(a + i), F.Load(b + i))));
        }

        for (; i < count; i++)
        {
            Floats1.Store(y + i, Floats1.Canonical(map.Apply(Floats1.Load(a + i), Floats1.Load(b + i))));
        }
    }

    /// <summary>Part of an output: first element, number of elements, worker.</summary>
    internal delegate void BlockBody(long start, int count, int worker);

    private readonly struct Lifted<TMap>(TMap map) : IBlockMap
        where TMap : struct, IMap1
    {
        public void Apply<F>(float* x, float* y, int count, float* room)
            where F : unmanaged, IFloats<F> => Loop<F, TMap>(map, x, y, count);
    }
}
