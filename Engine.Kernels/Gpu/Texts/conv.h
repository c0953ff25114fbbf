/* uses: product.h */
/* Conv: kernels W times windows of X, from the bias. Windows are read where they lie: there is no buffer of columns.
   large, small: tiles of product.h, rows are the kernels of a group (group_z), columns the windows of all images (128 x 128 in 16,896 bytes of shared
   memory, 64 x 64 in 17,408); the block of k of group_y alone where it is split. Work-items beside each other read windows beside each other.
   direct: one element a work-item, for groups of few kernels (depthwise), where a tile would be empty: W and taps are the same for all work-items of
   a plane. */

#define WINDOWS int outputs, int channels, int groups, int images, int out0, int out1, int out2, int in0, int in1, int in2, \
    int stride0, int stride1, int stride2, int pad0, int pad1, int pad2, int count
#define WINDOWS_OF(group) { x, taps, x0, images * out0 * out1 * out2, channels, (group) * (channels / groups), count, out0 * out1 * out2, \
    out1, out2, in0, in1, in2, stride0, stride1, stride2, pad0, pad1, pad2 }

/* outputs: kernels of all groups. count: taps of a channel. taps: three distances for each. layout: 2 W is fetched as float4, 16 split. */
#define PARAMETERS __global const void *x, __global const void *w, __global const void *bias, __global void *y, __global float *totals, \
    __global const int *taps, long x0, long w0, long bias0, int has_bias, int layout, WINDOWS

#define GIVEN x, w, bias, y, totals, taps, x0, w0, bias0, has_bias, layout, outputs, channels, groups, images, out0, out1, out2, in0, in1, in2, \
    stride0, stride1, stride2, pad0, pad1, pad2, count

INLINED void conv(int type, int tile, __local float *shared, __local result *to, __local const following *then, PARAMETERS)
{
    int group = group_z();
    int rows = outputs / groups;
    int depth = channels / groups * count;
    int first = layout & 16 ? group_y() * BLOCK : 0;
    int end = layout & 16 && depth - first > BLOCK ? first + BLOCK : depth;
    windows columns = WINDOWS_OF(group);
    matrix kernels = { w, w0 + (long)group * rows * depth, depth, 1, rows, 1, layout & 2 };
    matrix none;
    int plane = columns.plane;
    long all = (long)images * outputs * plane;
    int row;
    int column;
    tile_of(group_x(), (rows + tile - 1) / tile, (columns.columns + tile - 1) / tile, &row, &column);
    result whole = { y, totals + (layout & 16 ? group_y() * all : 0), bias, (long)group * rows * plane, plane, (long)outputs * plane,
        bias0 + group * rows, 1, 0, rows, columns.columns, plane, row * tile, column * tile,
        has_bias, 0, layout & 16, 1.0f, 1.0f };
    if (local_id() == 0) *to = whole;
    product(type, tile, 1, shared, &kernels, &none, &columns, to, then, row * tile, column * tile, first, end);
}

INLINED void direct(int type, __local const following *then, PARAMETERS)
{
    long place = (long)group_x() * 256 + local_id();
    int plane = out0 * out1 * out2;
    if (place >= (long)images * outputs * plane) return;
    int index = (int)place;
    int m = index / plane % outputs;
    int group = m / (outputs / groups);
    int depth = channels / groups * count;
    windows columns = WINDOWS_OF(group);
    window at;
    find_window(&columns, index / plane / outputs * plane + index % plane, &at);
    float total = has_bias ? load_single(bias, type, bias0 + m) + 0.0f : 0.0f;
    float sum = 0.0f;
    long from = w0 + (long)m * depth;
    for (int channel = 0, tap = 0, k = 0; k < depth; k++)
    {
        sum = fma_f32(tap_of(&columns, type, &at, channel, tap), load_single(w, type, from + k), sum);
        if ((k + 1) % BLOCK == 0 || k + 1 == depth)
        {
            total = fma_f32(1.0f, sum, total);
            sum = 0.0f;
        }
        if (++tap == count)
        {
            tap = 0;
            channel++;
        }
    }
    if (FOLLOWED) follow(then, index, total_in(total, type), type);
    else store_single(y, type, index, total);
}

#define CONVS(name, type) \
TILES(large_##name, 128, conv, type) \
TILES(small_##name, 64, conv, type) \
KERNEL(direct_##name, 256)(PARAMETERS FOLLOWING) \
{ \
    __local following then; \
    SET_FOLLOWING(&then) \
    FOLLOWING_IS_SET \
    direct(type, &then, GIVEN); \
}

CONVS(f32, T_F32)
CONVS(f16, T_F16)
CONVS(bf16, T_BF16)
