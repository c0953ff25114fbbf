/* f64 in integers, for devices that have none: binary64 with subnormals, rounded to nearest even, whose NaNs are all the one. The type is a structure, so
   that no text can use an operator on it: doubles.h names them. Functions are called and not inlined: a text has some hundred of these operations. */
#ifdef NO_F64

typedef struct { ulong bits; } f64;

#ifdef __NVPTX__
#define leading_zeros(x) ((int)__builtin_clzl(x))
#define high_product(a, b) __nvvm_mulhi_ull(a, b)
#else
#define leading_zeros(x) ((int)clz((ulong)(x)))
#define high_product(a, b) mul_hi((ulong)(a), (ulong)(b))
#endif

#ifndef CALLED
#define CALLED static __attribute__((noinline))
#endif

#define SIGN_BIT 0x8000000000000000ul
#define SIZE_BITS 0x7ffffffffffffffful
#define INFINITE_BITS 0x7ff0000000000000ul
#define NAN_BITS_F64 0x7ff8000000000000ul
#define ONE_BITS 0x3ff0000000000000ul
#define HALF_BITS 0x3fe0000000000000ul
#define FRACTION_BITS 0x000ffffffffffffful
#define LEADING_BIT 0x0010000000000000ul
#define BIASED(bits) ((int)((bits) >> 52) & 2047)

static inline f64 double_of(ulong bits)
{
    f64 x;
    x.bits = bits;
    return x;
}

#define bits_of_f64(x) ((x).bits)
#define F64(value, bits) double_of(bits)

/* The significand of a finite number, its leading bit at 52, and the exponent that goes with it; 0 of 0. */
static inline ulong significand_of(ulong bits, int *exponent)
{
    ulong m = bits & FRACTION_BITS;
    *exponent = BIASED(bits);
    if (*exponent != 0) return m | LEADING_BIT;
    int shift = leading_zeros(m) - 11;
    *exponent = 1 - shift;
    return m << shift;
}

/* m 2^-count, where bit 0 stands for all that is lost: 0 <= count. */
static inline ulong shifted(ulong m, int count)
{
    return count > 63 ? m != 0ul : count == 0 ? m : m >> count | ((m << (64 - count)) != 0ul);
}

/* m 2^(exponent - 1085) with the leading bit of m at 62, rounded; bit 0 may stand for what is below it. */
CALLED f64 packed(ulong sign, int exponent, ulong m)
{
    if (exponent >= 2047) return double_of(sign | INFINITE_BITS);
    if (exponent <= 0)
    {
        m = shifted(m, 1 - exponent);
        exponent = 1;
    }
    ulong rest = m & 1023ul;
    m >>= 10;
    m += rest > 512ul || (rest == 512ul && (m & 1ul) != 0ul);

    /* The leading bit, where there is one, adds to the exponent; so does a carry. */
    return double_of(sign | (((ulong)(exponent - 1) << 52) + m));
}

CALLED f64 add_f64(f64 x, f64 y)
{
    int swap = (x.bits & SIZE_BITS) < (y.bits & SIZE_BITS);
    ulong a = swap ? y.bits : x.bits;
    ulong b = swap ? x.bits : y.bits;
    int differ = (a ^ b) >> 63 != 0ul;
    int ea = BIASED(a);
    int eb = BIASED(b);
    if (ea == 2047) return double_of((a & FRACTION_BITS) != 0ul || (a ^ b) == SIGN_BIT ? NAN_BITS_F64 : a);
    ulong ma = ((a & FRACTION_BITS) | (ea != 0 ? LEADING_BIT : 0ul)) << 9;
    ulong mb = ((b & FRACTION_BITS) | (eb != 0 ? LEADING_BIT : 0ul)) << 9;
    ea = ea != 0 ? ea : 1;
    eb = eb != 0 ? eb : 1;
    mb = shifted(mb, ea - eb);
    ulong m = differ ? ma - mb : ma + mb;
    if (m == 0ul) return double_of(differ ? 0ul : a & SIGN_BIT);
    int shift = leading_zeros(m) - 1;
    return packed(a & SIGN_BIT, ea + 1 - shift, m << shift);
}

CALLED f64 mul_f64(f64 x, f64 y)
{
    ulong sign = (x.bits ^ y.bits) & SIGN_BIT;
    ulong a = x.bits & SIZE_BITS;
    ulong b = y.bits & SIZE_BITS;
    if (a >= INFINITE_BITS || b >= INFINITE_BITS)
        return double_of(a > INFINITE_BITS || b > INFINITE_BITS || a == 0ul || b == 0ul ? NAN_BITS_F64 : sign | INFINITE_BITS);
    if (a == 0ul || b == 0ul) return double_of(sign);
    int ea;
    int eb;
    ulong ma = significand_of(a, &ea) << 11;
    ulong mb = significand_of(b, &eb) << 10;
    ulong m = high_product(ma, mb) | (ma * mb != 0ul);
    int large = (int)(m >> 62);
    return packed(sign, ea + eb - 1023 + large, m << (1 - large));
}

