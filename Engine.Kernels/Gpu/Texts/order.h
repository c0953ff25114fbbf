/* uses: elements.h */
/* The orders of docs/numerics.md. Order: the larger and smaller of two, NaN wins, +0 above -0. Selection: 64-bit keys. */

static inline float max_f32(float a, float b)
{
    if (a != a || b != b) return float_of(NAN_BITS);
    return a > b || (a == b && bits_of(a) >> 31 == 0u) ? a : b;
}

static inline float min_f32(float a, float b)
{
    if (a != a || b != b) return float_of(NAN_BITS);
    return a < b || (a == b && bits_of(a) >> 31 != 0u) ? a : b;
}

static inline f64 max_f64(f64 a, f64 b)
{
    if (!eq_f64(a, a) || !eq_f64(b, b)) return NAN_f64;
    return gt_f64(a, b) || (eq_f64(a, b) && bits_of_f64(a) >> 63 == 0ul) ? a : b;
}

static inline f64 min_f64(f64 a, f64 b)
{
    if (!eq_f64(a, a) || !eq_f64(b, b)) return NAN_f64;
    return lt_f64(a, b) || (eq_f64(a, b) && bits_of_f64(a) >> 63 != 0ul) ? a : b;
}

/* Whether a < b, of 64-bit registers of an integer type. */
static inline int less_int(ulong a, ulong b, int type)
{
    return type == T_U64 ? a < b : (long)a < (long)b;
}

/* The key of an element in its register: -0 equals +0, NaN is above everything. */
static inline long key_of(ulong r, int type)
{
    if (type == T_U64) return (long)(r ^ 0x8000000000000000ul);
    if (type != T_F32 && type != T_F16 && type != T_BF16 && type != T_F64) return (long)r;
    f64 x = type == T_F64 ? f64_in(r) : f64_of_f32(f32_in(r));
    if (!eq_f64(x, x)) return 0x7fffffffffffffffl;
    long bits = (long)bits_of_f64(add_f64(x, ZERO_f64));
    return bits < 0 ? bits ^ 0x7fffffffffffffffl : bits;
}
