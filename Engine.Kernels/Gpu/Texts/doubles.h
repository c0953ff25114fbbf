/* uses: soft_doubles.h */
/* f64 by names: operators where the device has f64, functions of soft_doubles.h where it has none, which a line before the text says. A constant is written
   as its value and its bits: where there is no f64, a compiler cannot read the one. The same names for f32, for texts that are written for both. */
#ifndef NO_F64

typedef double f64;

#ifdef __NVPTX__

#define fma_f64(a, b, c) __builtin_fma(a, b, c)
#define sqrt_f64(a) __nvvm_sqrt_rn_d(a)
#define rint_f64(a) __builtin_rint(a)
#define floor_f64(a) __builtin_floor(a)
#define ceil_f64(a) __builtin_ceil(a)
#define bits_of_f64(a) __builtin_astype(a, ulong)
#define double_of(a) __builtin_astype(a, double)

#else

#pragma OPENCL EXTENSION cl_khr_fp64 : enable

#define fma_f64(a, b, c) fma((double)(a), (double)(b), (double)(c))
#define sqrt_f64(a) sqrt((double)(a))
#define rint_f64(a) rint((double)(a))
#define floor_f64(a) floor((double)(a))
#define ceil_f64(a) ceil((double)(a))
#define bits_of_f64(a) as_ulong((double)(a))
#define double_of(a) as_double((ulong)(a))

#endif

#define F64(value, bits) (value)
#define add_f64(a, b) ((a) + (b))
#define sub_f64(a, b) ((a) - (b))
#define mul_f64(a, b) ((a) * (b))
#define div_f64(a, b) ((a) / (b))
#define neg_f64(a) (-(a))
#define lt_f64(a, b) ((a) < (b))
#define le_f64(a, b) ((a) <= (b))
#define gt_f64(a, b) ((a) > (b))
#define ge_f64(a, b) ((a) >= (b))
#define eq_f64(a, b) ((a) == (b))
#define f64_of_f32(a) ((double)(a))
#define f64_of_int(a) ((double)(int)(a))
#define f64_of_long(a) ((double)(long)(a))
#define f64_of_ulong(a) ((double)(ulong)(a))
#define f32_of_f64(a) ((float)(a))
#define long_of_f64(a) ((long)(a))
#define ulong_of_f64(a) ((ulong)(a))

#endif

#define ZERO_f64 F64(0.0, 0x0000000000000000ul)
#define HALF_f64 F64(0.5, 0x3fe0000000000000ul)
#define ONE_f64 F64(1.0, 0x3ff0000000000000ul)
#define TWO_f64 F64(2.0, 0x4000000000000000ul)
#define INFINITE_f64 double_of(0x7ff0000000000000ul)
#define NAN_f64 double_of(0x7ff8000000000000ul)
#define SIGN_f64 0x8000000000000000ul

#define ZERO_f32 0.0f
#define ONE_f32 1.0f
#define INFINITE_f32 float_of(0x7f800000u)
#define add_f32(a, b) ((a) + (b))
#define sub_f32(a, b) ((a) - (b))
#define mul_f32(a, b) ((a) * (b))
#define div_f32(a, b) ((a) / (b))
#define neg_f32(a) (-(a))
#define eq_f32(a, b) ((a) == (b))
#define f32_of_int(a) ((float)(int)(a))
#define f32_of_long(a) ((float)(long)(a))

/* What is stored: the one NaN. */
static inline f64 canonical_f64(f64 x)
{
    return eq_f64(x, x) ? x : NAN_f64;
}