/* high:low 2^-count, where bit 0 stands for all that is lost: 0 <= count. */
static inline void shift_pair(ulong *high, ulong *low, int count)
{
    if (count >= 64)
    {
        *low = shifted(*high, count - 64) | (*low != 0ul);
        *high = 0ul;
    }
    else if (count > 0)
    {
        *low = shifted(*low, count) | *high << (64 - count);
        *high >>= count;
    }
}

CALLED f64 fma_f64(f64 x, f64 y, f64 z)
{
    ulong a = x.bits & SIZE_BITS;
    ulong b = y.bits & SIZE_BITS;
    ulong c = z.bits & SIZE_BITS;
    if (a >= INFINITE_BITS || b >= INFINITE_BITS || a == 0ul || b == 0ul) return add_f64(mul_f64(x, y), z);
    if (c >= INFINITE_BITS) return double_of(c > INFINITE_BITS ? NAN_BITS_F64 : z.bits);

    /* Both have 124 places behind the point: the product is from 1 to below 4, the addend below 2. */
    int ea;
    int eb;
    ulong ma = significand_of(a, &ea) << 10;
    ulong mb = significand_of(b, &eb) << 10;
    ulong high = high_product(ma, mb);
    ulong low = ma * mb;
    int exponent = ea + eb - 1023;
    int ec = BIASED(c) != 0 ? BIASED(c) : 1;
    ulong c_high = ((c & FRACTION_BITS) | (BIASED(c) != 0 ? LEADING_BIT : 0ul)) << 8;
    ulong c_low = 0ul;
    if (exponent >= ec) shift_pair(&c_high, &c_low, exponent - ec);
    else
    {
        shift_pair(&high, &low, ec - exponent);
        exponent = ec;
    }
    ulong sign = (x.bits ^ y.bits) & SIGN_BIT;
    if (((sign ^ z.bits) & SIGN_BIT) == 0ul)
    {
        low += c_low;
        high += c_high + (low < c_low);
    }
    else
    {
        int swap = high < c_high || (high == c_high && low < c_low);
        ulong less_high = swap ? high : c_high;
        ulong less_low = swap ? low : c_low;
        high = swap ? c_high : high;
        low = swap ? c_low : low;
        sign ^= swap ? SIGN_BIT : 0ul;
        high = high - less_high - (low < less_low);
        low -= less_low;
        if ((high | low) == 0ul) return double_of(0ul);
    }
    if (high == 0ul)
    {
        high = low;
        low = 0ul;
        exponent -= 64;
    }
    int shift = leading_zeros(high) - 1;
    if (shift < 0)
    {
        shift_pair(&high, &low, 1);
        shift = 0;
        exponent++;
    }
    if (shift > 0)
    {
        high = high << shift | low >> (64 - shift);
        low <<= shift;
    }
    return packed(sign, exponent + 2 - shift, high | (low != 0ul));
}

/* Digit by digit, as the root below: 55 digits and whether there is more. */
CALLED f64 div_f64(f64 x, f64 y)
{
    ulong sign = (x.bits ^ y.bits) & SIGN_BIT;
    ulong a = x.bits & SIZE_BITS;
    ulong b = y.bits & SIZE_BITS;
    if (a > INFINITE_BITS || b > INFINITE_BITS || (a == b && (a == 0ul || a == INFINITE_BITS))) return double_of(NAN_BITS_F64);
    if (a == INFINITE_BITS || b == 0ul) return double_of(sign | INFINITE_BITS);
    if (b == INFINITE_BITS || a == 0ul) return double_of(sign);
    int ea;
    int eb;
    ulong rest = significand_of(a, &ea);
    ulong by = significand_of(b, &eb);
    int small = rest < by;
    rest <<= small;
    ulong digits = 0ul;
    for (int i = 0; i < 55; i++)
    {
        int digit = rest >= by;
        digits = digits << 1 | (ulong)digit;
        rest = (rest - (digit ? by : 0ul)) << 1;
    }
    return packed(sign, ea - eb + 1023 - small, digits << 8 | (rest != 0ul));
}

CALLED f64 sqrt_f64(f64 x)
{
    if (x.bits == INFINITE_BITS || (x.bits & SIZE_BITS) == 0ul) return x;
    if (x.bits > INFINITE_BITS) return double_of(NAN_BITS_F64);
    int exponent;
    ulong m = significand_of(x.bits, &exponent);
    int odd = (exponent & 1) == 0;
    m <<= odd;
    ulong root = 0ul;
    ulong rest = 0ul;
    for (int place = 54; place >= 0; place--)
    {
        rest = rest << 2 | (place >= 28 ? m >> (2 * place - 56) & 3ul : 0ul);
        ulong less = root << 2 | 1ul;
        int digit = rest >= less;
        rest -= digit ? less : 0ul;
        root = root << 1 | (ulong)digit;
    }
    return packed(0ul, (exponent - 1023 - odd) / 2 + 1023, root << 8 | (rest != 0ul));
}

