/* uses: elements.h */
/* Elements of X that indices name, whatever their type; with nothing to choose from 0. */

/* Brought into range: what is negative counts from the end, what is still outside goes to the nearest end. */
static inline long index_of(__global const uchar *indices, int type, long at, int extent)
{
    long index = (long)load_element(indices, type, at);
    if (index < 0) index += extent;
    return index < 0 ? 0 : index >= extent ? extent - 1 : index;
}

/* Slices of X [before, extent, after] along its middle axis. */
#define GATHER(name, TYPE) \
KERNEL(name, 256)(__global const TYPE *x, long offset, __global const uchar *indices, int type, long first, __global TYPE *y, int count, \
    int chosen, int extent, int after) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int slice = (int)place / after; \
    long index = index_of(indices, type, first + slice % chosen, extent); \
    y[place] = extent == 0 ? (TYPE)0 : x[offset + ((long)(slice / chosen) * extent + index) * after + (int)place % after]; \
}

GATHER(gather8, uchar)
GATHER(gather16, ushort)
GATHER(gather32, uint)
GATHER(gather64, ulong)

/* Elements of X along one axis, at the index's place along the others. axes: extent of Y and step in X of each, last one first; that of the chosen
   axis is 0. step: that of the chosen axis. */
#define GATHER_ELEMENTS(name, TYPE) \
KERNEL(name, 256)(__global const TYPE *x, long offset, __global const uchar *indices, int type, long first, __global TYPE *y, int count, \
    __global const int *axes, int rank, int extent, int step) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int rest = (int)place; \
    long at = offset; \
    for (int axis = 0; axis < rank; axis++) \
    { \
        at += (long)(rest % axes[2 * axis]) * axes[2 * axis + 1]; \
        rest /= axes[2 * axis]; \
    } \
    y[place] = extent == 0 ? (TYPE)0 : x[at + index_of(indices, type, first + place, extent) * step]; \
}

GATHER_ELEMENTS(gather_elements8, uchar)
GATHER_ELEMENTS(gather_elements16, ushort)
GATHER_ELEMENTS(gather_elements32, uint)
GATHER_ELEMENTS(gather_elements64, ulong)
