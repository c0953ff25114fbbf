/* uses: dot.h */
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
