/* As dot_codes, for few rows of A, ROWS of them a work-group: B is read once, in the order in which it lies. The work-items of a column share its words. */
#define ROWS 4

KERNEL(dot_codes_thin, 256)(__global const uchar *a, __global const uchar *b, OUTPUT, ROWS_OF_CODES FOLLOWING)
{
    __local following all;
    __local const following *then = &all;
    SET_FOLLOWING(&all)
    __local uint parts[256 * ROWS];
    int id = local_id();
    int batch = group_z();
    int first_m = group_y() * ROWS;
    int columns = bk == 1 ? 8 : 32;
    int sharers = 256 / columns;
    int column = bk == 1 ? id / sharers : id % columns;
    int share = bk == 1 ? id % sharers : id / columns;
    long n = (long)group_x() * columns + column;
    a0 += (batch / inner) * a_outer + (batch % inner) * a_inner + first_m * am;
    b0 += (batch / inner) * b_outer + (batch % inner) * b_inner + n * bn;
    uint totals[ROWS];
    uint sums[ROWS];
    uint sum = 0;
    UNROLL for (int i = 0; i < ROWS; i++) totals[i] = sums[i] = 0;
    for (long k = 4 * share; n < n_count && k < k_count; k += 4 * sharers)
    {
        int left = k_count - (int)k;
        uint codes = load_codes(b, b0 + k * bk, bk, left, flip_b);
        sum = dot4(codes, ONES, sum);
        UNROLL for (int i = 0; i < ROWS; i++)
        {
            if (first_m + i >= m_count) continue;
            uint row = load_codes(a, a0 + i * am + k * ak, ak, left, flip_a);
            totals[i] = dot4(row, codes, totals[i]);
            sums[i] = dot4(row, ONES, sums[i]);
        }
    }
    UNROLL for (int i = 0; i < ROWS; i++)
    {
        if (n >= n_count || first_m + i >= m_count) continue;
        uint zero_a = ZERO_A(batch, first_m + i);
        uint zero_b = ZERO_B(batch, n);
        parts[i * 256 + column * sharers + share] = totals[i] - zero_b * sums[i] - zero_a * sum + (share == 0 ? (uint)k_count * zero_a * zero_b : 0);
    }
    local_barrier();
    if (id >= ROWS * columns) return;
    int m = first_m + id / columns;
    n = (long)group_x() * columns + id % columns;
    if (n >= n_count || m >= m_count) return;
    uint total = 0;
    for (int i = 0; i < sharers; i++) total += parts[id / columns * 256 + id % columns * sharers + i];
    STORE_TOTAL(batch, m, n, total);
}
