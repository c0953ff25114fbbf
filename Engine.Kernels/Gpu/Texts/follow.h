/* uses: chain.h, functions.h */
/* What follows a product: a chain of elementwise operations on each of its elements, before it is stored. Of functions there are those that models use most
   behind products, of f64 casts alone: every kernel of products has a copy of this. */
#define FOLLOWED 1

typedef chained following;

/* More arguments of a kernel. What SET_FOLLOWING puts into __local memory, every work-item sees behind the next barrier. */
#define FOLLOWING , CHAINED
#define SET_FOLLOWING(then) SET_CHAINED(then)
#define FOLLOWING_IS_SET local_barrier();

#define FOLLOW_EXP 32
#define FOLLOW_TANH 34
#define FOLLOW_ERF 35
#define FOLLOW_SIGMOID 36
#define FOLLOW_GELU 38
#define FOLLOW_GELU_TANH 39

INLINED float follow_function(int op, float x)
{
    if (op == FOLLOW_EXP || op == FOLLOW_SIGMOID)
    {
        float e = f_exp(op == FOLLOW_EXP ? x : float_of(bits_of(x) | 0x80000000u));
        return op == FOLLOW_EXP ? e : (x >= 0.0f ? 1.0f : e) / (1.0f + e);
    }
    if (op == FOLLOW_TANH || op == FOLLOW_GELU_TANH)
    {
        float t = f_tanh(op == FOLLOW_TANH ? x : float_of(0x3f4c422au) * (x + 0.044715f * (x * x * x)));
        return op == FOLLOW_TANH ? t : 0.5f * x * (1.0f + t);
    }
    return op == FOLLOW_ERF ? f_erf(x) : f_gelu(x);
}

INLINED ulong follow_step(__global const int *step, ulong a, ulong b, ulong c)
{
    if (step[0] < FOLLOW_EXP || step[0] > FOLLOW_GELU_TANH) return step_of(step, a, b, c, 0);
    return in_f32(follow_function(step[0], f32_in(a)));
}

/* The element at index is value, of a type: so as that type stores it. */
INLINED void follow(__local const following *then, int index, ulong value, int type)
{
    RUN_CHAINED(then, index, value, type, follow_step)
}
