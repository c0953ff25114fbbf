/* The functions of one variable of docs/numerics.md that models use most, in f32 alone: a number is the sum of two f32, high and low, and the error of the
   sum that is rounded at the end is below 2^-46 of it. Only IEEE operations, so that the bits are the same on every device. The few arguments whose
   results lie nearer to a middle of two f32 than that error, and on its wrong side, are named; bench/functions.sh gpu tries all 2^32.
   A NaN may be any NaN: what stores it makes it canonical. Polynomials: Sollya's fpminimax, with coefficients of 24 or 48 bits. */

typedef struct { float high, low; } pair;

#define INFINITY_F32 float_of(0x7f800000u)
#define NAN_F32 float_of(NAN_BITS)

INLINED pair pair_of(float high, float low)
{
    pair y = {high, low};
    return y;
}

/* a + b exactly; |a| >= |b|, or a = 0. */
INLINED pair pair_sum_ordered(float a, float b)
{
    float sum = a + b;
    return pair_of(sum, (a - sum) + b);
}

/* a + b exactly. */
INLINED pair pair_sum(float a, float b)
{
    float sum = a + b;
    float part = sum - a;
    return pair_of(sum, (a - (sum - part)) + (b - part));
}

INLINED pair pair_product(pair a, pair b)
{
    float high = a.high * b.high;
    float low = fma_f32(a.high, b.high, -high);
    low = fma_f32(a.high, b.low, low);
    return pair_of(high, fma_f32(a.low, b.high, low));
}

/* Relative error below 2^-46. */
INLINED pair pair_quotient(pair a, pair b)
{
    float inverse = 1.0f / b.high;
    float high = a.high * inverse;
    float rest = fma_f32(-high, b.high, a.high) + a.low;
    return pair_of(high, fma_f32(-high, b.low, rest) * inverse);
}

/* c + x y of Horner's rule, for |c| > |x y|. */
INLINED pair horner(float high, float low, pair x, pair y)
{
    float sum = fma_f32(x.high, y.high, high);
    low = fma_f32(x.low, y.high, fma_f32(x.high, y.low, low));
    return pair_of(sum, fma_f32(x.high, y.high, high - sum) + low);
}

/* The same without that condition. */
INLINED pair horner_any(float high, float low, pair x, pair y)
{
    float part = x.high * y.high;
    pair sum = pair_sum(high, part);
    low = fma_f32(x.low, y.high, fma_f32(x.high, y.low, low));
    sum.low += fma_f32(x.high, y.high, -part) + low;
    return sum;
}

/* The same for an f32 y that is known no better. */
INLINED pair horner_first(float high, float low, pair x, float y)
{
    float sum = fma_f32(x.high, y, high);
    return pair_of(sum, fma_f32(x.high, y, high - sum) + low);
}

/* The f32 nearest to y in y.high; where y is about as near to the one beyond y.low, that one in *other, else the same one. */
INLINED float pair_rounded(pair y, float *other)
{
    float high = y.high + y.low;
    float low = (y.high - high) + y.low;
    *other = fma_f32(low, 1.000002f, high);
    return high;
}

/* e^r - 1, and k, where x = k log 2 + r with |r| < 0.3467, for |x| up to 110: degree 11, below 2^-54. */
INLINED pair exp_part(pair x, int *k)
{
    float shifted = fma_f32(x.high, 0x1.715476p0f, 12582912.0f);
    float whole = shifted - 12582912.0f;
    *k = (int)(bits_of(shifted) - 0x4b400000u);
    float first = fma_f32(whole, -0x1.62e4p-1f, x.high);
    float high = fma_f32(whole, -0x1.7f7ep-20f, first);
    float low = fma_f32(whole, -0x1.7f7ep-20f, first - high) + x.low;
    pair r = pair_sum_ordered(high, fma_f32(whole, 0x1.c610cap-37f, low));
    high = r.high;
    float p = fma_f32(high, 0x1.b0a9bp-26f, 0x1.2898fap-22f);
    p = fma_f32(high, p, 0x1.71dd34p-19f);
    p = fma_f32(high, p, 0x1.a019b2p-16f);
    pair y = horner_first(0x1.a01a02p-13f, 0.0f, r, p);
    y = horner(0x1.6c16c2p-10f, -0x1.0af76p-35f, r, y);
    y = horner(0x1.111112p-7f, -0x1.ddfabp-32f, r, y);
    y = horner(0x1.555556p-5f, -0x1.5558d4p-30f, r, y);
    y = horner(0x1.555556p-3f, -0x1.55555p-28f, r, y);
    y = horner(0.5f, 0.0f, r, y);
    y = horner(1.0f, 0.0f, r, y);
    return pair_product(r, y);
}

