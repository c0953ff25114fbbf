using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Cast.cs for the pairs that models use in bulk: among f32, f16, bf16; from those to i8, u8, i32, i64, bool;
//  from bool, i8, u8, i32, i64 to those; between i32 and i64.
//

/// <summary>Another element type.</summary>
internal static unsafe class Cast
{
    internal static bool Run(KernelRun run, Engine.Ops.Cast op)
    {
        DType from = run.Call.Inputs[0].Type.DType;
        if (from.IsSingle())
        {
            return op.To switch
            {
                DType.F32 or DType.F16 or DType.BF16 => Narrowed(run, op.To),
                DType.Bool => FromSingle<byte>(run, x => x != 0 ? (byte)1 : (byte)0),
                DType.U8 => FromSingle<byte>(run, x => Real.ToU8(x)),
                DType.I8 => FromSingle<sbyte>(run, x => Real.ToI8(x)),
                DType.I32 => FromSingle<int>(run, x => Real.ToI32(x)),
                DType.I64 => FromSingle<long>(run, x => Real.ToI64(x)),
                _ => false,
            };
        }

        return (from, op.To) switch
        {
            (DType.Bool or DType.U8, DType.F32) => Convert<byte, float>(run, x => x),
            (DType.I8, DType.F32) => Convert<sbyte, float>(run, x => x),
            (DType.I32, DType.F32) => Convert<int, float>(run, x => x),
            (DType.I64, DType.F32) => Convert<long, float>(run, Real.ToF32),
            (DType.I32, DType.I64) => Convert<int, long>(run, x => x),
            (DType.I64, DType.I32) => Convert<long, int>(run, x => unchecked((int)x)),
            _ => false,
        };
    }

    private static bool Narrowed(KernelRun run, DType to)
    {
        Operand operand = run.Call.Inputs[0];
        Blocks x = new(run, operand);
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>((long)run.Workers * Blocks.Elements);
        Singles.ForBlocks(run, operand.Type.Elements, (start, count, worker) =>
            Blocks.Store(to, x.Singles(start, count, room + ((long)worker * Blocks.Elements)), count, y, start));
        return true;
    }

    private static bool FromSingle<T>(KernelRun run, Func<float, T> convert)
        where T : unmanaged
    {
        Operand operand = run.Call.Inputs[0];
        Blocks x = new(run, operand);
        T* y = run.Output<T>(0);
        float* room = run.Rent<float>((long)run.Workers * Blocks.Elements);
        Singles.ForBlocks(run, operand.Type.Elements, (start, count, worker) =>
        {
            float* from = x.Singles(start, count, room + ((long)worker * Blocks.Elements));
            for (int i = 0; i < count; i++)
            {
                y[start + i] = convert(from[i]);
            }
        });
        return true;
    }

    private static bool Convert<TFrom, TTo>(KernelRun run, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        Operand operand = run.Call.Inputs[0];
        Blocks x = new(run, operand);
        TTo* y = run.Output<TTo>(0);
        TFrom* room = run.Rent<TFrom>((long)run.Workers * Blocks.Elements);
        Singles.ForBlocks(run, operand.Type.Elements, (start, count, worker) =>
        {
            TFrom* from = x.Stored(start, count, room + ((long)worker * Blocks.Elements));
            for (int i = 0; i < count; i++)
            {
                y[start + i] = convert(from[i]);
            }
        });
        return true;
    }
}
