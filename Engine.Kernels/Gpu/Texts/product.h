/* uses: elements.h, unfollowed.h */
/* Tiles of products of matrices of reals below f64, made as docs/numerics.md, Dot products, says: blocks of 256 k, a chain of fma in each, a total of the
   blocks. 256 work-items make a tile of 128 x 128 elements, 8 x 8 each, or of 64 x 64, 4 x 4 each, along k by slices of 8 or 16 that lie in shared memory
   twice: one is multiplied while the next is fetched (16,896 and 17,408 bytes, and 112 of result). A slice holds k after k, so that a work-item reads its
   rows and its columns as float4; eight work-items beside each other have neighbouring columns, and store whole lines of 128 bytes.
   The sums of a block are 64 (16) registers of about 170 (115) that are alive at once, by the PTX; totals would be as many again, so they lie in global
   memory, and are read and written once a block. */
#define BLOCK 256

/* 1, by a header before: results have no C, are not split, and lie in rows; a work-item keeps less for them. */
#ifndef PLAIN_RESULTS
#define PLAIN_RESULTS 0
#endif

/* A total as its type stores it, in a register. */
#define total_in(total, type) stored(in_f32(total), type)

/* Four elements beside each other; at is a multiple of 4. */
INLINED float4 load_quad(__global const void *x, int type, long at)
{
    if (type == T_F32) return ((__global const float4 *)x)[at >> 2];
    uint2 bits = ((__global const uint2 *)x)[at >> 2];
    uint low = bits.x;
    uint high = bits.y;
    return type == T_F16 ? (float4)(widen_f16(low & 0xffffu), widen_f16(low >> 16), widen_f16(high & 0xffffu), widen_f16(high >> 16))
        : (float4)(widen_bf16(low & 0xffffu), widen_bf16(low >> 16), widen_bf16(high & 0xffffu), widen_bf16(high >> 16));
}

/* Rows of a matrix: element (i, k) lies at origin + i * row + k * step. along_k: neighbours along k are fetched together, else neighbouring rows;
   wide: they lie beside each other, the first of four at a multiple of 4. */
typedef struct
{
    __global const void *x;
    long origin;
    long row;
    long step;
    int rows;
    int along_k;
    int wide;
} matrix;

/* Columns that are windows of X [images, channels, extents]: column i is window i % plane of image i / plane, its element k is tap k % count of channel
   k / count of the group. taps: three distances from the first tap for each. */
typedef struct
{
    __global const void *x;
    __global const int *taps;
    long origin;
    int columns, channels, first_channel, count, plane;
    int out1, out2;
    int in0, in1, in2;
    int stride0, stride1, stride2;
    int pad0, pad1, pad2;
} windows;

/* Where a window begins. */
typedef struct
{
    int image, at0, at1, at2;
} window;

/* Element (m, n) of the results lies at base + m * row + n / plane * image + n % plane, that of C at c_base + m * cm + n * cn; wide_c: four
   columns from a multiple of 4 on lie beside each other, the first at a multiple of 4. A tile begins at first_row and first_column. split: the sum of a
   block is stored as it is in totals, for another kernel to join. It lies in shared memory, so that what is needed once a block takes no registers of the
   loop along k: a compiler does not carry loads over a barrier. */
typedef struct
{
    __global void *y;
    __global float *totals;
    __global const void *c;
    long base, row, image;
    long c_base, cm, cn;
    int rows, columns, plane;
    int first_row, first_column;
    int has_c, wide_c, split;
    float alpha, beta;
} result;

/* Four elements from row i and k on, +0 beyond the rows and beyond end. */
INLINED float4 fetch(const matrix *from, int type, int i, int k, int end)
{
    float4 quad = (float4)(0.0f, 0.0f, 0.0f, 0.0f);
    if (i >= from->rows || k >= end) return quad;
    long at = from->origin + i * from->row + k * from->step;
    long step = from->along_k ? from->step : from->row;
    int left = from->along_k ? end - k : from->rows - i;
    if (from->wide && left >= 4) return load_quad(from->x, type, at);
    quad.x = load_single(from->x, type, at);
    if (left > 1) quad.y = load_single(from->x, type, at + step);
    if (left > 2) quad.z = load_single(from->x, type, at + 2 * step);
    if (left > 3) quad.w = load_single(from->x, type, at + 3 * step);
    return quad;
}

