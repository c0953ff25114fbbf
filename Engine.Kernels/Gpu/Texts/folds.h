/* uses: order.h, functions.h */
/* Folds of docs/numerics.md. 32 work-items next to each other are the lanes of a warp: lane l takes terms l, l + 32, .. of a block, then the lanes are
   joined in halves. A work-group of 256 has 8 warps: each has a row, or a block of 4,096 terms of one longer row. Every work-item of the group calls what
   has a barrier in it, as often as the others. */
#define LANES 32
#define WARPS 8
#define FOLD_BLOCK 4096

#define FOLD_SUM 0
#define FOLD_PROD 1
#define FOLD_MAX 2
#define FOLD_MIN 3

/* What is folded in place of x. */
#define TERM_SELF 0
#define TERM_ABS 1
#define TERM_SQUARE 2
#define TERM_EXP 3

#define LOAD_f32 load_single
#define LOAD_f64 load_double
#define STORE_f32 store_single
#define STORE_f64 store_double

static inline float term_f32(int term, float x, float m)
{
    switch (term)
    {
        case TERM_ABS: return float_of(bits_of(x) & 0x7fffffffu);
        case TERM_SQUARE: return (x - m) * (x - m);
        case TERM_EXP: return f_exp(x - m);
        default: return x;
    }
}

/* There is no exponential. */
static inline f64 term_f64(int term, f64 x, f64 m)
{
    switch (term)
    {
        case TERM_ABS: return double_of(bits_of_f64(x) & 0x7ffffffffffffffful);
        case TERM_SQUARE: return mul_f64(sub_f64(x, m), sub_f64(x, m));
        default: return x;
    }
}

/* neutral: of nothing. combined: of two. half1: of 32, in halves. joined: of what all lanes of a warp have, for each of them. own: of the terms of one lane,
   from the first to below the last; kept takes them too, where it is not null. folded: of a row of n elements that has one warp, for at most 4,096 of them, or
   all 8, for at most 4,096 blocks; warps is a constant, 1 or WARPS. */
#define FOLDS(T, t) \
static inline T neutral_##t(int how) \
{ \
    switch (how) \
    { \
        case FOLD_PROD: return ONE_##t; \
        case FOLD_MAX: return neg_##t(INFINITE_##t); \
        case FOLD_MIN: return INFINITE_##t; \
        default: return ZERO_##t; \
    } \
} \
\
static inline T combined_##t(int how, T a, T b) \
{ \
    switch (how) \
    { \
        case FOLD_PROD: return mul_##t(a, b); \
        case FOLD_MAX: return max_##t(a, b); \
        case FOLD_MIN: return min_##t(a, b); \
        default: return add_##t(a, b); \
    } \
} \
\
INLINED T half16_##t(int how, __local const T *v) { return combined_##t(how, v[0], v[16]); } \
INLINED T half8_##t(int how, __local const T *v) { return combined_##t(how, half16_##t(how, v), half16_##t(how, v + 8)); } \
INLINED T half4_##t(int how, __local const T *v) { return combined_##t(how, half8_##t(how, v), half8_##t(how, v + 4)); } \
INLINED T half2_##t(int how, __local const T *v) { return combined_##t(how, half4_##t(how, v), half4_##t(how, v + 2)); } \
INLINED T half1_##t(int how, __local const T *v) { return combined_##t(how, half2_##t(how, v), half2_##t(how, v + 1)); } \
\
INLINED T joined_##t(int how, __local T *lanes, T own) \
{ \
    lanes[local_id()] = own; \
    local_barrier(); \
    T all = half1_##t(how, lanes + local_id() / LANES * LANES); \
    local_barrier(); \
    return all; \
} \
\
INLINED T own_##t(int how, int term, T m, __global const uchar *x, int type, long first, int from, int end, __global T *kept) \
{ \
    T own = neutral_##t(how); \
    for (int i = from + local_id() % LANES; i < end; i += LANES) \
    { \
        T value = term_##t(term, LOAD_##t(x, type, first + i), m); \
        if (kept) kept[i] = value; \
        own = combined_##t(how, own, value); \
    } \
    return own; \
} \
\
INLINED T folded_##t(int how, int term, T m, __local T *lanes, __global const uchar *x, int type, long first, int n, int warps, __global T *kept) \
{ \
    if (warps == 1) return joined_##t(how, lanes, own_##t(how, term, m, x, type, first, 0, n, kept)); \
    int lane = local_id() % LANES; \
    int warp = local_id() / LANES; \
    T upper = neutral_##t(how); \
    for (int start = 0; start < n; start += WARPS * FOLD_BLOCK) \
    { \
        int from = start + warp * FOLD_BLOCK; \
        int end = n - from < FOLD_BLOCK ? n : from + FOLD_BLOCK; \
        T all = joined_##t(how, lanes, own_##t(how, term, m, x, type, first, from, end, kept)); \
        if (lane == 0) lanes[warp] = all; \
        local_barrier(); \
        for (int w = 0; w < WARPS && start + w * FOLD_BLOCK < n; w++) \
            if ((start / FOLD_BLOCK + w) % LANES == lane) upper = combined_##t(how, upper, lanes[w]); \
        local_barrier(); \
    } \
    return joined_##t(how, lanes, upper); \
}

FOLDS(float, f32)
FOLDS(f64, f64)
