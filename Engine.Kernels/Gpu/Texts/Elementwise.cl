/* uses: chain.h, chain_functions.h */
/* A chain of elementwise operations on every element of a range: see chain.h. chain has no functions, which take many registers. */
#define PLAIN_STEP(step, a, b, c) step_of(step, a, b, c, 1)

#define CHAIN(name, STEP_OF) \
KERNEL(name, 256)(int count, CHAINED) \
{ \
    __local chained all; \
    long place = (long)group_x() * 256 + local_id(); \
    SET_CHAINED(&all) \
    local_barrier(); \
    if (place >= count) return; \
    int index = (int)place; \
    RUN_CHAINED(&all, index, 0, 0, STEP_OF) \
}

CHAIN(chain, PLAIN_STEP)
CHAIN(chain_functions, step_or_function_of)
