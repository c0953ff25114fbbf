/* Rows of codes A times rows of codes B. Element (b, m, k) of A lies at b's place + m * am + k * ak; b's place is
   a0 + (b / inner) * a_outer + (b % inner) * a_inner; B likewise. */
#define ROWS_OF_CODES long a0, long am, long ak, long b0, long bn, long bk, int inner, long a_outer, long a_inner, long b_outer, long b_inner

KERNEL(dot_codes, 256)(__global const uchar *a, __global const uchar *b, OUTPUT, ROWS_OF_CODES FOLLOWING)
{
    __local following all;
    __local const following *then = &all;
    SET_FOLLOWING(&all)
    __local uint ta[TILE * PITCH];
    __local uint tb[TILE * PITCH];
    __local uint sums[2 * TILE];
    EXCHANGE
    int id = local_id();
    int batch = group_z();
    long first_m = (long)group_y() * TILE;
    long first_n = (long)group_x() * TILE;
    a0 += (batch / inner) * a_outer + (batch % inner) * a_inner;
    b0 += (batch / inner) * b_outer + (batch % inner) * b_inner;
    uint totals[COUNT];
    UNROLL for (int e = 0; e < COUNT; e++) totals[e] = 0;
    uint sum = 0;
    for (int k = 0; k < k_count; k += SLICE)
    {
        for (int i = id; i < TILE * WORDS; i += 256)
        {
            int line = ak == 1 ? i / WORDS : i % TILE;
            int word = ak == 1 ? i % WORDS : i / TILE;
            ta[line * PITCH + word] = first_m + line < m_count
                ? load_codes(a, a0 + (first_m + line) * am + (k + 4 * word) * ak, ak, k_count - k - 4 * word, flip_a) : 0;
        }
        for (int i = id; i < TILE * WORDS; i += 256)
        {
            int line = bk == 1 ? i / WORDS : i % TILE;
            int word = bk == 1 ? i % WORDS : i / TILE;
            tb[line * PITCH + word] = first_n + line < n_count
                ? load_codes(b, b0 + (first_n + line) * bn + (k + 4 * word) * bk, bk, k_count - k - 4 * word, flip_b) : 0;
        }
        local_barrier();
        MULTIPLY;
        ADD_SUMS(sum)
        local_barrier();
    }
    if (id < 2 * TILE) sums[id] = sum;
    local_barrier();
    STORE_TILE(batch, first_m, first_n)
}
