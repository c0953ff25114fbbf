/* uses: product.h */
/* Dot: rows of A times rows of B plus C. Matrix number b of an operand begins at its origin + (b / inner) * outer step + (b % inner) * inner step.
   large, small: tiles of product.h (128 x 128 in 16,896 bytes of shared memory, 64 x 64 in 17,408), the block of k of group_y alone where it is split.
   skinny: at most eight rows; a work-item makes one column of them over one block of k, so that B streams through 128 work-items (slices of 16 k twice,
   and the rows of A: 25,088 bytes). fold: the totals of sums that split and skinny left. plain: f64 and integers, 16 x 16, one element each. */

#define MATRICES long a0, long am, long ak, long b0, long bn, long bk, long c0, long cm, long cn, \
    int inner, long a_outer, long a_inner, long b_outer, long b_inner, long c_outer, long c_inner
#define MATRIX(origin, name) (origin + (batch / inner) * name##_outer + (batch % inner) * name##_inner)

/* layout: 1 A is fetched along k, 2 as float4, 4 B along k, 8 as float4, 16 split, 32 skinny: y is turned, its rows are columns of
   Y, 64 C is fetched as float4. */
#define PARAMETERS __global const void *a, __global const void *b, __global const void *c, __global void *y, __global float *totals, \
    int m_count, int n_count, int k_count, float alpha, float beta, int has_c, int first_batch, int batches, int layout, MATRICES

#define GIVEN a, b, c, y, totals, m_count, n_count, k_count, alpha, beta, has_c, first_batch, batches, layout, \
    a0, am, ak, b0, bn, bk, c0, cm, cn, inner, a_outer, a_inner, b_outer, b_inner, c_outer, c_inner

INLINED void dot(int type, int tile, __local float *shared, __local result *to, __local const following *then, PARAMETERS)
{
    int batch = first_batch + group_z();
    int first = layout & 16 ? group_y() * BLOCK : 0;
    int end = layout & 16 && k_count - first > BLOCK ? first + BLOCK : k_count;
    matrix rows_a = { a, MATRIX(a0, a), am, ak, m_count, layout & 1, layout & 2 };
    matrix rows_b = { b, MATRIX(b0, b), bn, bk, n_count, layout & 4, layout & 8 };
    int row;
    int column;
    tile_of(group_x(), (m_count + tile - 1) / tile, (n_count + tile - 1) / tile, &row, &column);
    long area = (long)m_count * n_count;
    result all = { y, totals + (layout & 16 ? group_y() * batches * area : 0), c, batch * area, n_count, 0, MATRIX(c0, c), cm, cn,
        m_count, n_count, n_count, row * tile, column * tile, has_c, layout & 64, layout & 16, alpha, beta };
    if (local_id() == 0) *to = all;
    windows none;
    product(type, tile, 0, shared, &rows_a, &rows_b, &none, to, then, row * tile, column * tile, first, end);
}

#define ROWS 8
#define COLUMNS 128
#define SKINNY_SLICE 16
#define SKINNY_PITCH (COLUMNS + 4)

/* One k: all rows times one column. */
INLINED void multiply_rows(__local const float *values, float value, float sum[ROWS])
{
    float4 low = *(__local const float4 *)values;
    float4 high = *(__local const float4 *)(values + 4);
    sum[0] = fma_f32(low.x, value, sum[0]);
    sum[1] = fma_f32(low.y, value, sum[1]);
    sum[2] = fma_f32(low.z, value, sum[2]);
    sum[3] = fma_f32(low.w, value, sum[3]);
    sum[4] = fma_f32(high.x, value, sum[4]);
    sum[5] = fma_f32(high.y, value, sum[5]);
    sum[6] = fma_f32(high.z, value, sum[6]);
    sum[7] = fma_f32(high.w, value, sum[7]);
}

