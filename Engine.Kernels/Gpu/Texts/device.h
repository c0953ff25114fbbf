/* What every kernel text begins with: the same words under OpenCL C 1.2 and under clang's OpenCL for NVPTX.
   No contraction, no min/max/transcendental built-ins, no conversion of a NaN to an integer, no __constant arguments, __local arrays in the kernel only. */
#pragma OPENCL FP_CONTRACT OFF

#ifdef __NVPTX__

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef uint uint2 __attribute__((ext_vector_type(2)));
typedef uint uint4 __attribute__((ext_vector_type(4)));
typedef float float4 __attribute__((ext_vector_type(4)));

#define local_id() ((int)__nvvm_read_ptx_sreg_tid_x())
#define group_x() ((int)__nvvm_read_ptx_sreg_ctaid_x())
#define group_y() ((int)__nvvm_read_ptx_sreg_ctaid_y())
#define group_z() ((int)__nvvm_read_ptx_sreg_ctaid_z())
#define groups_x() ((int)__nvvm_read_ptx_sreg_nctaid_x())
#define local_barrier() __nvvm_bar_sync(0)
#define global_barrier() __nvvm_bar_sync(0)
#define fma_f32(a, b, c) __builtin_fmaf(a, b, c)
#define sqrt_f32(a) __nvvm_sqrt_rn_f(a)
#define rint_f32(a) __builtin_rintf(a)
#define floor_f32(a) __builtin_floorf(a)
#define ceil_f32(a) __builtin_ceilf(a)
#define bits_of(a) __builtin_astype(a, uint)
#define float_of(a) __builtin_astype(a, float)
#define multiply_high(a, b) ((uint)(((ulong)(a) * (ulong)(b)) >> 32))
#define rotate_right(a, count) (((uint)(a) >> (count)) | ((uint)(a) << (32 - (count))))

#else

#define local_id() ((int)get_local_id(0))
#define group_x() ((int)get_group_id(0))
#define group_y() ((int)get_group_id(1))
#define group_z() ((int)get_group_id(2))
#define groups_x() ((int)get_num_groups(0))
#define local_barrier() barrier(CLK_LOCAL_MEM_FENCE)
#define global_barrier() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define fma_f32(a, b, c) fma((float)(a), (float)(b), (float)(c))
#define sqrt_f32(a) sqrt((float)(a))
#define rint_f32(a) rint((float)(a))
#define floor_f32(a) floor((float)(a))
#define ceil_f32(a) ceil((float)(a))
#define bits_of(a) as_uint((float)(a))
#define float_of(a) as_float((uint)(a))
#define multiply_high(a, b) mul_hi((uint)(a), (uint)(b))
#define rotate_right(a, count) rotate((uint)(a), (uint)(32 - (count)))

#endif

/* Functions of a text are not called: PTX of a kernel is one piece, and PoCL gives a called function that takes a __local array one of its own, which all
   work-groups share. */
#ifndef INLINED
#define INLINED static inline __attribute__((always_inline))
#endif

/* KERNEL(name, size)(arguments): an entry whose work-groups have size work-items along one axis. */
#define KERNEL(name, size) __kernel __attribute__((reqd_work_group_size(size, 1, 1))) void name

#define NAN_BITS 0x7fc00000u

/* What is stored: the one NaN. */
static inline float canonical(float x)
{
    return x == x ? x : float_of(NAN_BITS);
}
