/* uses: folds.h */
/* Rows of n, f32 arithmetic: the maximum, the fold of exp(x - maximum), and exp(x - maximum) over that, or (x - maximum) - log of that. */
#define SOFTMAX(name, warps) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global uchar *y, __global float *maximum, __global float *denominator, \
    int rows, int n, int logarithm) \
{ \
    __local float lanes[256]; \
    long wanted = (long)group_x() * (WARPS / warps) + local_id() / LANES / warps; \
    int is_row = wanted < rows; \
    long row = is_row ? wanted : rows - 1; \
    long place = row * n; \
    int lane = local_id() % LANES; \
    int warp = local_id() / LANES % warps; \
    int keeps = is_row && type == T_F32 && !logarithm; \
    float m = folded_f32(FOLD_MAX, TERM_SELF, 0.0f, lanes, x, type, offset + place, n, warps, 0); \
    float s = folded_f32(FOLD_SUM, TERM_EXP, m, lanes, x, type, offset + place, n, warps, keeps ? (__global float *)y + place : 0); \
    if (!is_row) return; \
    if (lane == 0 && warp == 0) \
    { \
        maximum[row] = canonical(m); \
        denominator[row] = canonical(s); \
    } \
    float log_s = logarithm ? f_log(s) : 0.0f; \
    for (int from = warp * FOLD_BLOCK; from < n; from += warps * FOLD_BLOCK) \
        for (int i = from + lane; i < n && i < from + FOLD_BLOCK; i += LANES) \
        { \
            float value; \
            if (keeps) value = ((__global float *)y)[place + i] / s; \
            else \
            { \
                float d = load_single(x, type, offset + place + i) - m; \
                value = logarithm ? d - log_s : f_exp(d) / s; \
            } \
            store_single(y, type, place + i, value); \
        } \
}

SOFTMAX(softmax_short, 1)
SOFTMAX(softmax_long, WARPS)
