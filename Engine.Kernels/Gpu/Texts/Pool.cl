/* uses: order.h */
/* One element of each window of one channel: see Engine/Ops/Pool.cs. A window has three spatial axes; those that X has not come first and have one
   element. window: kernel, strides, dilations, padding before, padding after, output extents, extents of X, three each. */
typedef struct { int position, first, count, counted; } span;

/* The taps with coordinates from low to below high: how many, and from which on. */
static inline int taps_within(int taps, int dilation, long position, long low, long high, int *first)
{
    long from = position >= low ? 0 : (low - position + dilation - 1) / dilation;
    long end = position >= high ? 0 : (high - 1 - position) / dilation + 1;
    if (end > taps) end = taps;
    *first = from < end ? (int)from : 0;
    return from < end ? (int)(end - from) : 0;
}

static inline span span_of(__global const int *window, int axis, int index)
{
    int taps = window[axis];
    int dilation = window[6 + axis];
    int extent = window[18 + axis];
    long position = (long)index * window[3 + axis] - window[9 + axis];
    int unused;
    span s;
    s.position = (int)position;
    s.count = taps_within(taps, dilation, position, 0, extent, &s.first);
    s.counted = taps_within(taps, dilation, position, -(long)window[9 + axis], (long)extent + window[12 + axis], &unused);
    return s;
}

/* The spans of window number `place` of all, and what a row, a plane and a channel of X have. */
#define SPANS \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int index = (int)place; \
    int rest = index; \
    span w = span_of(window, 2, rest % window[17]); rest /= window[17]; \
    span h = span_of(window, 1, rest % window[16]); rest /= window[16]; \
    span d = span_of(window, 0, rest % window[15]); rest /= window[15]; \
    int row = window[20]; \
    int plane = window[19] * row; \
    int channel = rest * window[18] * plane;

/* Taps in order: `at` is the element's number in X. */
#define TAPS \
    for (int i = 0; i < d.count; i++) \
        for (int j = 0; j < h.count; j++) \
            for (int k = 0, at = channel + (d.position + (d.first + i) * window[6]) * plane + (h.position + (h.first + j) * window[7]) * row \
                + w.position + w.first * window[8]; k < w.count; k++, at += window[8])

#define AVERAGE(name, T, t, load, store) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global uchar *y, int count, __global const int *window, int count_padding) \
{ \
    SPANS \
    T sum = ZERO_##t; \
    TAPS sum = add_##t(sum, load(x, type, offset + at)); \
    long taps = count_padding ? (long)d.counted * h.counted * w.counted : (long)d.count * h.count * w.count; \
    store(y, type, index, div_##t(sum, t##_of_long(taps))); \
}

AVERAGE(average_f32, float, f32, load_single, store_single)
AVERAGE(average_f64, f64, f64, load_double, store_double)

/* Whether a beats b, elements in their registers: the order, where the first NaN stays. */
static inline int beats(ulong a, ulong b, int type)
{
    if (type == T_F64)
    {
        f64 p = f64_in(a);
        f64 q = f64_in(b);
        return eq_f64(q, q) && (!eq_f64(p, p) || gt_f64(p, q) || (eq_f64(p, ZERO_f64) && eq_f64(q, ZERO_f64) && b >> 63 != 0ul && a >> 63 == 0ul));
    }
    if (type != T_F32 && type != T_F16 && type != T_BF16) return less_int(b, a, type);
    float p = f32_in(a);
    float q = f32_in(b);
    return q == q && (p != p || p > q || (p == 0.0f && q == 0.0f && (uint)b >> 31 != 0u && (uint)a >> 31 == 0u));
}

/* The largest, and where it is. least: of a window of nothing, in its register. */
KERNEL(largest, 256)(__global const uchar *x, int type, long offset, __global uchar *y, __global long *indices, int count, __global const int *window,
    long least, int column_major)
{
    SPANS
    ulong best = (ulong)least;
    int found = -1;
    TAPS
    {
        ulong value = load_element(x, type, offset + at);
        if (found < 0 || beats(value, best, type))
        {
            best = value;
            found = at;
        }
    }
    store_element(y, type, index, best);
    if (found >= 0 && column_major)
    {
        int within = found - channel;
        found = channel + (within % row * window[19] + within / row % window[19]) * window[18] + within / plane;
    }
    indices[index] = found;
}

/* The mean of n elements: four lanes, then what is left in turn. */
#define GLOBAL_AVERAGE(name, T, t, load, store) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global uchar *y, int count, int n) \
{ \
    __local T lanes[256]; \
    int id = local_id(); \
    long channel = (long)group_x() * 64 + id / 4; \
    long first = offset + (channel < count ? channel : 0) * n; \
    int in_lanes = n / 4 * 4; \
    T sum = ZERO_##t; \
    for (int i = id % 4; i < in_lanes; i += 4) sum = add_##t(sum, load(x, type, first + i)); \
    lanes[id] = sum; \
    local_barrier(); \
    if (channel >= count || id % 4 != 0) return; \
    sum = add_##t(add_##t(lanes[id], lanes[id + 2]), add_##t(lanes[id + 1], lanes[id + 3])); \
    for (int i = in_lanes; i < n; i++) sum = add_##t(sum, load(x, type, first + i)); \
    store(y, type, channel, div_##t(sum, t##_of_int(n))); \
}

GLOBAL_AVERAGE(global_average_f32, float, f32, load_single, store_single)
GLOBAL_AVERAGE(global_average_f64, f64, f64, load_double, store_double)
