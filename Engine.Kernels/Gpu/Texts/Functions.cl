/* uses: functions.h, functions64.h */
/* y = f(x), element by element, for each function of one variable that has a kernel text. */
#define MAP(name) \
KERNEL(map_##name, 256)(__global const float *x, __global float *y, int count) \
{ \
    long i = (long)group_x() * 256 + local_id(); \
    if (i < count) y[i] = canonical(f_##name(x[i])); \
}

MAP(exp)
MAP(expm1)
MAP(tanh)
MAP(log)
MAP(log1p)
MAP(erf)
MAP(erfc)
MAP(sigmoid)
MAP(softplus)
MAP(gelu)
MAP(gelu_tanh)
MAP(sinh)
MAP(cosh)
MAP(asinh)
MAP(acosh)
MAP(atanh)
MAP(atan)
MAP(asin)
MAP(acos)
MAP(sin)
MAP(cos)
MAP(tan)
MAP(cube)
MAP(inverse_root)
