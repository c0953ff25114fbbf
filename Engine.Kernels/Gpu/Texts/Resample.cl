/* uses: elements.h */
/* Weighted sums of elements of X [before, extent, after] along its middle axis: Y [before, m, after]; taps of row j: indices and weights [m, taps]. */
#define RESAMPLE(name, T, t, load, store) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global const long *indices, long first_index, __global const T *weights, \
    long first_weight, __global uchar *y, int count, int extent, int after, int m, int taps) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int slice = (int)place / after; \
    long from = offset + (long)(slice / m) * extent * after + (int)place % after; \
    long row = (long)(slice % m) * taps; \
    T total = ZERO_##t; \
    for (int start = 0; start < taps && extent > 0; start += 256) \
    { \
        T sum = ZERO_##t; \
        for (int tap = start; tap < taps && tap < start + 256; tap++) \
        { \
            T weight = weights[first_weight + row + tap]; \
            if (eq_##t(weight, ZERO_##t)) continue; \
            long index = indices[first_index + row + tap]; \
            index = index < 0 ? 0 : index >= extent ? extent - 1 : index; \
            sum = fma_##t(weight, load(x, type, from + index * after), sum); \
        } \
        total = add_##t(total, sum); \
    } \
    store(y, type, place, total); \
}

RESAMPLE(resample_f32, float, f32, load_single, store_single)
RESAMPLE(resample_f64, f64, f64, load_double, store_double)
