/* uses: doubles.h, functions.h */
/* The functions of one variable that functions.h has not, through f64: y is f(x) with a relative error below 2^-48, of IEEE operations only, so that its
   bits are the same on every device. The one rounding of y to f32 is the right one for each of the 2^32 arguments, which bench/functions.sh gpu tries, but
   for the few that are named: there y is the middle of two f32, and the value lies on the side of the odd one.
   A NaN may be any NaN: what stores it makes it canonical. The formulas and polynomials are those of Engine/Numerics/Fast*.cs, which state their errors. */

/* Adding and subtracting it rounds to an integer, which is left in the low bits of the sum. */
#define MAGIC F64(6755399441055744.0, 0x4338000000000000ul)
#define LN2_HIGH F64(0.6931471805599453, 0x3fe62e42fefa39eful)
#define LN2_LOW F64(2.3190468138462996e-17, 0x3c7abc9e3b39803ful)
#define QUARTER_HIGH F64(1.5707963267948966, 0x3ff921fb54442d18ul)
#define QUARTER_LOW F64(6.123233995736766e-17, 0x3c91a62633145c07ul)
#define EIGHTH_HIGH F64(0.7853981633974483, 0x3fe921fb54442d18ul)
#define EIGHTH_LOW F64(3.061616997868383e-17, 0x3c81a62633145c07ul)
#define HUNDRED F64(100.0, 0x4059000000000000ul)

/* Horner's rule, fused, lowest coefficient first. */
#define POLY2(x, c0, c1) fma_f64(c1, x, c0)
#define POLY3(x, c0, c1, c2) fma_f64(POLY2(x, c1, c2), x, c0)
#define POLY4(x, c0, c1, c2, c3) fma_f64(POLY3(x, c1, c2, c3), x, c0)
#define POLY5(x, c0, c1, c2, c3, c4) fma_f64(POLY4(x, c1, c2, c3, c4), x, c0)
#define POLY6(x, c0, c1, c2, c3, c4, c5) fma_f64(POLY5(x, c1, c2, c3, c4, c5), x, c0)

/* No less than low and no more than high; a NaN stays. */
INLINED f64 clamped(f64 x, f64 low, f64 high)
{
    x = lt_f64(x, low) ? low : x;
    return lt_f64(high, x) ? high : x;
}

INLINED f64 size_of(f64 x)
{
    return double_of(bits_of_f64(x) & ~SIGN_f64);
}

/* A magnitude with the sign of another number. */
INLINED f64 signed_as(f64 magnitude, f64 sign)
{
    return double_of(bits_of_f64(magnitude) | (bits_of_f64(sign) & SIGN_f64));
}

/* e^r - 1 and 2^k with x = k log 2 + r, |r| < 0.3467: degree 11, below 2^-54 of e^r. */
INLINED f64 exp_split(f64 x, f64 *power)
{
    f64 magic = fma_f64(x, F64(1.4426950408889634, 0x3ff71547652b82feul), MAGIC);
    f64 k = sub_f64(magic, MAGIC);
    f64 r = fma_f64(k, neg_f64(LN2_LOW), fma_f64(k, neg_f64(LN2_HIGH), x));
    f64 square = mul_f64(r, r);
    f64 even = POLY5(square, F64(0.5000000000000001, 0x3fe0000000000001ul), F64(0.04166666666662404, 0x3fa5555555553d56ul),
        F64(0.0013888888917258759, 0x3f56c16c17890eb4ul), F64(2.4801521225986432e-05, 0x3efa019b8f9792eeul), F64(2.7620121717381933e-07, 0x3e928919ccaf9211ul));
    f64 odd = POLY5(square, F64(0.16666666666666669, 0x3fc5555555555556ul), F64(0.008333333333330055, 0x3f811111111109aful),
        F64(0.00019841269863088255, 0x3f2a01a01a7c73c0ul), F64(2.7557268406190795e-06, 0x3ec71de0da24602dul), F64(2.51004110820149e-08, 0x3e5af38c67fbb53eul));
    *power = double_of((bits_of_f64(magic) << 52) + 0x3ff0000000000000ul);
    return fma_f64(square, fma_f64(odd, r, even), r);
}

INLINED f64 exp_f64(f64 x)
{
    f64 power;
    f64 less = exp_split(clamped(x, F64(-110.0, 0xc05b800000000000ul), HUNDRED), &power);
    return fma_f64(power, less, power);
}

