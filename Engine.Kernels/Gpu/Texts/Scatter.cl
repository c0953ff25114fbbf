/* uses: order.h */
/* Y, which begins as X [outer, rows, row], changed by updates [outer, m, row] of the rows that indices [outer, m] name: a work-item has one column of
   all rows, and takes the updates in their order. */
#define SCATTER_SET 0
#define SCATTER_ADD 1
#define SCATTER_MUL 2
#define SCATTER_MAX 3

static inline ulong scattered(int kind, ulong a, ulong b, int type)
{
    if (kind == SCATTER_SET) return b;
    if (type == T_F64)
    {
        f64 p = f64_in(a);
        f64 q = f64_in(b);
        return in_f64(kind == SCATTER_ADD ? add_f64(p, q) : kind == SCATTER_MUL ? mul_f64(p, q) : kind == SCATTER_MAX ? max_f64(p, q) : min_f64(p, q));
    }
    if (type == T_F32 || type == T_F16 || type == T_BF16)
    {
        float p = f32_in(a);
        float q = f32_in(b);
        return in_f32(kind == SCATTER_ADD ? p + q : kind == SCATTER_MUL ? p * q : kind == SCATTER_MAX ? max_f32(p, q) : min_f32(p, q));
    }
    if (kind == SCATTER_ADD) return a + b;
    if (kind == SCATTER_MUL) return a * b;
    return less_int(a, b, type) == (kind == SCATTER_MAX) ? b : a;
}

KERNEL(scatter, 256)(__global uchar *y, int type, __global const uchar *indices, int index_type, long first, __global const uchar *updates, long offset,
    int kind, int columns, int row, int rows, int m)
{
    long place = (long)group_x() * 256 + local_id();
    if (place >= columns) return;
    long outer = place / row;
    long column = place % row;
    for (int j = 0; j < m; j++)
    {
        long index = (long)load_element(indices, index_type, first + outer * m + j);
        if (index < 0) index += rows;
        if (index < 0 || index >= rows) continue;
        long at = (outer * rows + index) * row + column;
        ulong update = load_element(updates, type, offset + (outer * m + j) * row + column);
        store_element(y, type, at, stored(scattered(kind, load_element(y, type, at), update, type), type));
    }
}
