/* Elements of a strided view in row-major order, whatever their type: TYPE is an unsigned integer of their size. */
#define COPY(name, TYPE) \
KERNEL(name, 256)(__global const TYPE *from, long offset, __global TYPE *to, long first, int count, \
    int n7, int n6, int n5, int n4, int n3, int n2, int n1, long s7, long s6, long s5, long s4, long s3, long s2, long s1, long s0) \
{ \
    long index = (long)group_x() * 256 + local_id(); \
    if (index >= count) return; \
    int rest = (int)index; \
    long at = offset; \
    at += (rest % n1) * s0; rest /= n1; \
    at += (rest % n2) * s1; rest /= n2; \
    at += (rest % n3) * s2; rest /= n3; \
    at += (rest % n4) * s3; rest /= n4; \
    at += (rest % n5) * s4; rest /= n5; \
    at += (rest % n6) * s5; rest /= n6; \
    at += (rest % n7) * s6; rest /= n7; \
    at += rest * s7; \
    to[first + index] = from[at]; \
}

COPY(copy8, uchar)
COPY(copy16, ushort)
COPY(copy32, uint)
COPY(copy64, ulong)

/* Runs of width elements to places that are step apart. */
#define PLACE(name, TYPE) \
KERNEL(name, 256)(__global const TYPE *from, long offset, __global TYPE *to, long first, int count, int width, long step) \
{ \
    long index = (long)group_x() * 256 + local_id(); \
    if (index >= count) return; \
    int i = (int)index; \
    to[first + (i / width) * step + i % width] = from[offset + i]; \
}

PLACE(place8, uchar)
PLACE(place16, ushort)
PLACE(place32, uint)
PLACE(place64, ulong)