/* e^x - 1 for x in [-700, 700]. */
INLINED f64 less_one(f64 x)
{
    f64 power;
    f64 less = exp_split(x, &power);
    return fma_f64(power, less, sub_f64(power, ONE_f64));
}

/* (m + m / (m + 1)) / 2 with m = e^|x| - 1. */
INLINED f64 sinh_f64(f64 x)
{
    f64 less = less_one(clamped(size_of(x), ZERO_f64, HUNDRED));
    return signed_as(mul_f64(add_f64(less, div_f64(less, add_f64(less, ONE_f64))), HALF_f64), x);
}

INLINED f64 cosh_f64(f64 x)
{
    f64 e = exp_f64(size_of(x));
    return mul_f64(add_f64(e, div_f64(ONE_f64, e)), HALF_f64);
}

/* k + 1023, and m between sqrt(1/2) and sqrt(2), of a positive normal x = 2^k m. */
INLINED ulong log_split(f64 x, f64 *m)
{
    ulong biased = (bits_of_f64(x) + (0x3ff0000000000000ul - 0x3fe6a09e667f3bcdul)) >> 52;
    *m = double_of(bits_of_f64(x) - (biased << 52) + 0x3ff0000000000000ul);
    return biased;
}

INLINED f64 exponent_of(ulong biased)
{
    return f64_of_int((int)biased - 1023);
}

/* log(1 + f) for 1 + f between sqrt(1/2) and sqrt(2): 2s + s tail(ss) with s = f / (f + 2); degree 7 in ss, below 2^-57. */
INLINED f64 log_near(f64 f)
{
    f64 s = div_f64(f, add_f64(f, TWO_f64));
    f64 square = mul_f64(s, s);
    f64 fourth = mul_f64(square, square);
    f64 even = POLY4(fourth, F64(0.666666666666667, 0x3fe5555555555558ul), F64(0.2857142862609589, 0x3fd2492492df6947ul),
        F64(0.18182890556695602, 0x3fc7462b69705382ul), F64(0.1461703754879165, 0x3fc2b5b5fb2eac92ul));
    f64 odd = POLY3(fourth, F64(0.3999999999989924, 0x3fd99999999952b2ul), F64(0.2222221111514416, 0x3fcc71c62debf86bul),
        F64(0.1533167403016786, 0x3fc39fe208c33457ul));
    return fma_f64(s, mul_f64(square, fma_f64(odd, square, even)), add_f64(s, s));
}

/* y where x is positive and finite, else the value of a logarithm at such an x. */
INLINED f64 log_settled(f64 x, f64 y)
{
    f64 outside = eq_f64(x, ZERO_f64) ? neg_f64(INFINITE_f64) : eq_f64(x, INFINITE_f64) ? x : NAN_f64;
    return lt_f64(ZERO_f64, x) && lt_f64(x, INFINITE_f64) ? y : outside;
}

/* log(1 + x): the rounding error of 1 + x is put back before the division. */
INLINED f64 log_one_plus(f64 x)
{
    f64 sum = add_f64(ONE_f64, x);
    f64 part = sub_f64(sum, ONE_f64);
    f64 error = add_f64(sub_f64(ONE_f64, sub_f64(sum, part)), sub_f64(x, part));
    f64 m;
    ulong biased = log_split(sum, &m);
    f64 y = log_near(fma_f64(error, double_of((2046ul - biased) << 52), sub_f64(m, ONE_f64)));
    f64 k = exponent_of(biased);
    return log_settled(sum, fma_f64(k, LN2_HIGH, fma_f64(k, LN2_LOW, y)));
}

/* log(1 + a) with a = |x| + xx / (1 + sqrt(1 + xx)). */
INLINED f64 asinh_f64(f64 x)
{
    f64 size = size_of(x);
    f64 square = mul_f64(size, size);
    f64 y = log_one_plus(add_f64(size, div_f64(square, add_f64(ONE_f64, sqrt_f64(add_f64(ONE_f64, square))))));
    return signed_as(eq_f64(size, INFINITE_f64) ? size : y, x);
}

/* log(1 + a) with a = t + sqrt(t (t + 2)) and t = x - 1. */
INLINED f64 acosh_f64(f64 x)
{
    f64 t = sub_f64(x, ONE_f64);
    return lt_f64(x, ONE_f64) ? NAN_f64 : log_one_plus(add_f64(t, sqrt_f64(mul_f64(t, add_f64(t, TWO_f64)))));
}

