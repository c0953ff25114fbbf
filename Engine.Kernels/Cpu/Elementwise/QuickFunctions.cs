using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

//
//  The functions of models at sixteen lanes of AVX-512, in two steps. A double approximation with an error near 2^-38 decides all but a few
//  in 10,000 results; the rest, and arguments at the ends of the range, are left to the enclosures of Engine/Numerics, which are eight times
//  as exact and half as fast, and by them to the integers. Which step decided a lane does not reach its bits.
//
//    y = an approximation of f(x), a double; two f32 beside it are 2^29 units of its last place apart
//    decided    y is more than Slack units from the middle of the two, and its error is less than that
//

/// <summary>A function that a cheap approximation decides almost everywhere.</summary>
internal interface IQuickFunction
{
    /// <summary>Two vectors at a time share the loads of the constants: so few are they that nothing is pushed out of registers.</summary>
    static abstract bool InPairs { get; }

    /// <summary>The approximation's error stays below this many units in the last place of a double; a power of two.</summary>
    static abstract int Slack { get; }

    /// <summary>Where the approximation is taken, and a bit for each lane that it may not decide.</summary>
    static abstract Vector512<float> Argument(Vector512<float> x, out ulong open);

    /// <summary>f to within <see cref="Slack"/>, for arguments that are not open.</summary>
    static abstract Vector512<double> Of(Vector512<double> x);

    /// <summary>f(x) from the rounded approximation: puts the sign back.</summary>
    static abstract Vector512<float> Result(Vector512<float> y, Vector512<float> x);

    /// <summary>f by the enclosure; y may be x.</summary>
    static abstract void Surely(ReadOnlySpan<float> x, Span<float> y);
}

/// <summary>Loops over a function, with what comes before and after it done in the same pass.</summary>
internal static unsafe class QuickFunctions
{
    private const int Middle = 1 << 28;

    /// <summary>Whether this machine has the instructions.</summary>
    internal static bool IsSupported => Avx512F.IsSupported && Vector512.IsHardwareAccelerated;

    /// <summary>y = after(x, f(before(x))); y may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<TQuick, TBefore, TAfter>(TBefore before, TAfter after, float* x, float* y, int count)
        where TQuick : struct, IQuickFunction
        where TBefore : struct, IMap1
        where TAfter : struct, IMap2
    {
        int step = TQuick.InPairs ? 32 : 16;
        int done = 0;
        while (count - done >= step)
        {
            nuint whole = (nuint)((count - done) & -step);
            done += (int)(TQuick.InPairs
                ? Pairs<TQuick, TBefore, TAfter>(before, after, x + done, y + done, whole)
                : Ones<TQuick, TBefore, TAfter>(before, after, x + done, y + done, whole));
            if (count - done >= step)
            {
                Some<TQuick, TBefore, TAfter>(before, after, x + done, y + done, step);
                done += step;
            }
        }

        if (done < count)
        {
            Some<TQuick, TBefore, TAfter>(before, after, x + done, y + done, count - done);
        }
    }