/* y 2^k for a y from 1/2 to 2. */
INLINED float times_power(float y, int k)
{
    return float_of(bits_of(y) + ((uint)k << 23));
}

/* high + low, below 2^(e - 127), rounded to a multiple of 2^(e - 150), times 2^(1 - e): a subnormal number, or the first above them. */
INLINED float subnormal_of(float high, float low, int e)
{
    float unit = float_of((uint)e << 23);
    float whole = unit + high;
    return float_of(bits_of(whole + ((high - (whole - unit)) + low)) - bits_of(unit));
}

INLINED float f_exp(float x)
{
    int k;
    pair less = exp_part(pair_of(x < -104.0f ? -104.0f : x, 0.0f), &k);
    pair sum = pair_sum_ordered(1.0f, less.high);
    sum.low += less.low;
    float other;
    float y = pair_rounded(sum, &other);
    if (y != other)
    {
        uint bits = bits_of(x);
        int hard = bits == 0x33800000u || bits == 0x383a3ef1u || bits == 0x39c6be5bu || bits == 0x39e5bb1du || bits == 0x3c608a0eu || bits == 0x3caffe2eu
            || bits == 0x40315b33u || bits == 0x4034d02bu || bits == 0x4288942bu || bits == 0xbae0e25cu || bits == 0xbbf0edf1u || bits == 0xc13d6631u
            || bits == 0xc16912cdu;
        y = hard ? other : y;
    }

    y = (int)(bits_of(y) >> 23) + k > 0 ? times_power(y, k) : subnormal_of(y, (sum.high - y) + sum.low, 1 - k);
    return x >= 0x1.62e43p6f ? INFINITY_F32 : x == x ? y : x;
}

/* (e^x - 1) 2^-k, for -25.5 log 2 < x < 110. */
INLINED pair expm1_part(float x, int *k)
{
    pair less = exp_part(pair_of(x, 0.0f), k);
    int most = *k < 100 ? *k : 100;
    pair ones = pair_sum(1.0f, -float_of((uint)(127 - most) << 23));
    pair sum = pair_sum_ordered(ones.high, less.high);
    sum.low += less.low + ones.low;
    return sum;
}

INLINED float f_expm1(float x)
{
    float at = x < -17.5f ? -17.5f : x;
    int k;
    float other;
    float y = pair_rounded(expm1_part(at, &k), &other);
    if (y != other)
    {
        uint bits = bits_of(x);
        int hard = bits == 0x34000000u || bits == 0x37b61385u || bits == 0x3a254e7au || bits == 0x3cbc3c2au || bits == 0x3dc252ddu || bits == 0x40315b33u
            || bits == 0x4288942bu || bits == 0xb675cbfcu;
        y = hard ? other : y;
    }

    y = times_power(y, k);
    y = x >= 0x1.62e43p6f ? INFINITY_F32 : y;
    return x == x && x != 0.0f ? y : x;
}

/* (e^2x - 1) / (e^2x + 1) of the magnitude. */
INLINED float f_tanh(float x)
{
    float size = float_of(bits_of(x) & 0x7fffffffu);
    float at = size > 9.5f ? 9.5f : size;
    int k;
    pair less = expm1_part(at + at, &k);
    float power = float_of((uint)(127 + k) << 23);
    less = pair_of(less.high * power, less.low * power);
    pair more = pair_sum(less.high, 2.0f);
    more.low += less.low;
    float other;
    float y = pair_rounded(pair_quotient(less, more), &other);
    if (y != other)
    {
        uint bits = bits_of(size);
        int hard = bits == 0x3ac37de2u || bits == 0x3c4e34b0u || bits == 0x3d7c3055u || bits == 0x40a6ef82u;
        y = hard ? other : y;
    }

    return x == x ? float_of(bits_of(y) | (bits_of(x) & 0x80000000u)) : x;
}