/* log(1 + a) / 2 with a = 2|x| / (1 - |x|), which is infinite at 1 and below -2 beyond. */
INLINED f64 atanh_f64(f64 x)
{
    f64 size = size_of(x);
    return signed_as(mul_f64(log_one_plus(div_f64(add_f64(size, size), sub_f64(ONE_f64, size))), HALF_f64), x);
}

/* The angle less quarters * pi/2, of a finite |x| of at least 2^20: the 128 bits of 2/pi that matter, times the significand (Payne and Hanek). */
INLINED f64 angle_far(float x, uint *quarters)
{
    uint bits = bits_of(x) & 0x7fffffffu;
    uint significand = (bits & 0x7fffffu) | 0x800000u;
    uint start = (bits >> 23) - 88u;
    uint word = start >> 5;
    uint shift = start & 31u;

    /* Words word, word + 1, ... of 0 and 2/pi; word is 1 to 5. */
    uint w0 = word == 1u ? 0u : word == 2u ? 0xa2f9836eu : word == 3u ? 0x4e441529u : word == 4u ? 0xfc2757d1u : 0xf534ddc0u;
    uint w1 = word == 1u ? 0xa2f9836eu : word == 2u ? 0x4e441529u : word == 3u ? 0xfc2757d1u : word == 4u ? 0xf534ddc0u : 0xdb629599u;
    uint w2 = word == 1u ? 0x4e441529u : word == 2u ? 0xfc2757d1u : word == 3u ? 0xf534ddc0u : word == 4u ? 0xdb629599u : 0x3c439041u;
    uint w3 = word == 1u ? 0xfc2757d1u : word == 2u ? 0xf534ddc0u : word == 3u ? 0xdb629599u : word == 4u ? 0x3c439041u : 0xfe5163abu;
    uint w4 = word == 1u ? 0xf534ddc0u : word == 2u ? 0xdb629599u : word == 3u ? 0x3c439041u : word == 4u ? 0xfe5163abu : 0xdebbc561u;
    w0 = (uint)((((ulong)w0 << 32 | w1) << shift) >> 32);
    w1 = (uint)((((ulong)w1 << 32 | w2) << shift) >> 32);
    w2 = (uint)((((ulong)w2 << 32 | w3) << shift) >> 32);
    w3 = (uint)((((ulong)w3 << 32 | w4) << shift) >> 32);

    /* The product, two bits before the point. */
    ulong t3 = (ulong)w3 * significand;
    ulong t2 = (ulong)w2 * significand + (t3 >> 32);
    ulong t1 = (ulong)w1 * significand + (t2 >> 32);
    ulong high = ((ulong)(w0 * significand) << 32) + t1;
    ulong low = t2 << 32 | (t3 & 0xfffffffful);
    uint n = (uint)((high + (1ul << 61)) >> 62);
    long rest = (long)(high - ((ulong)n << 62));
    f64 turns = fma_f64(f64_of_ulong(low), F64(1.1754943508222875e-38, 0x3810000000000000ul),
        mul_f64(f64_of_long(rest), F64(2.168404344971009e-19, 0x3c10000000000000ul)));
    f64 angle = mul_f64(turns, QUARTER_HIGH);
    int negative = x < 0.0f;
    *quarters = negative ? 0u - n : n;
    return negative ? neg_f64(angle) : angle;
}

/* x less quarters * pi/2. A NaN for what is not finite. */
INLINED f64 angle_part(float x, uint *quarters)
{
    if (bits_of(x) << 1 >= 0x49800000u << 1)
    {
        f64 none = sub_f64(f64_of_f32(x), f64_of_f32(x));
        return add_f64(none, angle_far(x, quarters));
    }

    f64 magic = fma_f64(f64_of_f32(x), F64(0.6366197723675814, 0x3fe45f306dc9c883ul), MAGIC);
    f64 k = sub_f64(magic, MAGIC);
    *quarters = (uint)bits_of_f64(magic);
    return fma_f64(k, neg_f64(QUARTER_LOW), fma_f64(k, neg_f64(QUARTER_HIGH), f64_of_f32(x)));
}