INLINED void find_window(const windows *from, int column, window *found)
{
    int place = column % from->plane;
    found->image = column / from->plane;
    found->at2 = place % from->out2 * from->stride2 - from->pad2;
    found->at1 = place / from->out2 % from->out1 * from->stride1 - from->pad1;
    found->at0 = place / from->out2 / from->out1 * from->stride0 - from->pad0;
}

/* One tap of a window, of a channel of the group: +0 in the padding. */
INLINED float tap_of(const windows *from, int type, const window *at, int channel, int tap)
{
    int place0 = at->at0 + from->taps[3 * tap];
    int place1 = at->at1 + from->taps[3 * tap + 1];
    int place2 = at->at2 + from->taps[3 * tap + 2];
    if (place0 < 0 || place1 < 0 || place2 < 0 || place0 >= from->in0 || place1 >= from->in1 || place2 >= from->in2) return 0.0f;
    long plane = (long)at->image * from->channels + from->first_channel + channel;
    return load_single(from->x, type, from->origin + ((plane * from->in0 + place0) * from->in1 + place1) * from->in2 + place2);
}

/* Four elements of a window from k on, +0 beyond end. */
INLINED float4 fetch_window(const windows *from, int type, const window *at, int k, int end)
{
    float4 quad = (float4)(0.0f, 0.0f, 0.0f, 0.0f);
    int channel = k / from->count;
    int tap = k % from->count;
    if (k < end) quad.x = tap_of(from, type, at, channel, tap);
    if (++tap == from->count) { tap = 0; channel++; }
    if (k + 1 < end) quad.y = tap_of(from, type, at, channel, tap);
    if (++tap == from->count) { tap = 0; channel++; }
    if (k + 2 < end) quad.z = tap_of(from, type, at, channel, tap);
    if (++tap == from->count) { tap = 0; channel++; }
    if (k + 3 < end) quad.w = tap_of(from, type, at, channel, tap);
    return quad;
}

/* Puts four elements from row i and k on into a slice: k after k, each pitch apart. */
INLINED void stash(__local float *slice, int pitch, int i, int k, int along_k, float4 quad)
{
    __local float *to = slice + k * pitch + i;
    if (!along_k)
    {
        *(__local float4 *)to = quad;
        return;
    }
    to[0] = quad.x;
    to[pitch] = quad.y;
    to[2 * pitch] = quad.z;
    to[3 * pitch] = quad.w;
}

INLINED float start_of(__local const result *to, int type, int m, int n)
{
    return !PLAIN_RESULTS && to->has_c ? to->beta * load_single(to->c, type, to->c_base + m * to->cm + n * to->cn) + 0.0f : 0.0f;
}

/* The same for four columns, where C is wide_c or the same in all columns. */
INLINED float4 start_of_quad(__local const result *to, int type, int m, int n)
{
    if (PLAIN_RESULTS || !to->has_c) return (float4)(0.0f, 0.0f, 0.0f, 0.0f);
    float beta = to->beta;
    if (!to->wide_c)
    {
        float start = start_of(to, type, m, n);
        return (float4)(start, start, start, start);
    }
    float4 quad = load_quad(to->c, type, to->c_base + m * to->cm + n);
    return (float4)(beta * quad.x + 0.0f, beta * quad.y + 0.0f, beta * quad.z + 0.0f, beta * quad.w + 0.0f);
}

INLINED long place_of(__local const result *to, int m, int n)
{
    if (PLAIN_RESULTS) return to->base + m * to->row + n;
    return to->base + m * to->row + n / to->plane * to->image + n % to->plane;
}

/* The sum of a block joins the total of element (m, n): the total begins with the first block, and with the last goes to y, or to ready. */
INLINED void join(__local const result *to, int type, int m, int n, int is_first, int is_last, float sum, __local float *ready)
{
    long at = place_of(to, m, n);
    if (!PLAIN_RESULTS && to->split)
    {
        to->totals[at] = sum;
        return;
    }
    float total = fma_f32(to->alpha, sum, is_first ? start_of(to, type, m, n) : to->totals[at]);
    if (!is_last) to->totals[at] = total;
    else if (FOLLOWED) *ready = total;
    else store_single(to->y, type, at, total);
}