/* log(1 + f) = 2s + s^3 q(ss) with s = f / (f + 2): degree 14, below 2^-58; n = f, d = f + 2. */
INLINED pair log_part(pair n, pair d)
{
    pair s = pair_quotient(n, d);
    pair z = pair_product(s, s);
    float p = fma_f32(z.high, 0x1.2f5a18p-3f, 0x1.3998b6p-3f);
    p = fma_f32(z.high, p, 0x1.7466ap-3f);
    p = fma_f32(z.high, p, 0x1.c71c5p-3f);
    pair y = horner_first(0x1.24924ap-2f, -0x1.767ap-27f, z, p);
    y = horner(0x1.99999ap-2f, -0x1.9a0f6p-28f, z, y);
    y = horner(0x1.555556p-1f, -0x1.55554cp-26f, z, y);
    y = horner(2.0f, 0.0f, z, y);
    return pair_product(s, y);
}

/* y + k log 2 for |y| < 0.35. */
INLINED pair log_sum(pair y, float k)
{
    float high = k * 0x1.62e43p-1f;
    float low = fma_f32(k, 0x1.62e43p-1f, -high);
    low = fma_f32(k, -0x1.05c61p-29f, low);
    pair sum = pair_sum_ordered(high, y.high);
    sum.low += low + y.low;
    return sum;
}

INLINED float f_log(float x)
{
    int small = x < 0x1p-126f;
    uint bits = bits_of(small ? x * 8388608.0f : x);
    uint biased = (bits + (0x3f800000u - 0x3f3504f3u)) >> 23;
    float m = float_of(bits - (biased << 23) + 0x3f800000u);
    float k = (float)((int)biased - (small ? 150 : 127));
    float more = m + 1.0f;
    float other;
    float y = pair_rounded(log_sum(log_part(pair_of(m - 1.0f, 0.0f), pair_of(more, m - (more - 1.0f))), k), &other);
    if (y != other)
    {
        uint at = bits_of(x);
        int hard = at == 0x03b0ffa6u || at == 0x03d2f29fu || at == 0x04366d72u || at == 0x07b2c054u || at == 0x0b265d7bu || at == 0x0f61ff63u
            || at == 0x111c87f8u || at == 0x145cb6d4u || at == 0x16a57ea8u || at == 0x18b06f2au || at == 0x1a21db87u || at == 0x1a8446cbu
            || at == 0x1b1cdfa8u || at == 0x1dc9e7c1u || at == 0x22925ad4u || at == 0x25f12e61u || at == 0x2702172eu || at == 0x2758eec4u
            || at == 0x28d6af22u || at == 0x29fd22f8u || at == 0x2e7a6221u || at == 0x3031622eu || at == 0x30a201dcu || at == 0x3418949bu
            || at == 0x3509dcf6u || at == 0x38d62464u || at == 0x39c31348u || at == 0x39c7b1f9u || at == 0x3c413d3au || at == 0x3f3a7b7fu
            || at == 0x3f7ffffeu || at == 0x3fa66c0bu || at == 0x3fd364d7u || at == 0x4056ee45u || at == 0x41178febu || at == 0x4612274fu
            || at == 0x464d5b2bu || at == 0x4665a9a6u || at == 0x46ca6c75u || at == 0x4bf70db3u || at == 0x4c08ff78u || at == 0x4c5d65a5u
            || at == 0x4c723804u || at == 0x4dcb02f0u || at == 0x4e85f412u || at == 0x50dfef2eu || at == 0x51e8644fu || at == 0x526a304fu
            || at == 0x5b777193u || at == 0x5b98e163u || at == 0x5be9c85fu || at == 0x5caffb5eu || at == 0x5d8b2d5bu || at == 0x5ee8984eu
            || at == 0x64e27fa3u || at == 0x65d890d3u || at == 0x6be8cf96u || at == 0x6d1f23ebu || at == 0x6e7054f2u || at == 0x6f31a8ecu
            || at == 0x7405dee8u || at == 0x74896a73u || at == 0x789e5998u || at == 0x79e7ec37u || at == 0x7dbdfe04u;
        y = hard ? other : y;
    }

    float outside = x == 0.0f ? -INFINITY_F32 : x > 0.0f ? x : NAN_F32;
    return x > 0.0f && x < INFINITY_F32 ? y : outside;
}

