/* uses: elements.h */
/* Running sums or products of X [n, columns] along its first axis: a work-item has a column. */
#define ZERO_int 0ul
#define add_int(a, b) ((a) + (b))
#define mul_int(a, b) ((a) * (b))

#define CUMULATE(name, T, t, value_in, in_value) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global uchar *y, int columns, int n, int product) \
{ \
    long column = (long)group_x() * 256 + local_id(); \
    if (column >= columns) return; \
    T total = ZERO_##t; \
    for (int i = 0; i < n; i++) \
    { \
        long at = (long)i * columns + column; \
        T value = value_in(load_element(x, type, offset + at)); \
        total = i == 0 ? value : product ? mul_##t(total, value) : add_##t(total, value); \
        store_element(y, type, at, stored(in_value(total), type)); \
    } \
}

CUMULATE(cumulate_f32, float, f32, f32_in, in_f32)
CUMULATE(cumulate_f64, f64, f64, f64_in, in_f64)
CUMULATE(cumulate_int, ulong, int, (ulong), (ulong))