/* The same for four columns from n on, a multiple of 4. */
INLINED void join_quad(__local const result *to, int type, int m, int n, int is_first, int is_last, float4 sum, __local float *ready)
{
    if (m >= to->rows || n >= to->columns) return;
    if (type != T_F32 || (PLAIN_RESULTS ? to->row : to->plane) % 4 != 0 || (!PLAIN_RESULTS && to->has_c && !to->wide_c && to->cn != 0))
    {
        #pragma unroll 1
        for (int i = 0; i < 4 && n + i < to->columns; i++)
            join(to, type, m, n + i, is_first, is_last, i == 0 ? sum.x : i == 1 ? sum.y : i == 2 ? sum.z : sum.w, ready + i);
        return;
    }
    long at = place_of(to, m, n) >> 2;
    __global float4 *totals = (__global float4 *)to->totals;
    if (!PLAIN_RESULTS && to->split)
    {
        totals[at] = sum;
        return;
    }
    float4 total;
    if (is_first) total = start_of_quad(to, type, m, n);
    else total = totals[at];
    total.x = fma_f32(to->alpha, sum.x, total.x);
    total.y = fma_f32(to->alpha, sum.y, total.y);
    total.z = fma_f32(to->alpha, sum.z, total.z);
    total.w = fma_f32(to->alpha, sum.w, total.w);
    if (!is_last) totals[at] = total;
    else if (FOLLOWED) *(__local float4 *)ready = total;
    else ((__global float4 *)to->y)[at] = (float4)(canonical(total.x), canonical(total.y), canonical(total.z), canonical(total.w));
}

/* One k: the work-item's rows times its columns. */
INLINED void multiply(__local const float *a, __local const float *b, int tile, float sum[8][8])
{
    float fa[8];
    float fb[8];
    #pragma unroll
    for (int part = 0; part < tile / 64; part++)
    {
        float4 quad_a = *(__local const float4 *)(a + 64 * part);
        float4 quad_b = *(__local const float4 *)(b + 64 * part);
        fa[4 * part] = quad_a.x;
        fa[4 * part + 1] = quad_a.y;
        fa[4 * part + 2] = quad_a.z;
        fa[4 * part + 3] = quad_a.w;
        fb[4 * part] = quad_b.x;
        fb[4 * part + 1] = quad_b.y;
        fb[4 * part + 2] = quad_b.z;
        fb[4 * part + 3] = quad_b.w;
    }
    #pragma unroll
    for (int i = 0; i < tile / 16; i++)
        #pragma unroll
        for (int j = 0; j < tile / 16; j++)
            sum[i][j] = fma_f32(fa[i], fb[j], sum[i][j]);
}

/* Floats of a slice of k of both operands, and float4 of shared memory for a tile: two of them. Lines of slices are 4 apart from a multiple of 32, so
   that what is put along k goes to other banks. */
#define PITCH(tile) ((tile) + 4)
#define SLICE(tile) (1024 / (tile))
#define SHARED(tile) (SLICE(tile) * PITCH(tile))

