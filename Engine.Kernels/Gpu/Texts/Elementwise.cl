/* uses: chain.h, chain_functions.h */
/* A chain of elementwise operations on every element of a range: see chain.h. program: the steps, then the operands. chain has no functions, which take
   many registers. */
#define CHAIN(name, STEP_OF) \
KERNEL(name, 256)(__global uchar *y, int count, int steps, __global const int *program, __global const uchar *x0, __global const uchar *x1, \
    __global const uchar *x2, __global const uchar *x3, __global const uchar *x4, __global const uchar *x5) \
{ \
    long place = (long)group_x() * 256 + local_id(); \
    if (place >= count) return; \
    int index = (int)place; \
    __global const int *operands = program + steps * STEP_INTS; \
    ulong last = 0; \
    int type = 0; \
    for (int s = 0; s < steps; s++) \
    { \
        __global const int *step = program + s * STEP_INTS; \
        ulong a = source_of(step[1], operands, index, last, x0, x1, x2, x3, x4, x5); \
        ulong b = source_of(step[2], operands, index, last, x0, x1, x2, x3, x4, x5); \
        ulong c = source_of(step[3], operands, index, last, x0, x1, x2, x3, x4, x5); \
        last = STEP_OF(step, a, b, c); \
        type = step[4]; \
    } \
    store_element(y, type, index, last); \
}

CHAIN(chain, step_of)
CHAIN(chain_functions, step_or_function_of)