    // The loops end at the first step with an open lane, and return how many elements they did. They are methods of their own, and call nothing:
    // in one, the compiler would stop inlining, and beside a call no constant stays in a register.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static nuint Pairs<TQuick, TBefore, TAfter>(TBefore before, TAfter after, float* x, float* y, nuint count)
        where TQuick : struct, IQuickFunction
        where TBefore : struct, IMap1
        where TAfter : struct, IMap2
    {
        ref float source = ref *x;
        ref float target = ref *y;
        for (nuint i = 0; i < count; i += 32)
        {
            Vector512<float> x0 = Vector512.LoadUnsafe(ref source, i);
            Vector512<float> x1 = Vector512.LoadUnsafe(ref source, i + 16);
            Vector512<float> f0 = Of<TQuick>(Mapped(before, x0), out ulong open0);
            Vector512<float> f1 = Of<TQuick>(Mapped(before, x1), out ulong open1);
            if ((open0 | open1) != 0)
            {
                return i;
            }

            Mapped(after, x0, f0).StoreUnsafe(ref target, i);
            Mapped(after, x1, f1).StoreUnsafe(ref target, i + 16);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static nuint Ones<TQuick, TBefore, TAfter>(TBefore before, TAfter after, float* x, float* y, nuint count)
        where TQuick : struct, IQuickFunction
        where TBefore : struct, IMap1
        where TAfter : struct, IMap2
    {
        ref float source = ref *x;
        ref float target = ref *y;
        for (nuint i = 0; i < count; i += 16)
        {
            Vector512<float> x0 = Vector512.LoadUnsafe(ref source, i);
            Vector512<float> f0 = Of<TQuick>(Mapped(before, x0), out ulong open);
            if (open != 0)
            {
                return i;
            }

            Mapped(after, x0, f0).StoreUnsafe(ref target, i);
        }

        return count;
    }

    // At most 32 elements. A lane that the approximation decides keeps what it decided, whatever lies beside it.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void Some<TQuick, TBefore, TAfter>(TBefore before, TAfter after, float* x, float* y, int count)
        where TQuick : struct, IQuickFunction
        where TBefore : struct, IMap1
        where TAfter : struct, IMap2
    {
        float* room = stackalloc float[32 + 16];
        Span<float> some = new(room, 32);
        Span<float> sure = new(room + 32, 16);
        new ReadOnlySpan<float>(x, count).CopyTo(some);
        for (int i = 0; i < count; i += 16)
        {
            Vector512<float> values = Vector512.Load(room + i);
            Vector512<float> f = Of<TQuick>(Mapped(before, values), out ulong open);
            if (open != 0)
            {
                Mapped(before, values).CopyTo(sure);
                TQuick.Surely(sure, sure);
                Vector512<int> lanes = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
                Vector512<int> others = Vector512.Equals(lanes & Vector512.Create((int)open), Vector512<int>.Zero);
                f = Vector512.ConditionalSelect(others.AsSingle(), f, Vector512.Load(room + 32));
            }

            Mapped(after, values, f).Store(room + i);
        }

        some[..count].CopyTo(new Span<float>(y, count));
    }

    /// <summary>f of sixteen numbers.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="open">A bit for each lane that is undecided. The result means nothing there.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Of<TQuick>(Vector512<float> x, out ulong open)
        where TQuick : struct, IQuickFunction
    {
        Vector512<float> at = TQuick.Argument(x, out ulong outside);
        Vector512<float> y = At<TQuick>(at, out open);
        open |= outside;
        return TQuick.Result(y, x);
    }

    /// <summary>The rounded approximation at sixteen arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> At<TQuick>(Vector512<float> at, out ulong open)
        where TQuick : struct, IQuickFunction
    {
        Vector512<double> low = TQuick.Of(Avx512F.ConvertToVector512Double(at.GetLower()));
        Vector512<double> high = TQuick.Of(Avx512F.ConvertToVector512Double(at.GetUpper()));

        Vector512<float> y = Avx512F.InsertVector256(
            Avx512F.ConvertToVector256Single(low).ToVector512Unsafe(), Avx512F.ConvertToVector256Single(high), 1);

        // The low halves of the sixteen doubles: what lies below a f32's last place is their last 29 bits.
        Vector512<int> halves = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        Vector512<int> rest = Avx512F.PermuteVar16x32x2(low.AsInt32(), halves, high.AsInt32()) - Vector512.Create(Middle - TQuick.Slack);
        Vector512<int> near = Vector512.Equals(rest & Vector512.Create((2 * Middle) - (2 * TQuick.Slack)), Vector512<int>.Zero);
        open = near.ExtractMostSignificantBits();
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mapped<TMap>(TMap map, Vector512<float> x)
        where TMap : struct, IMap1 => Unsafe.BitCast<Floats16, Vector512<float>>(map.Apply(new Floats16(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Mapped<TMap>(TMap map, Vector512<float> a, Vector512<float> b)
        where TMap : struct, IMap2
    {
        Floats16 y = map.Apply(new Floats16(a), new Floats16(b));
        return Unsafe.BitCast<Floats16, Vector512<float>>(typeof(TMap) == typeof(SecondMap) ? y : Floats16.Canonical(y));
    }
}

/// <summary>2^x for doubles: a table of 2^(i/16) and a polynomial of degree 4.</summary>
internal static class QuickPowers
{
    // Adding this rounds to a multiple of 1/16, and leaves how many sixteenths in the low bits.
    private const double Magic = 6755399441055744.0 / 16;

    /// <summary>x·by = k/16 + r, and k in the low bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<long> Split(Vector512<double> x, double by, out Vector512<double> r)
    {
        Vector512<double> factor = Vector512.Create(by);
        Vector512<double> shifted = Vector512.FusedMultiplyAdd(x, factor, Vector512.Create(Magic));
        r = Avx512F.FusedMultiplySubtract(x, factor, shifted - Vector512.Create(Magic));
        return shifted.AsInt64();
    }

    /// <summary>2^(k/16), k from <see cref="Split"/>: the table has the exponent that k's low four bits stand for taken out again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> Scale(Vector512<long> k)
    {
        Vector512<long> low = Vector512.Create(
            0x3FF0000000000000, 0x3FEFB5586CF9890F, 0x3FEF72B83C7D517B, 0x3FEF387A6E756238,
            0x3FEF06FE0A31B715, 0x3FEEDEA64C123422, 0x3FEEBFDAD5362A27, 0x3FEEAB07DD485429);
        Vector512<long> high = Vector512.Create(
            0x3FEEA09E667F3BCD, 0x3FEEA11473EB0187, 0x3FEEACE5422AA0DB, 0x3FEEC49182A3F090,
            0x3FEEE89F995AD3AD, 0x3FEF199BDD85529C, 0x3FEF5818DCFBA487, 0x3FEFA4AFA2A490DA);
        Vector512<long> exponent = k << 48;
        return (Avx512F.PermuteVar8x64x2(low, k, high) + exponent).AsDouble();
    }

    /// <summary>2^(x·by): relative error below 2^-38.4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> Power(Vector512<double> x, double by)
    {
        Vector512<long> k = Split(x, by, out Vector512<double> r);
        Vector512<double> p = Vector512.FusedMultiplyAdd(Vector512.Create(0.009618317178189551), r, Vector512.Create(0.05550573664016391));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.24022650691317576));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.6931471801624098));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<double>.One);
        return Scale(k) * p;
    }

    /// <summary>2^(x·by) - 1: relative error below 2^-40.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> PowerLess1(Vector512<double> x, double by)
    {
        Vector512<long> k = Split(x, by, out Vector512<double> r);
        Vector512<double> p = Vector512.FusedMultiplyAdd(Vector512.Create(0.0013333744375480432), r, Vector512.Create(0.009618317178189551));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.055504108660274054));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.24022650691317576));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.6931471805599453)) * r;
        Vector512<double> power = Scale(k);
        return Vector512.FusedMultiplyAdd(power, p, power - Vector512<double>.One);
    }
}

