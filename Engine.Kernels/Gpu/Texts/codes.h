/* uses: elements.h, unfollowed.h */
/* Codes of one byte, four to a word, and totals of their products: docs/numerics.md, Quantisation. Codes are signed here: from an unsigned one, and from
   its zero point, 128 is taken (flip: 0x80 in each byte), so the differences are the same. Totals wrap, so they are unsigned words.

   A text of products has a tile of TILE x TILE totals a work-group of 256: rows of A and of B lie in __local memory, WORDS words of each at a time, PITCH
   words from row to row. What differs is how tiles are multiplied (tile4.h, tile_mma.h): multiply adds a slice's products to the COUNT totals of a
   work-item, which are those of total_row and total_column. Totals stay in registers, so loops over them are unrolled; the store is not, from a copy. */
#define WORDS 16
#define SLICE (4 * WORDS)
#define ONES 0x01010101u

#ifdef __NVPTX__

#define UNROLL _Pragma("unroll")
#define ROLLED _Pragma("unroll 1")

static inline uint dot4(uint a, uint b, uint c)
{
    uint d;
    __asm__("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
    return d;
}

#else

#define UNROLL
#define ROLLED
#define CODE(word, place) ((int)((word) << (24 - 8 * (place))) >> 24)

/* c and the products of four codes with four. */
static inline uint dot4(uint a, uint b, uint c)
{
    int sum = CODE(a, 0) * CODE(b, 0) + CODE(a, 1) * CODE(b, 1) + CODE(a, 2) * CODE(b, 2) + CODE(a, 3) * CODE(b, 3);
    return c + (uint)sum;
}

#endif

/* A code, or a zero point, of a row: as a signed number. */
static inline int signed_code(uint code, uint flip)
{
    return (int)((code ^ (flip & 0x80u)) << 24) >> 24;
}

/* Up to four codes that are step apart, count of them there; 0 behind. */
static inline uint load_codes(__global const uchar *x, long at, long step, int count, uint flip)
{
    if (count >= 4 && step == 1 && (at & 3) == 0) return ((__global const uint *)x)[at >> 2] ^ flip;
    uint word = 0;
    for (int i = 0; i < 4; i++)
        if (i < count) word |= ((uint)x[at + i * step] ^ (flip & 0x80u)) << (8 * i);
    return word;
}

/* Where totals go, and with what: zero points of the rows of A and B; for codes also scales, scale and zero point of Y, and perhaps a bias a row of A.
   Of each the first element, and the step from row to row, 0 where one is for all. Rows of A are counted over a_batches of the batch. */
#define OUTPUT \
    __global uchar *y, int y_type, int m_count, int n_count, int k_count, int a_batches, uint flip_a, uint flip_b, \
    __global const uchar *zeros_a, long za, int za_step, __global const uchar *zeros_b, long zb, int zb_step, \
    __global const float *scales_a, long sa, int sa_step, __global const float *scales_b, long sb, int sb_step, \
    __global const float *scale_y, long sy, int sy_step, __global const uchar *zero_y, long zy, int zy_step, \
    __global const int *bias, long bias_first, int bias_step

#define ZERO_A(batch, m) ((uint)signed_code(zeros_a[za + ((long)((batch) % a_batches) * m_count + (m)) * za_step], flip_a))
#define ZERO_B(batch, n) ((uint)signed_code(zeros_b[zb + ((long)(batch) * n_count + (n)) * zb_step], flip_b))

#define STORE_TOTAL(batch, m, n, total) \
{ \
    long index = ((long)(batch) * m_count + (m)) * n_count + (n); \
    uint made = result_of(y_type, total, (long)((batch) % a_batches) * m_count + (m), (long)(batch) * n_count + (n), \
        scales_a, sa, sa_step, scales_b, sb, sb_step, scale_y, sy, zero_y, zy, bias, bias_first, bias_step); \
    if (FOLLOWED) follow(then, (int)index, (ulong)(long)(int)made, y_type); \
    else if (y_type == T_I32) ((__global uint *)y)[index] = made; \
    else y[index] = (uchar)made; \
}

/* A total, or a code made of it. */
static inline uint result_of(int y_type, uint total, long row_a, long row_b,
    __global const float *scales_a, long sa, int sa_step, __global const float *scales_b, long sb, int sb_step,
    __global const float *scale_y, long sy, __global const uchar *zero_y, long zy, __global const int *bias, long bias_first, int bias_step)
{
    if (bias != 0) total += (uint)bias[bias_first + row_a * bias_step];
    if (y_type == T_I32) return total;
    float multiplier = scales_a[sa + row_a * sa_step] * scales_b[sb + row_b * sb_step] / scale_y[sy];
    int zero = y_type == T_I8 ? (int)(char)zero_y[zy] : (int)zero_y[zy];
    return (uint)code_of((float)(int)total * multiplier, zero, y_type);
}

/* The products of codes as they are, less what zero points take from them: sum (a - za)(b - zb) = sum ab - zb sum a - za sum b + k za zb. */
#define STORE_TILE(batch, first_m, first_n) \
    uint products[COUNT]; \
    UNROLL for (int e = 0; e < COUNT; e++) products[e] = totals[e]; \
    ROLLED for (int e = 0; e < COUNT; e++) \
    { \
        long m = (first_m) + total_row(e); \
        long n = (first_n) + total_column(e); \
        if (m < m_count && n < n_count) \
        { \
            uint zero_a = ZERO_A(batch, m); \
            uint zero_b = ZERO_B(batch, n); \
            uint correction = (uint)k_count * zero_a * zero_b - zero_b * sums[total_row(e)] - zero_a * sums[TILE + total_column(e)]; \
            STORE_TOTAL(batch, m, n, products[e] + correction); \
        } \
    }

/* Each of the first work-items keeps the sum of the codes of one row: of A's, then of B's. */
#define ADD_SUMS(sum) \
    if (local_id() < 2 * TILE) \
    { \
        __local const uint *own = local_id() < TILE ? ta + local_id() * PITCH : tb + (local_id() - TILE) * PITCH; \
        UNROLL for (int w = 0; w < WORDS; w++) sum = dot4(own[w], ONES, sum); \
    }
