/* uses: floats.h */
/* One element in a 64-bit register: reals below f64 as the bits of an f32, f64 as its bits, integers extended to 64 bits, truth values 0 or 1. The
   numbers of types are ONNX's. */
#define T_F32 1
#define T_U8 2
#define T_I8 3
#define T_U16 4
#define T_I16 5
#define T_I32 6
#define T_I64 7
#define T_BOOL 9
#define T_F16 10
#define T_F64 11
#define T_U32 12
#define T_U64 13
#define T_BF16 16

#define f32_in(r) float_of((uint)(r))
#define in_f32(x) ((ulong)bits_of(x))
#define f64_in(r) double_of(r)
#define in_f64(x) bits_of_f64(x)

static inline ulong load_element(__global const uchar *x, int type, long index)
{
    switch (type)
    {
        case T_F32: return (ulong)((__global const uint *)x)[index];
        case T_F16: return in_f32(widen_f16(((__global const ushort *)x)[index]));
        case T_BF16: return in_f32(widen_bf16(((__global const ushort *)x)[index]));
        case T_I8: return (ulong)(long)((__global const char *)x)[index];
        case T_U16: return (ulong)((__global const ushort *)x)[index];
        case T_I16: return (ulong)(long)((__global const short *)x)[index];
        case T_I32: return (ulong)(long)((__global const int *)x)[index];
        case T_U32: return (ulong)((__global const uint *)x)[index];
        case T_F64:
        case T_I64:
        case T_U64: return ((__global const ulong *)x)[index];
        default: return (ulong)x[index];
    }
}

/* A result of one operation as its type stores it, in a register again. */
static inline ulong stored(ulong r, int type)
{
    switch (type)
    {
        case T_F32: return in_f32(canonical(f32_in(r)));
        case T_F16: return in_f32(widen_f16(narrow_f16(f32_in(r))));
        case T_BF16: return in_f32(widen_bf16(narrow_bf16(f32_in(r))));
        case T_F64: return in_f64(canonical_f64(f64_in(r)));
        case T_I8: return (ulong)(long)(char)(uchar)r;
        case T_U8: return (ulong)(uchar)r;
        case T_I16: return (ulong)(long)(short)(ushort)r;
        case T_U16: return (ulong)(ushort)r;
        case T_I32: return (ulong)(long)(int)(uint)r;
        case T_U32: return (ulong)(uint)r;
        default: return r;
    }
}

/* Stores what is in the register already as its type stores it. */
static inline void store_element(__global uchar *y, int type, long index, ulong r)
{
    switch (type)
    {
        case T_F32:
        case T_I32:
        case T_U32: ((__global uint *)y)[index] = (uint)r; break;
        case T_F16: ((__global ushort *)y)[index] = (ushort)narrow_f16(f32_in(r)); break;
        case T_BF16: ((__global ushort *)y)[index] = (ushort)narrow_bf16(f32_in(r)); break;
        case T_U16:
        case T_I16: ((__global ushort *)y)[index] = (ushort)r; break;
        case T_F64:
        case T_I64:
        case T_U64: ((__global ulong *)y)[index] = r; break;
        default: y[index] = (uchar)r; break;
    }
}

/* A real as a code of 8 or 16 bits: clamp(rne(value), low - zero, high - zero) + zero; NaN gives low. */
static inline int code_of(float value, int zero, int type)
{
    int low = type == T_I8 ? -128 : type == T_I16 ? -32768 : 0;
    int high = low + (type == T_I8 || type == T_U8 ? 255 : 65535);
    float nearest = rint_f32(value);
    if (value != value || nearest <= (float)(low - zero)) return low;
    return nearest >= (float)(high - zero) ? high : (int)nearest + zero;
}

/* Reals below f64, and f64 (the type is not asked for), as they are. */
INLINED float load_single(__global const void *x, int type, long at)
{
    if (type == T_F32) return ((__global const float *)x)[at];
    uint bits = ((__global const ushort *)x)[at];
    return type == T_F16 ? widen_f16(bits) : widen_bf16(bits);
}

INLINED void store_single(__global void *y, int type, long at, float value)
{
    if (type == T_F32) ((__global float *)y)[at] = canonical(value);
    else ((__global ushort *)y)[at] = (ushort)(type == T_F16 ? narrow_f16(value) : narrow_bf16(value));
}

INLINED f64 load_double(__global const void *x, int type, long at)
{
    return ((__global const f64 *)x)[at];
}

INLINED void store_double(__global void *y, int type, long at, f64 value)
{
    ((__global f64 *)y)[at] = canonical_f64(value);
}
