/* uses: folds.h */
/* Rows of n brought to unit size, less their mean (centred) or not: see Engine/Ops/Norm.cs. */
#define NORM(name, T, t, centred, warps) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global const uchar *gamma, long gamma_offset, __global const uchar *beta, \
    long beta_offset, __global uchar *y, __global T *mean, __global T *deviation, int rows, int n, T epsilon) \
{ \
    __local T lanes[256]; \
    long wanted = (long)group_x() * (WARPS / warps) + local_id() / LANES / warps; \
    int is_row = wanted < rows; \
    long row = is_row ? wanted : rows - 1; \
    long place = row * n; \
    int lane = local_id() % LANES; \
    int warp = local_id() / LANES % warps; \
    T m = ZERO_##t; \
    if (centred) m = div_##t(folded_##t(FOLD_SUM, TERM_SELF, ZERO_##t, lanes, x, type, offset + place, n, warps, 0), t##_of_int(n)); \
    T variance = div_##t(folded_##t(FOLD_SUM, TERM_SQUARE, m, lanes, x, type, offset + place, n, warps, 0), t##_of_int(n)); \
    T r = div_##t(ONE_##t, sqrt_##t(add_##t(variance, epsilon))); \
    if (!is_row) return; \
    if (lane == 0 && warp == 0) \
    { \
        if (centred) STORE_##t(mean, T_F32, row, m); \
        STORE_##t(deviation, T_F32, row, r); \
    } \
    for (int from = warp * FOLD_BLOCK; from < n; from += warps * FOLD_BLOCK) \
        for (int i = from + lane; i < n && i < from + FOLD_BLOCK; i += LANES) \
        { \
            T d = sub_##t(LOAD_##t(x, type, offset + place + i), m); \
            T value = mul_##t(mul_##t(d, r), LOAD_##t(gamma, type, gamma_offset + i)); \
            if (beta) value = add_##t(value, LOAD_##t(beta, type, beta_offset + i)); \
            STORE_##t(y, type, place + i, value); \
        } \
}

NORM(layer_norm_short_f32, float, f32, 1, 1)
NORM(layer_norm_long_f32, float, f32, 1, WARPS)
NORM(rms_norm_short_f32, float, f32, 0, 1)
NORM(rms_norm_long_f32, float, f32, 0, WARPS)
NORM(layer_norm_short_f64, f64, f64, 1, 1)
NORM(layer_norm_long_f64, f64, f64, 1, WARPS)
NORM(rms_norm_short_f64, f64, f64, 0, 1)
NORM(rms_norm_long_f64, f64, f64, 0, WARPS)
