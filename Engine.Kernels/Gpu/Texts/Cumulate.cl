/* uses: elements.h */
/* Running sums or products of X [n, columns] along its first axis: a work-item has a column. */
#define CUMULATE(name, T, value_in, in_value) \
KERNEL(name, 256)(__global const uchar *x, int type, long offset, __global uchar *y, int columns, int n, int product) \
{ \
    long column = (long)group_x() * 256 + local_id(); \
    if (column >= columns) return; \
    T total = (T)0; \
    for (int i = 0; i < n; i++) \
    { \
        long at = (long)i * columns + column; \
        T value = value_in(load_element(x, type, offset + at)); \
        total = i == 0 ? value : product ? total * value : total + value; \
        store_element(y, type, at, stored(in_value(total), type)); \
    } \
}

CUMULATE(cumulate_f32, float, f32_in, in_f32)
CUMULATE(cumulate_f64, double, f64_in, in_f64)
CUMULATE(cumulate_int, ulong, (ulong), (ulong))
