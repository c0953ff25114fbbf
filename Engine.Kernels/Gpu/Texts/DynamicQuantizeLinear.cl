/* uses: chain.h */
/* DynamicQuantizeLinear: docs/numerics.md, Quantisation. The order of Max and Min makes extremes the same in any order of terms. */
#define BLOCK 4096

/* The smallest and the largest of a block of terms, in both of the work-items' arrays at 0. */
#define EXTREMES(lows, highs, start, count) \
    __local float low[256]; \
    __local float high[256]; \
    int id = local_id(); \
    int own = id < (count) ? id : 0; \
    float least = lows[(start) + own]; \
    float most = highs[(start) + own]; \
    for (int i = id + 256; i < (count); i += 256) \
    { \
        least = min_f32(least, lows[(start) + i]); \
        most = max_f32(most, highs[(start) + i]); \
    } \
    low[id] = least; \
    high[id] = most; \
    local_barrier(); \
    for (int reach = 128; reach > 0; reach /= 2) \
    { \
        if (id < reach) \
        { \
            low[id] = min_f32(low[id], low[id + reach]); \
            high[id] = max_f32(high[id], high[id + reach]); \
        } \
        local_barrier(); \
    }

/* One level: the extremes of each block. */
KERNEL(extremes, 256)(__global const float *lows, __global const float *highs, long first, int terms,
    __global float *least_of, __global float *most_of)
{
    long before = (long)group_x() * BLOCK;
    int count = terms - before < BLOCK ? (int)(terms - before) : BLOCK;
    EXTREMES(lows, highs, first + before, count)
    if (id == 0)
    {
        least_of[group_x()] = canonical(low[0]);
        most_of[group_x()] = canonical(high[0]);
    }
}

/* From the last level: low and high, then scale and zero point. */
KERNEL(range, 256)(__global const float *lows, __global const float *highs, long first, int terms,
    __global float *low_out, __global float *high_out, __global float *scale_out, __global uchar *zero_out)
{
    EXTREMES(lows, highs, first, terms)
    if (id == 0)
    {
        float bottom = canonical(min_f32(0.0f, low[0]));
        float top = canonical(max_f32(0.0f, high[0]));
        float scale = canonical(top == bottom ? 1.0f : (top - bottom) / 255.0f);
        low_out[0] = bottom;
        high_out[0] = top;
        scale_out[0] = scale;
        zero_out[0] = (uchar)code_of(0.0f - bottom / scale, 0, T_U8);
    }
}

KERNEL(codes, 256)(__global const float *x, long first, __global uchar *y, int count, __global const float *scale, __global const uchar *zero)
{
    long index = (long)group_x() * 256 + local_id();
    if (index < count) y[index] = (uchar)code_of(x[first + index] / scale[0], zero[0], T_U8);
}
