/* uses: folds.h */
/* Each block of at most 4,096 terms made one number: see docs/numerics.md, Folds. Result r is of block r % blocks of row r / blocks; a row has terms
   elements, from x[offset] on. kind: Engine/Ops/Reduce.cs. n: elements of a row of X. */
#define KIND_MEAN 2
#define KIND_L1 6
#define KIND_L2 7
#define KIND_SUM_SQUARE 8
#define KIND_LOG_SUM 9
#define KIND_LOG_SUM_EXP 10

static inline int term_of(int kind, int is_element)
{
    if (!is_element) return TERM_SELF;
    return kind == KIND_L1 ? TERM_ABS : kind == KIND_L2 || kind == KIND_SUM_SQUARE ? TERM_SQUARE : kind == KIND_LOG_SUM_EXP ? TERM_EXP : TERM_SELF;
}

static inline float finished_f32(int kind, float x, int n, float m)
{
    switch (kind)
    {
        case KIND_MEAN: return x / (float)n;
        case KIND_L2: return sqrt_f32(x);
        case KIND_LOG_SUM: return f_log(x);
        case KIND_LOG_SUM_EXP: return (bits_of(m) & 0x7f800000u) == 0x7f800000u ? m : m + f_log(x);
        default: return x;
    }
}

/* There is no logarithm. */
static inline f64 finished_f64(int kind, f64 x, int n, f64 m)
{
    return kind == KIND_MEAN ? div_f64(x, f64_of_int(n)) : kind == KIND_L2 ? sqrt_f64(x) : x;
}

#define REDUCE(name, T, t, how) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global uchar *y, int y_type, int count, int terms, int blocks, \
    int kind, int is_element, int is_y, int n, __global const T *maximum) \
{ \
    __local T lanes[256]; \
    long wanted = (long)group_x() * WARPS + local_id() / LANES; \
    int result = wanted < count ? (int)wanted : count - 1; \
    int row = result / blocks; \
    int first = result % blocks * FOLD_BLOCK; \
    T m = maximum ? maximum[row] : ZERO_##t; \
    T value = folded_##t(how, how == FOLD_SUM ? term_of(kind, is_element) : TERM_SELF, m, lanes, x, type, offset + (long)row * terms + first, \
        terms - first < FOLD_BLOCK ? terms - first : FOLD_BLOCK, 1, 0); \
    if (how == FOLD_SUM && is_y) value = finished_##t(kind, value, n, m); \
    if (wanted < count && local_id() % LANES == 0) STORE_##t(y, y_type, result, value); \
}

REDUCE(reduce_sum_f32, float, f32, FOLD_SUM)
REDUCE(reduce_prod_f32, float, f32, FOLD_PROD)
REDUCE(reduce_max_f32, float, f32, FOLD_MAX)
REDUCE(reduce_min_f32, float, f32, FOLD_MIN)
REDUCE(reduce_sum_f64, f64, f64, FOLD_SUM)
REDUCE(reduce_prod_f64, f64, f64, FOLD_PROD)
REDUCE(reduce_max_f64, f64, f64, FOLD_MAX)
REDUCE(reduce_min_f64, f64, f64, FOLD_MIN)

static inline ulong combined_int(int how, ulong a, ulong b, int order)
{
    switch (how)
    {
        case FOLD_PROD: return a * b;
        case FOLD_MAX: return less_int(a, b, order) ? b : a;
        case FOLD_MIN: return less_int(b, a, order) ? b : a;
        default: return a + b;
    }
}

/* Integers in any order; order: the type of X. neutral: of nothing. */
KERNEL(reduce_int, 256)(__global const uchar *x, int type, long offset, __global uchar *y, int y_type, int count, int terms, int blocks,
    int kind, int is_element, int is_y, int n, int how, int order, long neutral)
{
    __local ulong lanes[256];
    long wanted = (long)group_x() * WARPS + local_id() / LANES;
    int lane = local_id() % LANES;
    int result = wanted < count ? (int)wanted : count - 1;
    int first = result % blocks * FOLD_BLOCK;
    int end = terms - first < FOLD_BLOCK ? terms : first + FOLD_BLOCK;
    long row = offset + (long)(result / blocks) * terms;
    int term = term_of(kind, is_element);
    ulong value = (ulong)neutral;
    for (int i = first + lane; i < end; i += LANES)
    {
        ulong own = load_element(x, type, row + i);
        if (term == TERM_SQUARE) own = own * own;
        if (term == TERM_ABS && order != T_U64 && (long)own < 0) own = 0ul - own;
        value = combined_int(how, value, own, order);
    }
    lanes[local_id()] = value;
    local_barrier();
    if (wanted >= count || lane != 0) return;
    for (int i = 1; i < LANES; i++) value = combined_int(how, value, lanes[local_id() + i], order);
    if (is_y && kind == KIND_MEAN) value = n == 0 ? 0ul : order == T_U64 ? value / (ulong)n : (ulong)((long)value / (long)n);
    store_element(y, y_type, result, stored(value, y_type));
}
