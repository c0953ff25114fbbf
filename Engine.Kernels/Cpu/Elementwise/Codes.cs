using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Between integer codes and vectors. A buffer of codes is one of int32 lanes, or of their values as f32.</summary>
internal static unsafe class Codes
{
    /// <summary>Codes of any of the five types as f32 values (i32: as int32 lanes).</summary>
    internal static void Widen(DType type, void* from, int count, int* to)
    {
        switch (type)
        {
            case DType.U8:
                for (int i = 0; i < count; i++)
                {
                    to[i] = ((byte*)from)[i];
                }

                break;
            case DType.I8:
                for (int i = 0; i < count; i++)
                {
                    to[i] = ((sbyte*)from)[i];
                }

                break;
            case DType.U16:
                for (int i = 0; i < count; i++)
                {
                    to[i] = ((ushort*)from)[i];
                }

                break;
            case DType.I16:
                for (int i = 0; i < count; i++)
                {
                    to[i] = ((short*)from)[i];
                }

                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    to[i] = ((int*)from)[i];
                }

                break;
        }
    }

    /// <summary>The low bits of int32 lanes as codes.</summary>
    internal static void Store(DType type, int* from, int count, void* to, long start)
    {
        if (type.Size() == 1)
        {
            byte* bytes = (byte*)to + start;
            for (int i = 0; i < count; i++)
            {
                bytes[i] = (byte)from[i];
            }

            return;
        }

        ushort* words = (ushort*)to + start;
        for (int i = 0; i < count; i++)
        {
            words[i] = (ushort)from[i];
        }
    }

    /// <summary>As Ops.Quantized.Saturate: clamp(rne(value), low − zero, high − zero) + zero as int32 lanes; NaN gives low.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Saturate<F>(F value, F zero, float low, float high)
        where F : unmanaged, IFloats<F>
    {
        return Saturate(value, zero, F.Of(low) - F.FromInt(zero), F.Of(high) - F.FromInt(zero));
    }

    /// <summary>The same, with low − zero and high − zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Saturate<F>(F value, F zero, F least, F most)
        where F : unmanaged, IFloats<F>
    {
        F nearest = F.Round(value);
        nearest = F.Select(F.LessOrEqual(least, nearest), nearest, least);
        nearest = F.Select(F.LessOrEqual(nearest, most), nearest, most);
        return F.AddInt(F.ToInt(nearest), zero);
    }
}
