/* uses: functions.h */
/* The functions of one variable that functions.h has not, through f64: y is f(x) with a relative error below 2^-48, of IEEE operations only, so that its
   bits are the same on every device. The one rounding of y to f32 is the right one for each of the 2^32 arguments, which bench/functions.sh gpu tries, but
   for the few that are named: there y is the middle of two f32, and the value lies on the side of the odd one.
   A NaN may be any NaN: what stores it makes it canonical. The formulas and polynomials are those of Engine/Numerics/Fast*.cs, which state their errors. */

/* Adding and subtracting it rounds to an integer, which is left in the low bits of the sum. */
#define MAGIC 6755399441055744.0
#define SIGN_F64 0x8000000000000000ul
#define INFINITY_F64 double_of(0x7ff0000000000000ul)
#define NAN_F64 double_of(0x7ff8000000000000ul)
#define LN2_HIGH 0.6931471805599453
#define LN2_LOW 2.3190468138462996e-17
#define QUARTER_HIGH 1.5707963267948966
#define QUARTER_LOW 6.123233995736766e-17

/* Horner's rule, fused, lowest coefficient first. */
#define POLY2(x, c0, c1) fma_f64(c1, x, c0)
#define POLY3(x, c0, c1, c2) fma_f64(POLY2(x, c1, c2), x, c0)
#define POLY4(x, c0, c1, c2, c3) fma_f64(POLY3(x, c1, c2, c3), x, c0)
#define POLY5(x, c0, c1, c2, c3, c4) fma_f64(POLY4(x, c1, c2, c3, c4), x, c0)
#define POLY6(x, c0, c1, c2, c3, c4, c5) fma_f64(POLY5(x, c1, c2, c3, c4, c5), x, c0)

/* No less than low and no more than high; a NaN stays. */
INLINED double clamped(double x, double low, double high)
{
    x = x < low ? low : x;
    return high < x ? high : x;
}

INLINED double size_of(double x)
{
    return double_of(bits_of_f64(x) & ~SIGN_F64);
}

/* A magnitude with the sign of another number. */
INLINED double signed_as(double magnitude, double sign)
{
    return double_of(bits_of_f64(magnitude) | (bits_of_f64(sign) & SIGN_F64));
}

/* e^r - 1 and 2^k with x = k log 2 + r, |r| < 0.3467: degree 11, below 2^-54 of e^r. */
INLINED double exp_split(double x, double *power)
{
    double shifted = fma_f64(x, 1.4426950408889634, MAGIC);
    double k = shifted - MAGIC;
    double r = fma_f64(k, -LN2_LOW, fma_f64(k, -LN2_HIGH, x));
    double square = r * r;
    double even = POLY5(square, 0.5000000000000001, 0.04166666666662404, 0.0013888888917258759, 2.4801521225986432e-05, 2.7620121717381933e-07);
    double odd = POLY5(square, 0.16666666666666669, 0.008333333333330055, 0.00019841269863088255, 2.7557268406190795e-06, 2.51004110820149e-08);
    *power = double_of((bits_of_f64(shifted) << 52) + 0x3ff0000000000000ul);
    return fma_f64(square, fma_f64(odd, r, even), r);
}

INLINED double exp_f64(double x)
{
    double power;
    double less = exp_split(clamped(x, -110.0, 100.0), &power);
    return fma_f64(power, less, power);
}

/* e^x - 1 for x in [-700, 700]. */
INLINED double less_one(double x)
{
    double power;
    double less = exp_split(x, &power);
    return fma_f64(power, less, power - 1.0);
}

/* (m + m / (m + 1)) / 2 with m = e^|x| - 1. */
INLINED double sinh_f64(double x)
{
    double less = less_one(clamped(size_of(x), 0.0, 100.0));
    return signed_as((less + less / (less + 1.0)) * 0.5, x);
}

INLINED double cosh_f64(double x)
{
    double e = exp_f64(size_of(x));
    return (e + 1.0 / e) * 0.5;
}

/* k + 1023, and m between sqrt(1/2) and sqrt(2), of a positive normal x = 2^k m. */
INLINED ulong log_split(double x, double *m)
{
    ulong biased = (bits_of_f64(x) + (0x3ff0000000000000ul - 0x3fe6a09e667f3bcdul)) >> 52;
    *m = double_of(bits_of_f64(x) - (biased << 52) + 0x3ff0000000000000ul);
    return biased;
}

INLINED double exponent_of(ulong biased)
{
    return (double)((int)biased - 1023);
}

