/* uses: order.h */
/* The best key of each block of at most 4,096 elements, or where it is: see Engine/Ops/ArgMax.cs. Result r is of block r % blocks of row r / blocks; a row
   has terms elements, from x[offset] on, whose places are their numbers in the row, or those in `places`. */
#define LANES 32
#define WARPS 8
#define BLOCK 4096

static inline int is_better(long key, int at, long best, int best_at, int smallest, int last)
{
    if (at < 0 || best_at < 0) return best_at < 0;
    if (key == best) return last ? at > best_at : at < best_at;
    return smallest ? key < best : key > best;
}

KERNEL(arg_max, 256)(__global const uchar *x, int type, long offset, __global const long *places, __global long *y, int count, int terms, int blocks,
    int smallest, int last, int is_key)
{
    __local long keys[256];
    __local int found[256];
    int id = local_id();
    long wanted = (long)group_x() * WARPS + id / LANES;
    int result = wanted < count ? (int)wanted : count - 1;
    long row = (long)(result / blocks) * terms;
    int first = result % blocks * BLOCK;
    int end = terms - first < BLOCK ? terms : first + BLOCK;
    long best = 0;
    int at = -1;
    for (int i = first + id % LANES; i < end; i += LANES)
    {
        long key = key_of(load_element(x, type, offset + row + i), type);
        if (is_better(key, i, best, at, smallest, last))
        {
            best = key;
            at = i;
        }
    }
    keys[id] = best;
    found[id] = at;
    local_barrier();
    if (wanted >= count || id % LANES != 0) return;
    for (int i = id + 1; i < id + LANES; i++)
        if (is_better(keys[i], found[i], best, at, smallest, last))
        {
            best = keys[i];
            at = found[i];
        }
    y[result] = is_key ? best : at >= 0 && places ? places[row + at] : at;
}
