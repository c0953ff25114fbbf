/* uses: folds.h */
/* Rows of n brought to unit size, with their mean (centred) or without: see Engine/Ops/Norm.cs. */
#define NORM(name, T, t) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global const uchar *gamma, long gamma_offset, __global const uchar *beta, \
    long beta_offset, __global uchar *y, __global T *mean, __global T *deviation, int rows, int n, int warps, T epsilon) \
{ \
    __local T lanes[256]; \
    long wanted = (long)group_x() * (WARPS / warps) + local_id() / LANES / warps; \
    int is_row = wanted < rows; \
    long row = is_row ? wanted : rows - 1; \
    long place = row * n; \
    int lane = local_id() % LANES; \
    int warp = local_id() / LANES % warps; \
    T m = (T)0; \
    if (mean) m = folded_##t(FOLD_SUM, TERM_SELF, (T)0, lanes, x, type, offset + place, n, warps, 0) / (T)n; \
    T variance = folded_##t(FOLD_SUM, TERM_SQUARE, m, lanes, x, type, offset + place, n, warps, 0) / (T)n; \
    T r = (T)1 / sqrt_##t(variance + epsilon); \
    if (!is_row) return; \
    if (lane == 0 && warp == 0) \
    { \
        if (mean) mean[row] = VALUE_##t(stored(REGISTER_##t(m), T_##t)); \
        deviation[row] = VALUE_##t(stored(REGISTER_##t(r), T_##t)); \
    } \
    for (int from = warp * FOLD_BLOCK; from < n; from += warps * FOLD_BLOCK) \
        for (int i = from + lane; i < n && i < from + FOLD_BLOCK; i += LANES) \
        { \
            T d = VALUE_##t(load_element(x, type, offset + place + i)) - m; \
            T value = (d * r) * VALUE_##t(load_element(gamma, type, gamma_offset + i)); \
            if (beta) value = value + VALUE_##t(load_element(beta, type, beta_offset + i)); \
            store_element(y, type, place + i, stored(REGISTER_##t(value), type)); \
        } \
}

#define T_f32 T_F32
#define T_f64 T_F64

NORM(norm_f32, float, f32)
NORM(norm_f64, double, f64)