#define neg_f64(x) double_of(bits_of_f64(x) ^ SIGN_BIT)
#define sub_f64(x, y) add_f64(x, neg_f64(y))

static inline int eq_f64(f64 x, f64 y)
{
    ulong size = x.bits & SIZE_BITS;
    return size <= INFINITE_BITS && (x.bits == y.bits || ((x.bits | y.bits) & SIZE_BITS) == 0ul);
}

static inline int lt_f64(f64 x, f64 y)
{
    ulong a = x.bits & SIZE_BITS;
    ulong b = y.bits & SIZE_BITS;
    if (a > INFINITE_BITS || b > INFINITE_BITS || (a | b) == 0ul) return 0;
    if ((x.bits ^ y.bits) >> 63 != 0ul) return x.bits >> 63 != 0ul;
    return x.bits >> 63 != 0ul ? a > b : a < b;
}

static inline int le_f64(f64 x, f64 y)
{
    return lt_f64(x, y) || eq_f64(x, y);
}

#define gt_f64(x, y) lt_f64(y, x)
#define ge_f64(x, y) le_f64(y, x)

/* A whole number next to x: how is -1 down, 0 to nearest even, 1 up. */
CALLED f64 whole_f64(f64 x, int how)
{
    ulong size = x.bits & SIZE_BITS;
    ulong sign = x.bits & SIGN_BIT;
    int exponent = BIASED(x.bits);
    int away = how == 0 ? 0 : (sign != 0ul) == (how < 0);
    if (size > INFINITE_BITS) return double_of(NAN_BITS_F64);
    if (exponent >= 1075) return x;
    if (exponent < 1023) return double_of(sign | ((how == 0 ? size > HALF_BITS : away && size != 0ul) ? ONE_BITS : 0ul));
    int shift = 1075 - exponent;
    ulong below = (1ul << shift) - 1ul;
    ulong more = how == 0 ? (below >> 1) + (size >> shift & 1ul) : away ? below : 0ul;
    return double_of(sign | ((size + more) & ~below));
}

#define rint_f64(x) whole_f64(x, 0)
#define floor_f64(x) whole_f64(x, -1)
#define ceil_f64(x) whole_f64(x, 1)

CALLED f64 f64_of_size(ulong sign, ulong size)
{
    if (size == 0ul) return double_of(0ul);
    int shift = leading_zeros(size);
    return packed(sign, 1086 - shift, shift == 0 ? shifted(size, 1) : size << (shift - 1));
}

#define f64_of_ulong(x) f64_of_size(0ul, x)

static inline f64 f64_of_long(long x)
{
    return f64_of_size((ulong)x & SIGN_BIT, x < 0 ? 0ul - (ulong)x : (ulong)x);
}

#define f64_of_int(x) f64_of_long((long)(int)(x))

static inline f64 f64_of_f32(float x)
{
    ulong size = bits_of(x) & 0x7fffffffu;
    ulong sign = (ulong)(bits_of(x) & 0x80000000u) << 32;
    if (size >= 0x7f800000ul) return double_of(size > 0x7f800000ul ? NAN_BITS_F64 : sign | INFINITE_BITS);
    if (size >= 0x00800000ul) return double_of(sign | ((size << 29) + 0x3800000000000000ul));
    if (size == 0ul) return double_of(sign);
    int shift = leading_zeros(size) - 11;
    return double_of(sign | (((ulong)(925 - shift) << 52) + (size << shift)));
}

static inline float f32_of_f64(f64 x)
{
    ulong size = x.bits & SIZE_BITS;
    uint sign = (uint)(x.bits >> 32) & 0x80000000u;
    if (size > INFINITE_BITS) return float_of(NAN_BITS);
    int exponent = BIASED(x.bits) - 896;
    if (exponent >= 255) return float_of(sign | 0x7f800000u);
    ulong m = (size & FRACTION_BITS) | LEADING_BIT;
    m = shifted(m, exponent > 0 ? 27 : exponent > -60 ? 28 - exponent : 88);
    uint rest = (uint)m & 3u;
    m >>= 2;
    m += rest > 2u || (rest == 2u && (m & 1ul) != 0ul);
    return float_of(sign | (((uint)(exponent > 0 ? exponent - 1 : 0) << 23) + (uint)m));
}

/* Toward zero, of what fits. */
static inline ulong ulong_of_f64(f64 x)
{
    int exponent = BIASED(x.bits);
    ulong m = (x.bits & FRACTION_BITS) | LEADING_BIT;
    return exponent < 1023 ? 0ul : exponent >= 1075 ? m << (exponent - 1075) : m >> (1075 - exponent);
}

static inline long long_of_f64(f64 x)
{
    long size = (long)ulong_of_f64(x);
    return x.bits >> 63 != 0ul ? -size : size;
}

#endif
