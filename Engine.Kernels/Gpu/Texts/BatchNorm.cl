/* uses: elements.h */
/* X [N, C, plane] scaled and shifted by its channel's statistics: see Engine/Ops/BatchNorm.cs. */
#define BATCH_NORM(name, T, t, load, store) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global const uchar *gamma, long g, __global const uchar *beta, long b, \
    __global const uchar *mean, long m, __global const uchar *variance, long v, __global uchar *y, int count, int channels, int plane, T epsilon) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int index = (int)place; \
    int c = index / plane % channels; \
    T k = mul_##t(load(gamma, type, g + c), div_##t(ONE_##t, sqrt_##t(add_##t(load(variance, type, v + c), epsilon)))); \
    T addend = sub_##t(load(beta, type, b + c), mul_##t(load(mean, type, m + c), k)); \
    store(y, type, index, add_##t(mul_##t(load(x, type, offset + index), k), addend)); \
}

BATCH_NORM(batch_norm_f32, float, f32, load_single, store_single)
BATCH_NORM(batch_norm_f64, f64, f64, load_double, store_double)
