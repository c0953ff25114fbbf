/* uses: doubles.h */
/* f16 and bf16: widened exactly, narrowed by one rounding to nearest even; canonical NaNs. And conversions that round once. */

static inline float widen_f16(uint h)
{
    uint sign = (h & 0x8000u) << 16;
    uint magnitude = h & 0x7fffu;
    if (magnitude >= 0x7c00u) return float_of(magnitude > 0x7c00u ? NAN_BITS : sign | 0x7f800000u);
    if (magnitude < 0x400u) return float_of(sign | bits_of((float)(int)magnitude * 5.9604644775390625e-8f));
    return float_of(sign | ((magnitude << 13) + 0x38000000u));
}

static inline float widen_bf16(uint h)
{
    return float_of(h << 16);
}

static inline uint narrow_f16(float x)
{
    uint sign = (bits_of(x) >> 16) & 0x8000u;
    uint magnitude = bits_of(x) & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return 0x7e00u;
    if (magnitude >= 0x477ff000u) return sign | 0x7c00u;
    if (magnitude < 0x38800000u) return sign | (uint)(int)rint_f32(float_of(magnitude) * 16777216.0f);
    return sign | ((magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13);
}

static inline uint narrow_bf16(float x)
{
    uint bits = bits_of(x);
    return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

/* The f32 next to x toward zero with its last bit set where x lies between two: narrowing it once more rounds x once (f16 and bf16 are shorter by more
   than two bits everywhere). */
static inline float odd_f32(f64 x)
{
    float y = f32_of_f64(x);
    f64 back = f64_of_f32(y);
    if (eq_f64(back, x) || !eq_f64(x, x)) return y;
    uint bits = bits_of(y);
    f64 size = lt_f64(back, ZERO_f64) ? neg_f64(back) : back;
    f64 wanted = lt_f64(x, ZERO_f64) ? neg_f64(x) : x;
    if (gt_f64(size, wanted)) bits--;
    return float_of(bits | 1u);
}

static inline float odd_f32_of_ulong(ulong x)
{
    int shift = 0;
    uint lost = 0;
    while (x >> 24 != 0)
    {
        lost |= (uint)(x & 1ul);
        x >>= 1;
        shift++;
    }
    float y = (float)(int)(uint)(x | lost);
    return y * float_of((uint)(127 + shift) << 23);
}

static inline float odd_f32_of_long(long x)
{
    return x < 0 ? -odd_f32_of_ulong(0ul - (ulong)x) : odd_f32_of_ulong((ulong)x);
}

/* Truncated toward zero, held within the bounds of a signed or unsigned type of 8 to 64 bits; NaN gives 0. */
static inline ulong truncated(f64 x, int bits, int is_unsigned)
{
    if (!eq_f64(x, x)) return 0ul;
    if (is_unsigned)
    {
        f64 limit = bits == 64 ? F64(18446744073709551616.0, 0x43f0000000000000ul) : f64_of_ulong(1ul << bits);
        ulong most = bits == 64 ? ~0ul : (1ul << bits) - 1ul;
        return le_f64(x, ZERO_f64) ? 0ul : ge_f64(x, limit) ? most : ulong_of_f64(x);
    }
    f64 limit = f64_of_ulong(1ul << (bits - 1));
    if (ge_f64(x, limit)) return (1ul << (bits - 1)) - 1ul;
    return le_f64(x, neg_f64(limit)) ? 0ul - (1ul << (bits - 1)) : (ulong)long_of_f64(x);
}
