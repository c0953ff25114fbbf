/* Dot of f32: rows of A times rows of B plus C. See docs/numerics.md, Dot products: blocks of 256 k, a chain of fma in each, a total of the blocks.
   Element (b, m, k) of A lies at b's place + m * am + k * ak; b's place is (b / inner) * outer stride + (b % inner) * inner stride. A work-group makes
   64 x 64 elements, a work-item 4 x 4 of them. */
#define TILE 64
#define SLICE 16

KERNEL(dot_f32, 256)(__global const float *a, __global const float *b, __global const float *c, __global float *y,
    int m_count, int n_count, int k_count, float alpha, float beta, int has_c,
    long a0, long am, long ak, long b0, long bn, long bk, long c0, long cm, long cn,
    int inner, long a_outer, long a_inner, long b_outer, long b_inner, long c_outer, long c_inner)
{
    __local float ta[SLICE][TILE + 1];
    __local float tb[SLICE][TILE + 1];
    int id = local_id();
    int batch = group_z();
    long first_m = (long)group_y() * TILE;
    long first_n = (long)group_x() * TILE;
    int row = id / 16;
    int column = id % 16;
    a += a0 + (batch / inner) * a_outer + (batch % inner) * a_inner;
    b += b0 + (batch / inner) * b_outer + (batch % inner) * b_inner;
    float total[4][4];
    float sum[4][4];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
        {
            long m = first_m + row + 16 * i;
            long n = first_n + column + 16 * j;
            float start = 0.0f;
            if (has_c && m < m_count && n < n_count)
                start = beta * c[c0 + (batch / inner) * c_outer + (batch % inner) * c_inner + m * cm + n * cn] + 0.0f;
            total[i][j] = start;
            sum[i][j] = 0.0f;
        }
    for (int k = 0; k < k_count; k += SLICE)
    {
        for (int i = id; i < TILE * SLICE; i += 256)
        {
            int line = ak == 1 ? i / SLICE : i % TILE;
            int depth = ak == 1 ? i % SLICE : i / TILE;
            ta[depth][line] = first_m + line < m_count && k + depth < k_count ? a[(first_m + line) * am + (k + depth) * ak] : 0.0f;
        }
        for (int i = id; i < TILE * SLICE; i += 256)
        {
            int line = bk == 1 ? i / SLICE : i % TILE;
            int depth = bk == 1 ? i % SLICE : i / TILE;
            tb[depth][line] = first_n + line < n_count && k + depth < k_count ? b[(first_n + line) * bn + (k + depth) * bk] : 0.0f;
        }
        local_barrier();
        int depth_end = k_count - k < SLICE ? k_count - k : SLICE;
        for (int depth = 0; depth < depth_end; depth++)
        {
            float fa[4];
            float fb[4];
            for (int i = 0; i < 4; i++) fa[i] = ta[depth][row + 16 * i];
            for (int j = 0; j < 4; j++) fb[j] = tb[depth][column + 16 * j];
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++)
                    sum[i][j] = fma_f32(fa[i], fb[j], sum[i][j]);
        }
        if ((k + SLICE) % 256 == 0 || k + SLICE >= k_count)
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++)
                {
                    total[i][j] = fma_f32(alpha, sum[i][j], total[i][j]);
                    sum[i][j] = 0.0f;
                }
        local_barrier();
    }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
        {
            long m = first_m + row + 16 * i;
            long n = first_n + column + 16 * j;
            if (m < m_count && n < n_count) y[((long)batch * m_count + m) * n_count + n] = canonical(total[i][j]);
        }
}
