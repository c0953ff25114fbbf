/* uses: elements.h */
/* X [N, C, plane] scaled and shifted by its channel's statistics: see Engine/Ops/BatchNorm.cs. */
#define BATCH_NORM(name, T, load, store, root) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global const uchar *gamma, long g, __global const uchar *beta, long b, \
    __global const uchar *mean, long m, __global const uchar *variance, long v, __global uchar *y, int count, int channels, int plane, T epsilon) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int index = (int)place; \
    int c = index / plane % channels; \
    T k = load(gamma, type, g + c) * ((T)1 / root(load(variance, type, v + c) + epsilon)); \
    T t = load(beta, type, b + c) - load(mean, type, m + c) * k; \
    store(y, type, index, load(x, type, offset + index) * k + t); \
}

BATCH_NORM(batch_norm_f32, float, load_single, store_single, sqrt_f32)
BATCH_NORM(batch_norm_f64, double, load_double, store_double, sqrt_f64)