/* log(1 + f) for 1 + f between sqrt(1/2) and sqrt(2): 2s + s tail(ss) with s = f / (f + 2); degree 7 in ss, below 2^-57. */
INLINED double log_near(double f)
{
    double s = f / (f + 2.0);
    double square = s * s;
    double fourth = square * square;
    double even = POLY4(fourth, 0.666666666666667, 0.2857142862609589, 0.18182890556695602, 0.1461703754879165);
    double odd = POLY3(fourth, 0.3999999999989924, 0.2222221111514416, 0.1533167403016786);
    return fma_f64(s, square * fma_f64(odd, square, even), s + s);
}

/* y where x is positive and finite, else the value of a logarithm at such an x. */
INLINED double log_settled(double x, double y)
{
    double outside = x == 0.0 ? -INFINITY_F64 : x == INFINITY_F64 ? x : NAN_F64;
    return 0.0 < x && x < INFINITY_F64 ? y : outside;
}

/* log(1 + x): the rounding error of 1 + x is put back before the division. */
INLINED double log_one_plus(double x)
{
    double sum = 1.0 + x;
    double part = sum - 1.0;
    double error = (1.0 - (sum - part)) + (x - part);
    double m;
    ulong biased = log_split(sum, &m);
    double y = log_near(fma_f64(error, double_of((2046ul - biased) << 52), m - 1.0));
    double k = exponent_of(biased);
    return log_settled(sum, fma_f64(k, LN2_HIGH, fma_f64(k, LN2_LOW, y)));
}

/* log(1 + a) with a = |x| + xx / (1 + sqrt(1 + xx)). */
INLINED double asinh_f64(double x)
{
    double size = size_of(x);
    double square = size * size;
    double y = log_one_plus(size + square / (1.0 + sqrt_f64(1.0 + square)));
    return signed_as(size == INFINITY_F64 ? size : y, x);
}

/* log(1 + a) with a = t + sqrt(t (t + 2)) and t = x - 1. */
INLINED double acosh_f64(double x)
{
    double t = x - 1.0;
    return x < 1.0 ? NAN_F64 : log_one_plus(t + sqrt_f64(t * (t + 2.0)));
}

/* log(1 + a) / 2 with a = 2|x| / (1 - |x|), which is infinite at 1 and below -2 beyond. */
INLINED double atanh_f64(double x)
{
    double size = size_of(x);
    return signed_as(log_one_plus((size + size) / (1.0 - size)) * 0.5, x);
}

/* The angle less quarters * pi/2, of a finite |x| of at least 2^20: the 128 bits of 2/pi that matter, times the significand (Payne and Hanek). */
INLINED double angle_far(float x, uint *quarters)
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
    double angle = fma_f64((double)low, 1.1754943508222875e-38, (double)rest * 2.168404344971009e-19) * QUARTER_HIGH;
    int negative = x < 0.0f;
    *quarters = negative ? 0u - n : n;
    return negative ? -angle : angle;
}

/* x less quarters * pi/2. A NaN for what is not finite. */
INLINED double angle_part(float x, uint *quarters)
{
    if (bits_of(x) << 1 >= 0x49800000u << 1)
    {
        double none = (double)x - (double)x;
        return none + angle_far(x, quarters);
    }

    double shifted = fma_f64((double)x, 0.6366197723675814, MAGIC);
    double k = shifted - MAGIC;
    *quarters = (uint)bits_of_f64(shifted);
    return fma_f64(k, -QUARTER_LOW, fma_f64(k, -QUARTER_HIGH, (double)x));
}

/* |r| up to pi/4 and a little: degree 13, below 2^-55. */
INLINED double sin_part(double r)
{
    double square = r * r;
    double fourth = square * square;
    double p = fma_f64(
        POLY3(fourth, 0.008333333333330946, 2.7557316100283695e-06, 1.5918095236696272e-10),
        square,
        POLY3(fourth, -0.16666666666666666, -0.000198412698367542, -2.5051131372218632e-08));
    return fma_f64(r * square, p, r);
}

/* |r| up to pi/4 and a little: degree 14, below 2^-55. */
INLINED double cos_part(double r)
{
    double square = r * r;
    double fourth = square * square;
    double p = fma_f64(
        POLY3(fourth, -0.0013888888888887395, -2.755731727031051e-07, -1.1382611119025631e-11),
        square,
        POLY3(fourth, 0.041666666666666664, 2.480158729876295e-05, 2.087614597263508e-09));
    return fma_f64(fourth, p, fma_f64(square, -0.5, 1.0));
}