/* log(1 + x), the sum 1 + x exact. */
INLINED float f_log1p(float x)
{
    pair sum = pair_sum(1.0f, x);
    uint bits = bits_of(sum.high);
    uint biased = (bits + (0x3f800000u - 0x3f3504f3u)) >> 23;
    float m = float_of(bits - (biased << 23) + 0x3f800000u);
    float low = biased < 253u ? sum.low * float_of((254u - biased) << 23) : 0.0f;
    pair less = pair_sum_ordered(m - 1.0f, low);
    pair more = pair_sum_ordered(2.0f, less.high);
    more.low += less.low;
    float other;
    float y = pair_rounded(log_sum(log_part(less, more), (float)((int)biased - 127)), &other);
    if (y != other)
    {
        uint at = bits_of(x);
        int hard = at == 0x35400003u || at == 0x36aad563u || at == 0x3710001bu || at == 0x3770004bu || at == 0x3a6ec6fdu || at == 0x3cc5e2c2u
            || at == 0x3cf58230u || at == 0x3ddbfec3u || at == 0x3e99b02cu || at == 0x3efd81adu || at == 0x3f26c9aeu || at == 0x4016ee45u
            || at == 0x41078febu || at == 0x4612234fu || at == 0x464d572bu || at == 0x4665a5a6u || at == 0x46ca6a75u || at == 0x4e599333u
            || at == 0x50da4bf6u || at == 0x50e0323fu || at == 0x521e4defu || at == 0x521fe119u || at == 0x52fa32c0u || at == 0x5b777193u
            || at == 0x5b98e163u || at == 0x5be9c85fu || at == 0x5caffb5eu || at == 0x5d8b2d5bu || at == 0x5ee8984eu || at == 0x64e27fa3u
            || at == 0x65d890d3u || at == 0x6be8cf96u || at == 0x6d1f23ebu || at == 0x6e7054f2u || at == 0x6f31a8ecu || at == 0x7405dee8u
            || at == 0x74896a73u || at == 0x789e5998u || at == 0x79e7ec37u || at == 0x7dbdfe04u || at == 0xb4000000u || at == 0xb52953fbu
            || at == 0xb53ffffdu || at == 0xb5544391u || at == 0xb5eb26a0u || at == 0xb619776cu || at == 0xb70fffe5u || at == 0xb76fffb5u
            || at == 0xbb0ec8c4u || at == 0xbe155dc9u || at == 0xbe8b0902u;
        y = hard ? other : y;
    }

    float outside = x == -1.0f ? -INFINITY_F32 : x > 0.0f ? x : NAN_F32;
    y = x > -1.0f && x < INFINITY_F32 ? y : outside;
    return (bits_of(x) & 0x7fffffffu) < 0x32800000u ? x : y;
}