/* A tile of rows of a from first_m on times rows of b (or windows of w) from first_n on, for first <= k < end; first is a border of blocks. */
INLINED void product(int type, int tile, int is_window, __local float *shared, const matrix *a, const matrix *b, const windows *w, __local const result *to,
    __local const following *then, int first_m, int first_n, int first, int end)
{
    int id = local_id();
    int row = id / 64 * 16 + id % 32 / 8 * 4;
    int column = id / 32 % 2 * 32 + id % 8 * 4;
    int a_row = a->along_k ? id / (SLICE(tile) / 4) : id % (tile / 4) * 4;
    int a_k = a->along_k ? id % (SLICE(tile) / 4) * 4 : id / (tile / 4);
    int b_along_k = is_window || b->along_k;
    int b_row = is_window ? id % tile : b_along_k ? id / (SLICE(tile) / 4) : id % (tile / 4) * 4;
    int b_k = is_window ? id / tile * 4 : b_along_k ? id % (SLICE(tile) / 4) * 4 : id / (tile / 4);
    int w_end = is_window && first_n + b_row < w->columns ? end : 0;
    window at;
    if (is_window) find_window(w, first_n + b_row, &at);
    float sum[8][8];
    #pragma unroll
    for (int i = 0; i < tile / 16; i++)
        #pragma unroll
        for (int j = 0; j < tile / 16; j++)
            sum[i][j] = 0.0f;
    /* The slice at k is multiplied while the one after it is fetched; the first only comes. */
    int side = 0;
    for (int k = first - SLICE(tile); k < end; k += SLICE(tile))
    {
        int after = k + SLICE(tile);
        float4 next_a = fetch(a, type, first_m + a_row, after + a_k, end);
        float4 next_b = is_window ? fetch_window(w, type, &at, after + b_k, w_end) : fetch(b, type, first_n + b_row, after + b_k, end);
        __local const float *line_a = shared + side * (2 * SLICE(tile) * PITCH(tile)) + row;
        __local const float *line_b = shared + side * (2 * SLICE(tile) * PITCH(tile)) + SLICE(tile) * PITCH(tile) + column;
        if (k >= first && after <= end)
        {
            #pragma unroll
            for (int depth = 0; depth < SLICE(tile); depth++) multiply(line_a + depth * PITCH(tile), line_b + depth * PITCH(tile), tile, sum);
        }
        else if (k >= first)
        {
            #pragma unroll 1
            for (int depth = 0; depth < end - k; depth++) multiply(line_a + depth * PITCH(tile), line_b + depth * PITCH(tile), tile, sum);
        }
        if (k >= first && (after % BLOCK == 0 || after >= end))
        {
            /* Two rows at a time, the next two brought down to them, and a barrier, over which nothing is carried: were rows told apart, their addresses
               would take registers. */
            #pragma unroll 1
            for (int part = 0; part < tile / 32; part++)
            {
                local_barrier();
                #pragma unroll
                for (int i = 0; i < 2; i++)
                    #pragma unroll
                    for (int j = 0; j < tile / 16; j += 4)
                    {
                        int m = to->first_row + row + part / 2 * 64 + part % 2 * 2 + i;
                        float4 quad = (float4)(sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]);
                        __local float *ready = shared + (row / 2 + i) * tile + j * 16 + column;
                        join_quad(to, type, m, to->first_column + j * 16 + column, k < first + BLOCK, after >= end, quad, ready);
                    }
                #pragma unroll
                for (int i = 0; i < tile / 16; i++)
                    #pragma unroll
                    for (int j = 0; j < tile / 16; j++)
                        sum[i][j] = i + 2 < tile / 16 ? sum[(i + 2) % 8][j] : 0.0f;
                if (FOLLOWED)
                {
                    /* No conditions around barriers that need none: PoCL does not take all of them. */
                    int ready = after >= end ? 32 * tile : 0;
                    /* Totals that one work-item read back are overwritten by another, with what follows. */
                    global_barrier();
                    #pragma unroll 1
                    for (int i = id; i < ready; i += 256)
                    {
                        int line = i / tile;
                        int m = to->first_row + part / 2 * 64 + part % 2 * 2 + line / 2 * 4 + line % 2;
                        int n = to->first_column + i % tile;
                        if (m < to->rows && n < to->columns) follow(then, (int)place_of(to, m, n), total_in(shared[i], type), type);
                    }
                }
            }
            if (FOLLOWED) local_barrier();
        }
        side ^= 1;
        __local float *slice = shared + side * (2 * SLICE(tile) * PITCH(tile));
        stash(slice, PITCH(tile), a_row, a_k, a->along_k, next_a);
        stash(slice + SLICE(tile) * PITCH(tile), PITCH(tile), b_row, b_k, b_along_k, next_b);
        local_barrier();
    }
}

/* The tile of a work-group: bands of eight tiles down, across each, so that work-groups that run together share rows and columns. */
INLINED void tile_of(int group, int down, int across, int *row, int *column)
{
    int band = group / (8 * across);
    int height = down - band * 8 < 8 ? down - band * 8 : 8;
    *row = band * 8 + group % (8 * across) % height;
    *column = group % (8 * across) / height;
}

/* A product by tiles, as a kernel. */
#define TILES(entry, tile, make, type) \
KERNEL(entry, 256)(PARAMETERS FOLLOWING) \
{ \
    __local float4 shared[SHARED(tile)]; \
    __local result to; \
    __local following then; \
    SET_FOLLOWING(&then) \
    make(type, tile, (__local float *)shared, &to, &then, GIVEN); \
}