/// <summary>e^x. Open: NaN, where the result is a subnormal number, and above 88.</summary>
internal readonly struct QuickExp : IQuickFunction
{
    private const uint Least = 0xC2AEAC4F;
    private const uint Zero = 0xC2D00000;

    /// <inheritdoc/>
    public static bool InPairs => true;

    /// <inheritdoc/>
    public static int Slack => 1 << 15;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Argument(Vector512<float> x, out ulong open)
    {
        Vector512<float> at = NotPositive(x, out open);
        open |= (~Vector512.LessThanOrEqual(x, Vector512.Create(88f))).ExtractMostSignificantBits();
        return at;
    }

    /// <summary>The same where x is at most 0; a NaN is a NaN in the result, open or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> NotPositive(Vector512<float> x, out ulong open)
    {
        // -104 gives 0. Of negative numbers the larger pattern is the lesser number. The instruction's second operand wins over a NaN.
        Vector512<float> at = Avx512F.Max(Vector512.Create(Zero).AsSingle(), x);
        Vector512<uint> below = at.AsUInt32() - Vector512.Create(Least);
        open = Vector512.LessThan(below, Vector512.Create(Zero - Least)).ExtractMostSignificantBits();
        return at;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> x) => QuickPowers.Power(x, 1.4426950408889634);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Result(Vector512<float> y, Vector512<float> x) => y;

    /// <inheritdoc/>
    public static void Surely(ReadOnlySpan<float> x, Span<float> y) => FunctionKernels.Loop<FastExp, Doubles8>(x, y);
}