/* x g(xx) up to 3.92, beyond which the result is 1: degree 19 in t = (xx - 5.125) / (xx + 16), below 2^-50; x g(0) below 2^-25. */
INLINED float f_erf(float x)
{
    float size = float_of(bits_of(x) & 0x7fffffffu);
    float at = size > 3.9225f ? 3.9225f : size;
    float square = at * at;
    float rest = fma_f32(at, at, -square);
    pair over = pair_sum(square, -5.125f);
    pair under = pair_sum_ordered(16.0f, square);
    over.low += rest;
    under.low += rest;
    pair t = pair_quotient(over, under);
    float p = fma_f32(t.high, 0x1.5ad0b4p-1f, 0x1.368c8p-1f);
    p = fma_f32(t.high, p, -0x1.633ab6p-1f);
    p = fma_f32(t.high, p, -0x1.46fa5cp0f);
    p = fma_f32(t.high, p, -0x1.2fa3dep-5f);
    pair y = horner_first(0x1.8a7324p0f, 0x1.a12438p-26f, t, p);
    y = horner(0x1.e888ecp-1f, 0x1.722bc4p-26f, t, y);
    y = horner(-0x1.858dep0f, 0x1.bdf1ap-28f, t, y);
    y = horner(-0x1.c9b08cp0f, 0x1.60bb0cp-25f, t, y);
    y = horner(0x1.bc5148p0f, -0x1.db5f2p-28f, t, y);
    y = horner(0x1.3be11ep1f, 0x1.6057fp-25f, t, y);
    y = horner(-0x1.9cd22p1f, 0x1.2ce054p-24f, t, y);
    y = horner_any(-0x1.e3b992p0f, 0x1.8692dp-27f, t, y);
    y = horner(0x1.d36168p2f, -0x1.db6c8p-27f, t, y);
    y = horner(-0x1.118506p3f, -0x1.f388e8p-23f, t, y);
    y = horner(0x1.98303ep2f, 0x1.3c755p-25f, t, y);
    y = horner(-0x1.d080cep1f, -0x1.27595cp-24f, t, y);
    y = horner(0x1.b9f8f8p0f, 0x1.fc76bp-26f, t, y);
    y = horner(-0x1.ca669cp-1f, 0x1.b605fp-26f, t, y);
    y = horner(0x1.c3b594p-2f, -0x1.5d6d5cp-26f, t, y);
    int small = size < 0x1p-25f;
    y = small ? pair_of(0x1.20dd76p0f, -0x1.f7ac92p-25f) : y;
    y = pair_product(pair_of(small ? size * 0x1p64f : at, 0.0f), y);
    float other;
    float f = pair_rounded(y, &other);
    if (f != other)
    {
        uint bits = bits_of(size);
        int hard = bits == 0x35d2fadcu || bits == 0x370cc9dfu || bits == 0x39c0057du || bits == 0x3adac744u || bits == 0x3b25a39du || bits == 0x3b5788eau
            || bits == 0x3bc8924eu || bits == 0x3cc37934u || bits == 0x3e2f129du;
        f = hard ? other : f;
    }

    f = !small ? f : f < 0x1p-62f ? subnormal_of(f, (y.high - f) + y.low, 65) : f * 0x1p-64f;
    return x == x ? float_of(bits_of(f) | (bits_of(x) & 0x80000000u)) : x;
}