INLINED void skinny(int type, __local float *row_values, __local float *shared, __local result *to, __local const following *then, PARAMETERS)
{
    int id = local_id();
    int batch = first_batch + group_z();
    int first = group_y() * BLOCK;
    int count = k_count - first < BLOCK ? k_count - first : BLOCK;
    int first_n = group_x() * COLUMNS;
    int n = first_n + id;
    matrix rows_b = { b, MATRIX(b0, b) + first * bk, bn, bk, n_count, layout & 4, layout & 8 };
    int turned = layout & 32;
    long area = (long)m_count * n_count;
    result all = { y, totals + group_y() * batches * area, c, batch * area, turned ? 1 : n_count, turned ? m_count : 0, MATRIX(c0, c), cm, cn,
        m_count, n_count, turned ? 1 : n_count, 0, 0, has_c, 0, layout & 16, alpha, beta };
    if (id == 0) *to = all;
    int along_k = layout & 4;
    long place = MATRIX(a0, a) + first * ak;
    for (int i = id; i < ROWS * BLOCK; i += COLUMNS)
    {
        int m = i / BLOCK;
        int k = i % BLOCK;
        row_values[k * ROWS + m] = m < m_count && k < count ? load_single(a, type, place + m * am + k * ak) : 0.0f;
    }
    float sum[ROWS];
    #pragma unroll
    for (int m = 0; m < ROWS; m++) sum[m] = 0.0f;
    int side = 0;
    for (int k = -SKINNY_SLICE; k < count; k += SKINNY_SLICE)
    {
        float4 next[4];
        int after = k + SKINNY_SLICE;
        #pragma unroll
        for (int i = 0; i < 4; i++)
        {
            int part = id + COLUMNS * i;
            next[i] = fetch(&rows_b, type, first_n + (along_k ? part / 4 : part % 32 * 4), after + (along_k ? part % 4 * 4 : part / 32), count);
        }
        __local const float *line = shared + side * (SKINNY_SLICE * SKINNY_PITCH) + id;
        __local const float *values = row_values + k * ROWS;
        if (k >= 0 && after <= count)
        {
            #pragma unroll
            for (int depth = 0; depth < SKINNY_SLICE; depth++) multiply_rows(values + depth * ROWS, line[depth * SKINNY_PITCH], sum);
        }
        else if (k >= 0)
        {
            #pragma unroll 1
            for (int depth = 0; depth < count - k; depth++) multiply_rows(values + depth * ROWS, line[depth * SKINNY_PITCH], sum);
        }
        side ^= 1;
        #pragma unroll
        for (int i = 0; i < 4; i++)
        {
            int part = id + COLUMNS * i;
            __local float *slice = shared + side * (SKINNY_SLICE * SKINNY_PITCH);
            stash(slice, SKINNY_PITCH, along_k ? part / 4 : part % 32 * 4, along_k ? part % 4 * 4 : part / 32, along_k, next[i]);
        }
        local_barrier();
    }
    if (n >= n_count) return;
    if (FOLLOWED)
    {
        /* The slices are not needed any more; each work-item has a column of them. */
        #pragma unroll
        for (int m = 0; m < ROWS; m++) shared[m * COLUMNS + id] = sum[m];
        #pragma unroll 1
        for (int m = 0; m < m_count; m++)
        {
            float total = fma_f32(to->alpha, shared[m * COLUMNS + id], start_of(to, type, m, n));
            follow(then, (int)place_of(to, m, n), total_in(total, type), type);
        }
        return;
    }
    #pragma unroll
    for (int m = 0; m < ROWS; m++)
        if (m < m_count) join(to, type, m, n, 1, 1, sum[m], 0);
}

#define FOLD __global const float *sums, __global const void *c, __global void *y, int count, int blocks, int m_count, int n_count, \
    float alpha, float beta, int has_c, long c0, long cm, long cn, int inner, long c_outer, long c_inner

#define FOLD_GIVEN sums, c, y, count, blocks, m_count, n_count, alpha, beta, has_c, c0, cm, cn, inner, c_outer, c_inner

INLINED void fold(int type, __local const following *then, FOLD)
{
    long place = (long)group_x() * 256 + local_id();
    if (place >= count) return;
    int index = (int)place;
    int n = index % n_count;
    int m = index / n_count % m_count;
    int batch = index / n_count / m_count;
    float total = has_c ? beta * load_single(c, type, MATRIX(c0, c) + m * cm + n * cn) + 0.0f : 0.0f;
    for (int block = 0; block < blocks; block++) total = fma_f32(alpha, sums[(long)block * count + index], total);
    if (FOLLOWED) follow(then, index, total_in(total, type), type);
    else store_single(y, type, index, total);
}

#define DOTS(name, type) \
TILES(large_##name, 128, dot, type) \
TILES(small_##name, 64, dot, type) \
KERNEL(skinny_##name, 128)(PARAMETERS FOLLOWING) \
{ \
    __local float4 row_values[ROWS * BLOCK / 4]; \
    __local float4 shared[2 * SKINNY_SLICE * SKINNY_PITCH / 4]; \
    __local result to; \
    __local following then; \
    SET_FOLLOWING(&then) \
    skinny(type, (__local float *)row_values, (__local float *)shared, &to, &then, GIVEN); \
} \
KERNEL(fold_##name, 256)(FOLD FOLLOWING) \
{ \
    __local following then; \
    SET_FOLLOWING(&then) \
    FOLLOWING_IS_SET \
    fold(type, &then, FOLD_GIVEN); \
}

DOTS(f32, T_F32)
DOTS(f16, T_F16)
DOTS(bf16, T_BF16)