/// <summary>tanh x = (e^2x - 1) / (e^2x + 1) of the magnitude. Open: NaN.</summary>
internal readonly struct QuickTanh : IQuickFunction
{
    /// <inheritdoc/>
    public static bool InPairs => true;

    /// <inheritdoc/>
    public static int Slack => 1 << 15;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Argument(Vector512<float> x, out ulong open)
    {
        // Above 9.25 the result is 1; next to 0 it is x, subnormal or not. Patterns of magnitudes are in the order of the numbers.
        Vector512<int> size = x.AsInt32() & Vector512.Create(int.MaxValue);
        open = Vector512.GreaterThan(size, Vector512.Create(0x7F800000)).ExtractMostSignificantBits();
        return Vector512.Min(size, Vector512.Create(0x41140000)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> x)
    {
        Vector512<double> less = QuickPowers.PowerLess1(x, 2.8853900817779268);
        return less / (less + Vector512.Create(2.0));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Result(Vector512<float> y, Vector512<float> x) => y | (x & Vector512.Create(-0f));

    /// <inheritdoc/>
    public static void Surely(ReadOnlySpan<float> x, Span<float> y) => FunctionKernels.Loop<FastTanh, Doubles8>(x, y);
}

/// <summary>erf x = x g(xx), as the enclosure with a polynomial of degree 20: relative error below 2^-36.9. Open: NaN, and
/// where the result is a subnormal number.</summary>
internal readonly struct QuickErf : IQuickFunction
{
    /// <inheritdoc/>
    public static bool InPairs => false;

    /// <inheritdoc/>
    public static int Slack => 1 << 17;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Argument(Vector512<float> x, out ulong open)
    {
        // Above 3.93 the result is 1; from 2^-126 on it is a normal number.
        Vector512<int> size = x.AsInt32() & Vector512.Create(int.MaxValue);
        Vector512<int> small = Vector512.LessThan((size - Vector512<int>.One).AsUInt32(), Vector512.Create(0x00800000u - 1)).AsInt32();
        open = (Vector512.GreaterThan(size, Vector512.Create(0x7F800000)) | small).ExtractMostSignificantBits();
        return Vector512.Min(size, Vector512.Create(0x407B851F)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> x)
    {
        Vector512<double> v = Vector512.FusedMultiplyAdd(x * x, Vector512.Create(0.1294925833122908), Vector512.Create(-1.0));
        Vector512<double> v2 = v * v;
        Vector512<double> v4 = v2 * v2;
        Vector512<double> p0 = Horner(
            v4,
            0.35982021139531417,
            0.09058222187566702,
            0.030848888882183605,
            0.004043619943349971,
            Vector512.FusedMultiplyAdd(Vector512.Create(7.895794251930424e-06), v4, Vector512.Create(0.0002128612439432106)));
        Vector512<double> p1 = Horner(
            v4,
            -0.17966029689837099,
            -0.07412025096065092,
            -0.02042313550444669,
            -0.0020508405092548206,
            Vector512.Create(-5.6149713040496094e-05));
        Vector512<double> p2 = Horner(
            v4,
            0.13378065491526625,
            0.058414539101753454,
            0.012680536045464947,
            0.0010005153343279473,
            Vector512.Create(2.4098645107843875e-05));
        Vector512<double> p3 = Horner(
            v4,
            -0.10900094074982629,
            -0.043730358998865355,
            -0.00739885860331043,
            -0.0004990919730910499,
            Vector512.Create(-2.320000444654418e-05));
        Vector512<double> far = Vector512.FusedMultiplyAdd(p3, v, p2);
        return Vector512.FusedMultiplyAdd(far, v2, Vector512.FusedMultiplyAdd(p1, v, p0)) * x;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Result(Vector512<float> y, Vector512<float> x) => y | (x & Vector512.Create(-0f));

    /// <inheritdoc/>
    public static void Surely(ReadOnlySpan<float> x, Span<float> y) => FunctionKernels.Loop<FastErf, Doubles8>(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Horner(Vector512<double> x, double c0, double c1, double c2, double c3, Vector512<double> p)
    {
        p = Vector512.FusedMultiplyAdd(p, x, Vector512.Create(c3));
        p = Vector512.FusedMultiplyAdd(p, x, Vector512.Create(c2));
        p = Vector512.FusedMultiplyAdd(p, x, Vector512.Create(c1));
        return Vector512.FusedMultiplyAdd(p, x, Vector512.Create(c0));
    }
}

/// <summary>erfc x, as the enclosure for magnitudes up to 4.5 with a polynomial of degree 12 in s = (8x/3 - 3.75) / (x + 3.75): relative
/// error below 2^-37.5. Open: NaN and magnitudes above 4.5.</summary>
internal readonly struct QuickErfc : IQuickFunction
{
    /// <inheritdoc/>
    public static bool InPairs => false;

    /// <inheritdoc/>
    public static int Slack => 1 << 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Argument(Vector512<float> x, out ulong open)
    {
        Vector512<int> size = x.AsInt32() & Vector512.Create(int.MaxValue);
        open = Vector512.GreaterThan(size, Vector512.Create(0x40900000)).ExtractMostSignificantBits();
        return x;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> x)
    {
        Vector512<double> a = Vector512.Abs(x);
        Vector512<double> near = a + Vector512.Create(3.75);
        Vector512<double> far = Vector512.FusedMultiplyAdd(a, Vector512.Create(2.0), Vector512<double>.One);
        Vector512<double> inverse = Vector512<double>.One / (near * far);
        Vector512<double> s = Vector512.FusedMultiplyAdd(a, Vector512.Create(2.6666666666666665), Vector512.Create(-3.75)) * (far * inverse);
        Vector512<double> s2 = s * s;
        Vector512<double> even = Step(Vector512.Create(-9.426209125887529e-08), s2, 3.540370123136141e-06);
        even = Step(Step(even, s2, -7.37194768702838e-05), s2, -0.005628670661902059);
        even = Step(Step(even, s2, -0.05542799907027724), s2, -0.11363507385335184);
        even = Step(even, s2, 1.287186038322909);
        Vector512<double> odd = Step(Vector512.Create(1.4739816906071401e-08), s2, -1.2548548740828554e-05);
        odd = Step(Step(odd, s2, 0.0009932272756143343), s2, 0.020927016351305668);
        odd = Step(Step(odd, s2, 0.10306476828589624), s2, -0.012548456735733009);
        Vector512<double> g = Vector512.FusedMultiplyAdd(odd, s, even) * (near * inverse);
        Vector512<double> y = QuickPowers.Power(a * a, -1.4426950408889634) * g;
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<double>.Zero), Vector512.Create(2.0) - y, y);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Result(Vector512<float> y, Vector512<float> x) => y;

    /// <inheritdoc/>
    public static void Surely(ReadOnlySpan<float> x, Span<float> y) => FunctionKernels.Loop<FastErfc, Doubles8>(x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Step(Vector512<double> p, Vector512<double> x, double c)
        => Vector512.FusedMultiplyAdd(p, x, Vector512.Create(c));
}