/* |r| up to pi/4 and a little: degree 13, below 2^-55. */
INLINED f64 sin_part(f64 r)
{
    f64 square = mul_f64(r, r);
    f64 fourth = mul_f64(square, square);
    f64 odd = POLY3(fourth, F64(0.008333333333330946, 0x3f81111111110bb1ul), F64(2.7557316100283695e-06, 0x3ec71de379607474ul),
        F64(1.5918095236696272e-10, 0x3de5e0ae8e372075ul));
    f64 even = POLY3(fourth, F64(-0.16666666666666666, 0xbfc5555555555555ul), F64(-0.000198412698367542, 0xbf2a01a019e83460ul),
        F64(-2.5051131372218632e-08, 0xbe5ae600a7a70c62ul));
    f64 p = fma_f64(odd, square, even);
    return fma_f64(mul_f64(r, square), p, r);
}

/* |r| up to pi/4 and a little: degree 14, below 2^-55. */
INLINED f64 cos_part(f64 r)
{
    f64 square = mul_f64(r, r);
    f64 fourth = mul_f64(square, square);
    f64 odd = POLY3(fourth, F64(-0.0013888888888887395, 0xbf56c16c16c16966ul), F64(-2.755731727031051e-07, 0xbe927e4fa179895ful),
        F64(-1.1382611119025631e-11, 0xbda907d724680d4eul));
    f64 even = POLY3(fourth, F64(0.041666666666666664, 0x3fa5555555555555ul), F64(2.480158729876295e-05, 0x3efa01a019f4e7d9ul),
        F64(2.087614597263508e-09, 0x3e21eeb68a508535ul));
    f64 p = fma_f64(odd, square, even);
    return fma_f64(fourth, p, fma_f64(square, neg_f64(HALF_f64), ONE_f64));
}

/* The sine of x and quarters more. */
INLINED f64 sin_f64(float x, uint quarters)
{
    uint n;
    f64 r = angle_part(x, &n);
    n += quarters;
    f64 y = (n & 1u) != 0u ? cos_part(r) : sin_part(r);
    return (n & 2u) != 0u ? neg_f64(y) : y;
}

INLINED f64 tan_f64(float x)
{
    uint n;
    f64 r = angle_part(x, &n);
    f64 sine = sin_part(r);
    f64 cosine = cos_part(r);
    int odd = (n & 1u) != 0u;
    f64 y = div_f64(odd ? cosine : sine, odd ? sine : cosine);
    return odd ? neg_f64(y) : y;
}

/* The angle, from 0 to pi/2, whose tangent is over / under: the series up to tan(pi/8), beyond of (over - under) / (over + under) with pi/4 added,
   from 1 / tan(pi/8) of -under / over with pi/2 added. Degree 23, below 2^-57. */
INLINED f64 arc(f64 over, f64 under)
{
    int middle = lt_f64(mul_f64(F64(0.4142135623730950, 0x3fda827999fcef31ul), under), over);
    int large = lt_f64(mul_f64(F64(2.414213562373095, 0x4003504f333f9de6ul), under), over);
    f64 high = large ? QUARTER_HIGH : middle ? EIGHTH_HIGH : ZERO_f64;
    f64 low = large ? QUARTER_LOW : middle ? EIGHTH_LOW : ZERO_f64;
    f64 part = large ? neg_f64(under) : middle ? sub_f64(over, under) : over;
    f64 t = div_f64(part, large ? over : middle ? add_f64(over, under) : under);
    f64 square = mul_f64(t, t);
    f64 fourth = mul_f64(square, square);
    f64 even = POLY6(fourth, F64(-0.3333333333333333, 0xbfd5555555555555ul), F64(-0.14285714284666184, 0xbfc2492492436180ul),
        F64(-0.09090904576954117, 0xbfb745d0b27da190ul), F64(-0.06664511064599371, 0xbfb10fa76aa9b02cul),
        F64(-0.050854323376990765, 0xbfaa0993ef875d4aul), F64(-0.01917627151752634, 0xbf93a2f1cc1ba3c5ul));
    f64 odd = POLY5(fourth, F64(0.19999999999995519, 0x3fc999999999934bul), F64(0.11111111015227572, 0x3fbc71c7185386f1ul),
        F64(0.07692183163650894, 0x3fb3b1262f3a2b5bul), F64(0.05858145587628202, 0x3fadfe637a48099bul), F64(0.0392311556198723, 0x3fa4161b24be475bul));
    return add_f64(high, add_f64(t, fma_f64(mul_f64(t, square), fma_f64(odd, square, even), low)));
}

INLINED f64 atan_f64(f64 x)
{
    return signed_as(arc(size_of(x), ONE_f64), x);
}

