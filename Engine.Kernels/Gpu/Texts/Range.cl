/* uses: elements.h */
/* start + i * step: see docs/numerics.md, Selection. */
KERNEL(range, 256)(__global const uchar *start, long first, __global const uchar *step, long second, __global uchar *y, int type, int count)
{
    long place = (long)group_x() * 256 + local_id();
    if (place >= count) return;
    ulong a = load_element(start, type, first);
    ulong b = load_element(step, type, second);
    ulong r = a + (ulong)place * b;
    if (type == T_F64) r = in_f64(add_f64(f64_in(a), mul_f64(f64_of_int((int)place), f64_in(b))));
    if (type == T_F32 || type == T_F16 || type == T_BF16) r = in_f32(f32_in(a) + (float)(int)place * f32_in(b));
    store_element(y, type, place, stored(r, type));
}