/* The sine of x and quarters more. */
INLINED double sin_f64(float x, uint quarters)
{
    uint n;
    double r = angle_part(x, &n);
    n += quarters;
    double y = (n & 1u) != 0u ? cos_part(r) : sin_part(r);
    return (n & 2u) != 0u ? -y : y;
}

INLINED double tan_f64(float x)
{
    uint n;
    double r = angle_part(x, &n);
    double sine = sin_part(r);
    double cosine = cos_part(r);
    int odd = (n & 1u) != 0u;
    double y = (odd ? cosine : sine) / (odd ? sine : cosine);
    return odd ? -y : y;
}

/* The angle, from 0 to pi/2, whose tangent is over / under: the series up to tan(pi/8), beyond of (over - under) / (over + under) with pi/4 added,
   from 1 / tan(pi/8) of -under / over with pi/2 added. Degree 23, below 2^-57. */
INLINED double arc(double over, double under)
{
    int middle = 0.4142135623730950 * under < over;
    int large = 2.414213562373095 * under < over;
    double high = large ? QUARTER_HIGH : middle ? QUARTER_HIGH / 2 : 0.0;
    double low = large ? QUARTER_LOW : middle ? QUARTER_LOW / 2 : 0.0;
    double t = (large ? -under : middle ? over - under : over) / (large ? over : middle ? over + under : under);
    double square = t * t;
    double fourth = square * square;
    double even = POLY6(fourth, -0.3333333333333333, -0.14285714284666184, -0.09090904576954117, -0.06664511064599371, -0.050854323376990765,
        -0.01917627151752634);
    double odd = POLY5(fourth, 0.19999999999995519, 0.11111111015227572, 0.07692183163650894, 0.05858145587628202, 0.0392311556198723);
    return high + (t + fma_f64(t * square, fma_f64(odd, square, even), low));
}

INLINED double atan_f64(double x)
{
    return signed_as(arc(size_of(x), 1.0), x);
}

INLINED double asin_f64(double x)
{
    double size = size_of(x);
    return signed_as(arc(size, sqrt_f64((1.0 - size) * (1.0 + size))), x);
}

INLINED double acos_f64(double x)
{
    double size = size_of(x);
    double y = arc(sqrt_f64((1.0 - size) * (1.0 + size)), size);
    return x < 0.0 ? 3.141592653589793 - (y - 1.2246467991473532e-16) : y;
}

/* y rounded to f32; odd: it is the middle of two, and the odd one is right. */
INLINED float rounded_f64(double y, int odd)
{
    float nearest = (float)y;
    return odd ? (float)(y + (y - (double)nearest)) : nearest;
}

INLINED float f_sinh(float x)
{
    return rounded_f64(sinh_f64((double)x), (bits_of(x) & 0x7fffffffu) == 0x3a1285ffu);
}

INLINED float f_cosh(float x)
{
    return (float)cosh_f64((double)x);
}

INLINED float f_asinh(float x)
{
    uint size = bits_of(x) & 0x7fffffffu;
    return rounded_f64(asinh_f64((double)x), size == 0x4bdd65a5u || size == 0x655890d3u || size == 0x6eb1a8ecu);
}

INLINED float f_acosh(float x)
{
    return rounded_f64(acosh_f64((double)x), bits_of(x) == 0x655890d3u || bits_of(x) == 0x6eb1a8ecu);
}

INLINED float f_atanh(float x)
{
    return rounded_f64(atanh_f64((double)x), (bits_of(x) & 0x7fffffffu) == 0x39b89ba2u);
}

INLINED float f_atan(float x)
{
    return rounded_f64(atan_f64((double)x), (bits_of(x) & 0x7fffffffu) == 0x3d8d6b23u);
}

INLINED float f_asin(float x)
{
    return (float)asin_f64((double)x);
}

INLINED float f_acos(float x)
{
    return rounded_f64(acos_f64((double)x), bits_of(x) == 0x328885a3u || bits_of(x) == 0x39826222u);
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
    return x == 0.0f ? x : (float)tan_f64(x);
}

/* x^3: the square is exact; the product is rounded to odd, so that rounding it again is rounding once. */
INLINED float f_cube(float x)
{
    double square = (double)x * (double)x;
    double cube = square * (double)x;
    double rest = fma_f64(square, (double)x, -cube);
    ulong bits = bits_of_f64(cube);
    ulong odd = (bits - ((bits ^ bits_of_f64(rest)) >> 63)) | 1ul;
    return (float)double_of(rest < 0.0 || rest > 0.0 ? odd : bits);
}

/* x^(-1/2): two roundings. */
INLINED float f_inverse_root(float x)
{
    return (float)(1.0 / sqrt_f64((double)x));
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
