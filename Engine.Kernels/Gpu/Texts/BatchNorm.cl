/* uses: elements.h */
/* X [N, C, plane] scaled and shifted by its channel's statistics: see Engine/Ops/BatchNorm.cs. */
#define BATCH_NORM(name, T, value_in, in_value, root) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global const uchar *gamma, long g, __global const uchar *beta, long b, \
    __global const uchar *mean, long m, __global const uchar *variance, long v, __global uchar *y, int count, int channels, int plane, T epsilon) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int index = (int)place; \
    int c = index / plane % channels; \
    T k = value_in(load_element(gamma, type, g + c)) * ((T)1 / root(value_in(load_element(variance, type, v + c)) + epsilon)); \
    T t = value_in(load_element(beta, type, b + c)) - value_in(load_element(mean, type, m + c)) * k; \
    store_element(y, type, index, stored(in_value(value_in(load_element(x, type, offset + index)) * k + t), type)); \
}

BATCH_NORM(batch_norm_f32, float, f32_in, in_f32, sqrt_f32)
BATCH_NORM(batch_norm_f64, double, f64_in, in_f64, sqrt_f64)