/* e^-xx g(t) / (x + 4) up to 10.06, beyond which the result is 0: degree 17 in t = (2.25 - x) / (x + 4), below 2^-50; 2 - erfc(-x) below 0. */
INLINED float f_erfc(float x)
{
    float size = float_of(bits_of(x) & 0x7fffffffu);
    float most = x < 0.0f ? 4.0f : 10.06f;
    float at = size > most ? most : size;
    float square = at * at;
    int k;
    pair less = exp_part(pair_of(-square, -fma_f32(at, at, -square)), &k);
    pair power = pair_sum_ordered(1.0f, less.high);
    power.low += less.low;
    pair under = pair_sum(4.0f, at);
    pair t = pair_quotient(pair_sum(2.25f, -at), under);
    float p = fma_f32(t.high, 0x1.1cc022p-16f, 0x1.72f77ap-16f);
    p = fma_f32(t.high, p, -0x1.ae987cp-14f);
    pair y = horner_first(-0x1.8cf17ep-13f, 0x1.c3b27cp-38f, t, p);
    y = horner(0x1.cffb14p-12f, 0x1.7458fp-38f, t, y);
    y = horner(0x1.846cdap-10f, -0x1.aa0578p-36f, t, y);
    y = horner_any(-0x1.a8140ap-11f, 0x1.e028cp-39f, t, y);
    y = horner(-0x1.54f63cp-7f, -0x1.40409p-33f, t, y);
    y = horner(-0x1.fb5bc6p-7f, -0x1.162964p-32f, t, y);
    y = horner(0x1.102204p-5f, -0x1.6fd4a4p-30f, t, y);
    y = horner(0x1.c533d8p-3f, -0x1.90c27p-30f, t, y);
    y = horner(0x1.3e20d4p-1f, -0x1.8cd71cp-26f, t, y);
    y = horner(0x1.36b72cp0f, 0x1.16c3ap-27f, t, y);
    y = horner(0x1.d83b94p0f, -0x1.9592p-28f, t, y);
    y = horner(0x1.23f57ap1f, 0x1.d7e10cp-24f, t, y);
    y = horner(0x1.2bc63ep1f, 0x1.03e9ap-26f, t, y);
    y = horner(0x1.01900ep1f, -0x1.b87a08p-25f, t, y);
    y = horner(0x1.71bd58p0f, -0x1.51622ap-25f, t, y);
    power = pair_sum_ordered(power.high, power.low);
    y = pair_quotient(pair_product(power, pair_sum_ordered(y.high, y.low)), under);
    if (x < 0.0f)
    {
        float scale = float_of((uint)(127 + k) << 23);
        pair from = pair_sum_ordered(2.0f, -(y.high * scale));
        y = pair_of(from.high, from.low - y.low * scale);
        k = 0;
    }

    float other;
    float f = pair_rounded(y, &other);
    if (f != other)
    {
        uint bits = bits_of(x);
        int hard = bits == 0x33aa27d2u || bits == 0x33aa27d3u || bits == 0x347f3bbdu || bits == 0x349bf9d7u || bits == 0x34d4b1c8u || bits == 0x35ca0f4bu
            || bits == 0x36895d7cu || bits == 0x36a3f3b5u || bits == 0x36bafe6fu || bits == 0x374e0c3au || bits == 0x37f06399u || bits == 0x38707ff5u
            || bits == 0x38fc2fdcu || bits == 0x3a182939u || bits == 0x3a73ad88u || bits == 0x3be245d2u || bits == 0x3c1cce52u || bits == 0x3cfa05d7u
            || bits == 0x3e33a78fu || bits == 0x3e5d320cu || bits == 0x3f56f8a6u || bits == 0x400df51au || bits == 0x40a11a09u || bits == 0xb362dfc4u
            || bits == 0xb5cd9acau || bits == 0xb6186e58u || bits == 0xb7095d7cu || bits == 0xb73afe6fu || bits == 0xb76c9f62u || bits == 0xb868db2bu
            || bits == 0xba0ed5bau || bits == 0xbad79c09u || bits == 0xbb6c9b37u || bits == 0xbc0c9cfcu;
        f = hard ? other : f;
    }

    f = (int)(bits_of(f) >> 23) + k > 0 ? times_power(f, k) : subnormal_of(f, (y.high - f) + y.low, 1 - k);
    return x == x ? f : x;
}

/* What models make of them: docs/numerics.md, Elementwise. */
INLINED float f_sigmoid(float x)
{
    float e = f_exp(float_of(bits_of(x) | 0x80000000u));
    return (x >= 0.0f ? 1.0f : e) / (1.0f + e);
}

INLINED float f_softplus(float x)
{
    return (x < 0.0f ? 0.0f : x) + f_log1p(f_exp(float_of(bits_of(x) | 0x80000000u)));
}

INLINED float f_gelu(float x)
{
    return 0.5f * x * f_erfc(x * float_of(0xbf3504f3u));
}

INLINED float f_gelu_tanh(float x)
{
    return 0.5f * x * (1.0f + f_tanh(float_of(0x3f4c422au) * (x + 0.044715f * (x * x * x))));
}

INLINED float f_elu(float x, float alpha)
{
    return x < 0.0f ? alpha * f_expm1(x) : x;
}

INLINED float f_selu(float x, float alpha, float gamma)
{
    return gamma * f_elu(x, alpha);
}
