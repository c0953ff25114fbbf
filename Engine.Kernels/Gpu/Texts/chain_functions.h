/* uses: chain.h, functions.h, functions64.h */
/* The steps that are functions, in f32 of one element; the two constants are alpha and gamma, or an exponent. */
#define STEP_EXP 32
#define STEP_LOG 33
#define STEP_TANH 34
#define STEP_ERF 35
#define STEP_SIGMOID 36
#define STEP_SOFTPLUS 37
#define STEP_GELU 38
#define STEP_GELU_TANH 39
#define STEP_ELU 40
#define STEP_SELU 41
#define STEP_SIN 42
#define STEP_COS 43
#define STEP_TAN 44
#define STEP_ASIN 45
#define STEP_ACOS 46
#define STEP_ATAN 47
#define STEP_SINH 48
#define STEP_COSH 49
#define STEP_ASINH 50
#define STEP_ACOSH 51
#define STEP_ATANH 52
#define STEP_POW 53

INLINED float function_of(int op, float x, float p, float q)
{
    switch (op)
    {
        case STEP_EXP: return f_exp(x);
        case STEP_LOG: return f_log(x);
        case STEP_TANH: return f_tanh(x);
        case STEP_ERF: return f_erf(x);
        case STEP_SIGMOID: return f_sigmoid(x);
        case STEP_SOFTPLUS: return f_softplus(x);
        case STEP_GELU: return f_gelu(x);
        case STEP_GELU_TANH: return f_gelu_tanh(x);
        case STEP_ELU: return f_elu(x, p);
        case STEP_SELU: return f_selu(x, p, q);
        case STEP_SIN: return f_sin(x);
        case STEP_COS: return f_cos(x);
        case STEP_TAN: return f_tan(x);
        case STEP_ASIN: return f_asin(x);
        case STEP_ACOS: return f_acos(x);
        case STEP_ATAN: return f_atan(x);
        case STEP_SINH: return f_sinh(x);
        case STEP_COSH: return f_cosh(x);
        case STEP_ASINH: return f_asinh(x);
        case STEP_ACOSH: return f_acosh(x);
        case STEP_ATANH: return f_atanh(x);
        default: return f_pow_few(x, p);
    }
}

/* The same of a function, or any other. */
INLINED ulong step_or_function_of(__global const int *step, ulong a, ulong b, ulong c)
{
    if (step[0] < STEP_EXP || step[0] > STEP_POW) return step_of(step, a, b, c, 1);
    return in_f32(function_of(step[0], f32_in(a), float_of((uint)step[6]), float_of((uint)step[7])));
}
