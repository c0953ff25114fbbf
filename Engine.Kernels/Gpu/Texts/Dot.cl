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

INLINED void dot(int type, int tile, __local float *shared, __local result *to, PARAMETERS)
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
    product(type, tile, 0, shared, &rows_a, &rows_b, &none, to, row * tile, column * tile, first, end);
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

INLINED void skinny(int type, __local float *row_values, __local float *shared, __local result *to, PARAMETERS)
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
    #pragma unroll
    for (int m = 0; m < ROWS; m++)
        if (m < m_count) join(to, type, m, n, 1, 1, sum[m]);
}

INLINED void fold(int type, __global const float *sums, __global const void *c, __global void *y, int count, int blocks, int m_count, int n_count,
    float alpha, float beta, int has_c, long c0, long cm, long cn, int inner, long c_outer, long c_inner)
{
    long place = (long)group_x() * 256 + local_id();
    if (place >= count) return;
    int index = (int)place;
    int n = index % n_count;
    int m = index / n_count % m_count;
    int batch = index / n_count / m_count;
    float total = has_c ? beta * load_single(c, type, MATRIX(c0, c) + m * cm + n * cn) + 0.0f : 0.0f;
    for (int block = 0; block < blocks; block++) total = fma_f32(alpha, sums[(long)block * count + index], total);
    store_single(y, type, index, total);
}

#define DOTS(name, type) \
KERNEL(large_##name, 256)(PARAMETERS) \
{ \
    __local float4 shared[SHARED(128)]; \
    __local result to; \
    dot(type, 128, (__local float *)shared, &to, GIVEN); \
} \
KERNEL(small_##name, 256)(PARAMETERS) \
{ \
    __local float4 shared[SHARED(64)]; \
    __local result to; \
    dot(type, 64, (__local float *)shared, &to, GIVEN); \
} \
KERNEL(skinny_##name, 128)(PARAMETERS) \
{ \
    __local float4 row_values[ROWS * BLOCK / 4]; \
    __local float4 shared[2 * SKINNY_SLICE * SKINNY_PITCH / 4]; \
    __local result to; \
    skinny(type, (__local float *)row_values, (__local float *)shared, &to, GIVEN); \
} \
KERNEL(fold_##name, 256)(__global const float *sums, __global const void *c, __global void *y, int count, int blocks, int m_count, int n_count, \
    float alpha, float beta, int has_c, long c0, long cm, long cn, int inner, long c_outer, long c_inner) \
{ \
    fold(type, sums, c, y, count, blocks, m_count, n_count, alpha, beta, has_c, c0, cm, cn, inner, c_outer, c_inner); \
}

DOTS(f32, T_F32)
DOTS(f16, T_F16)
DOTS(bf16, T_BF16)

/* SUM is the type of the sums, unsigned for integers: low bits do not depend on signs. */
#define PLAIN(name, TYPE, SUM, ZERO, STARTS, MORE, JOIN, STORED) \
KERNEL(name, 256)(__global const TYPE *a, __global const TYPE *b, __global const TYPE *c, __global TYPE *y, \
    int m_count, int n_count, int k_count, float alpha, float beta, int has_c, int first_batch, MATRICES) \
{ \
    __local SUM slice_a[16][17]; \
    __local SUM slice_b[16][17]; \
    int batch = first_batch + group_z(); \
    int row; \
    int column; \
    tile_of(group_x(), (m_count + 15) / 16, (n_count + 15) / 16, &row, &column); \
    int up = local_id() / 16; \
    int along = local_id() % 16; \
    long m = row * 16 + up; \
    long n = column * 16 + along; \
    long from_b = column * 16 + up; \
    SUM total = ZERO; \
    SUM sum = ZERO; \
    if (has_c && m < m_count && n < n_count) \
    { \
        SUM addend = c[MATRIX(c0, c) + m * cm + n * cn]; \
        total = STARTS; \
    } \
    for (int k = 0; k < k_count; k += 16) \
    { \
        slice_a[up][along] = m < m_count && k + along < k_count ? a[MATRIX(a0, a) + m * am + (k + along) * ak] : ZERO; \
        slice_b[up][along] = from_b < n_count && k + along < k_count ? b[MATRIX(b0, b) + from_b * bn + (k + along) * bk] : ZERO; \
        local_barrier(); \
        int depths = k_count - k < 16 ? k_count - k : 16; \
        for (int depth = 0; depth < depths; depth++) \
        { \
            SUM value_a = slice_a[up][depth]; \
            SUM value_b = slice_b[along][depth]; \
            sum = MORE; \
        } \
        if ((k + 16) % BLOCK == 0 || k + 16 >= k_count) \
        { \
            total = JOIN; \
            sum = ZERO; \
        } \
        local_barrier(); \
    } \
    if (m < m_count && n < n_count) y[((long)batch * m_count + m) * n_count + n] = STORED; \
}

PLAIN(plain_f64, f64, f64, ZERO_f64, add_f64(mul_f64(f64_of_f32(beta), addend), ZERO_f64), fma_f64(value_a, value_b, sum),
    fma_f64(f64_of_f32(alpha), sum, total), canonical_f64(total))
PLAIN(plain8, uchar, uint, 0, addend, sum + value_a * value_b, total + sum, (uchar)total)
PLAIN(plain16, ushort, uint, 0, addend, sum + value_a * value_b, total + sum, (ushort)total)
PLAIN(plain32, uint, uint, 0, addend, sum + value_a * value_b, total + sum, total)
PLAIN(plain64, ulong, ulong, 0, addend, sum + value_a * value_b, total + sum, total)