INLINED f64 asin_f64(f64 x)
{
    f64 size = size_of(x);
    return signed_as(arc(size, sqrt_f64(mul_f64(sub_f64(ONE_f64, size), add_f64(ONE_f64, size)))), x);
}

INLINED f64 acos_f64(f64 x)
{
    f64 size = size_of(x);
    f64 y = arc(sqrt_f64(mul_f64(sub_f64(ONE_f64, size), add_f64(ONE_f64, size))), size);
    return lt_f64(x, ZERO_f64) ? sub_f64(F64(3.141592653589793, 0x400921fb54442d18ul), sub_f64(y, F64(1.2246467991473532e-16, 0x3ca1a62633145c07ul))) : y;
}

/* y rounded to f32; odd: it is the middle of two, and the odd one is right. */
INLINED float rounded_f64(f64 y, int odd)
{
    float nearest = f32_of_f64(y);
    return odd ? f32_of_f64(add_f64(y, sub_f64(y, f64_of_f32(nearest)))) : nearest;
}

INLINED float f_sinh(float x)
{
    return rounded_f64(sinh_f64(f64_of_f32(x)), (bits_of(x) & 0x7fffffffu) == 0x3a1285ffu);
}

INLINED float f_cosh(float x)
{
    return f32_of_f64(cosh_f64(f64_of_f32(x)));
}

INLINED float f_asinh(float x)
{
    uint size = bits_of(x) & 0x7fffffffu;
    return rounded_f64(asinh_f64(f64_of_f32(x)), size == 0x4bdd65a5u || size == 0x655890d3u || size == 0x6eb1a8ecu);
}

INLINED float f_acosh(float x)
{
    return rounded_f64(acosh_f64(f64_of_f32(x)), bits_of(x) == 0x655890d3u || bits_of(x) == 0x6eb1a8ecu);
}

INLINED float f_atanh(float x)
{
    return rounded_f64(atanh_f64(f64_of_f32(x)), (bits_of(x) & 0x7fffffffu) == 0x39b89ba2u);
}

INLINED float f_atan(float x)
{
    return rounded_f64(atan_f64(f64_of_f32(x)), (bits_of(x) & 0x7fffffffu) == 0x3d8d6b23u);
}

INLINED float f_asin(float x)
{
    return f32_of_f64(asin_f64(f64_of_f32(x)));
}

INLINED float f_acos(float x)
{
    return rounded_f64(acos_f64(f64_of_f32(x)), bits_of(x) == 0x328885a3u || bits_of(x) == 0x39826222u);
}

INLINED float f_sin(float x)
{
    float y = rounded_f64(sin_f64(x, 0u), (bits_of(x) & 0x7fffffffu) == 0x46199998u);
    return x == 0.0f ? x : y;
}

INLINED float f_cos(float x)
{
    uint size = bits_of(x) & 0x7fffffffu;
    return rounded_f64(sin_f64(x, 1u), size == 0x5922aa80u || size == 0x5f18b878u || size == 0x6115cb11u);
}

INLINED float f_tan(float x)
{
    return x == 0.0f ? x : f32_of_f64(tan_f64(x));
}

/* x^3: the square is exact; the product is rounded to odd, so that rounding it again is rounding once. */
INLINED float f_cube(float x)
{
    f64 square = mul_f64(f64_of_f32(x), f64_of_f32(x));
    f64 cube = mul_f64(square, f64_of_f32(x));
    f64 rest = fma_f64(square, f64_of_f32(x), neg_f64(cube));
    ulong bits = bits_of_f64(cube);
    ulong odd = (bits - ((bits ^ bits_of_f64(rest)) >> 63)) | 1ul;
    return f32_of_f64(double_of(lt_f64(rest, ZERO_f64) || gt_f64(rest, ZERO_f64) ? odd : bits));
}

/* x^(-1/2): two roundings. */
INLINED float f_inverse_root(float x)
{
    return f32_of_f64(div_f64(ONE_f64, sqrt_f64(f64_of_f32(x))));
}

/* x^p for 0, 1, 2, 3, 1/2, -1/2 and -1. */
INLINED float f_pow_few(float x, float p)
{
    float root_of = x == -INFINITY_F32 ? INFINITY_F32 : x + 0.0f;
    if (p == 2.0f) return x * x;
    if (p == 3.0f) return f_cube(x);
    if (p == 0.5f) return sqrt_f32(root_of);
    if (p == -0.5f) return f_inverse_root(root_of);
    if (p == -1.0f) return 1.0f / x;
    return p == 1.0f ? x : 1.0f;
}
