/* uses: order.h */
/* A chain of elementwise operations on one element. A step is nine ints: kind of arithmetic and operation, three sources, type of the result, type of the
   operands, two constants as bits, and what becomes of the result: an output's number counted from 1, if it is stored, and KEPT, if later steps read it:
   what was kept before is forgotten. A source is an operand's number, -1: what the step before gave, or -2: what was kept. An operand is six ints: type, divisor, modulus, stride, and its
   offset: element i of the range is element offset + (i / divisor % modulus) * stride of the buffer. */
#define STEP_INTS 9
#define OPERAND_INTS 6
#define MOST_OPERANDS 12
#define MOST_OUTPUTS 8
#define OUTPUT_NUMBER 255
#define KEPT 256

#define KIND_F32 0
#define KIND_F64 1
#define KIND_INT 2
#define KIND_CAST 3

#define STEP_ADD 1
#define STEP_SUB 2
#define STEP_MUL 3
#define STEP_DIV 4
#define STEP_MAX 5
#define STEP_MIN 6
#define STEP_ABS 7
#define STEP_NEG 8
#define STEP_SIGN 9
#define STEP_FLOOR 10
#define STEP_CEIL 11
#define STEP_ROUND 12
#define STEP_SQRT 13
#define STEP_RECIPROCAL 14
#define STEP_RELU 15
#define STEP_CLIP 16
#define STEP_LEAKY_RELU 17
#define STEP_THRESHOLDED_RELU 18
#define STEP_HARD_SIGMOID 19
#define STEP_HARD_SWISH 20
#define STEP_SOFTSIGN 21
#define STEP_EQUAL 22
#define STEP_LESS 23
#define STEP_LESS_OR_EQUAL 24
#define STEP_GREATER 25
#define STEP_GREATER_OR_EQUAL 26
#define STEP_WHERE 27
#define STEP_AND 28
#define STEP_OR 29
#define STEP_XOR 30
#define STEP_NOT 31
#define STEP_QUANTIZE 96
#define STEP_DEQUANTIZE 97

static inline float abs_f32(float x)
{
    return float_of(bits_of(x) & 0x7fffffffu);
}

static inline ulong step_f32(int op, float a, float b, float c, float p, float q)
{
    switch (op)
    {
        case STEP_ADD: return in_f32(a + b);
        case STEP_SUB: return in_f32(a - b);
        case STEP_MUL: return in_f32(a * b);
        case STEP_DIV: return in_f32(a / b);
        case STEP_MAX: return in_f32(max_f32(a, b));
        case STEP_MIN: return in_f32(min_f32(a, b));
        case STEP_ABS: return in_f32(abs_f32(a));
        case STEP_NEG: return in_f32(float_of(bits_of(a) ^ 0x80000000u));
        case STEP_SIGN: return in_f32(a > 0.0f ? 1.0f : a < 0.0f ? -1.0f : a);
        case STEP_FLOOR: return in_f32(floor_f32(a));
        case STEP_CEIL: return in_f32(ceil_f32(a));
        case STEP_ROUND: return in_f32(rint_f32(a));
        case STEP_SQRT: return in_f32(sqrt_f32(a));
        case STEP_RECIPROCAL: return in_f32(1.0f / a);
        case STEP_RELU: return in_f32(max_f32(a, 0.0f));
        case STEP_CLIP: return in_f32(min_f32(max_f32(a, b), c));
        case STEP_LEAKY_RELU: return in_f32(a < 0.0f ? p * a : a);
        case STEP_THRESHOLDED_RELU: return in_f32(a > p || a != a ? a : 0.0f);
        case STEP_HARD_SIGMOID: return in_f32(max_f32(0.0f, min_f32(1.0f, p * a + q)));
        case STEP_HARD_SWISH: return in_f32(a * max_f32(0.0f, min_f32(1.0f, a * float_of(0x3e2aaaabu) + 0.5f)));
        case STEP_SOFTSIGN: return in_f32(a / (1.0f + abs_f32(a)));
        case STEP_EQUAL: return a == b;
        case STEP_LESS: return a < b;
        case STEP_LESS_OR_EQUAL: return a <= b;
        case STEP_GREATER: return a > b;
        case STEP_GREATER_OR_EQUAL: return a >= b;
        default: return 0;
    }
}

static inline ulong step_f64(int op, f64 a, f64 b, f64 c)
{
    switch (op)
    {
        case STEP_ADD: return in_f64(add_f64(a, b));
        case STEP_SUB: return in_f64(sub_f64(a, b));
        case STEP_MUL: return in_f64(mul_f64(a, b));
        case STEP_DIV: return in_f64(div_f64(a, b));
        case STEP_MAX: return in_f64(max_f64(a, b));
        case STEP_MIN: return in_f64(min_f64(a, b));
        case STEP_ABS: return in_f64(a) & 0x7ffffffffffffffful;
        case STEP_NEG: return in_f64(a) ^ 0x8000000000000000ul;
        case STEP_SIGN: return in_f64(gt_f64(a, ZERO_f64) ? ONE_f64 : lt_f64(a, ZERO_f64) ? neg_f64(ONE_f64) : a);
        case STEP_FLOOR: return in_f64(floor_f64(a));
        case STEP_CEIL: return in_f64(ceil_f64(a));
        case STEP_ROUND: return in_f64(rint_f64(a));
        case STEP_SQRT: return in_f64(sqrt_f64(a));
        case STEP_RECIPROCAL: return in_f64(div_f64(ONE_f64, a));
        case STEP_RELU: return in_f64(max_f64(a, ZERO_f64));
        case STEP_CLIP: return in_f64(min_f64(max_f64(a, b), c));
        case STEP_EQUAL: return eq_f64(a, b);
        case STEP_LESS: return lt_f64(a, b);
        case STEP_LESS_OR_EQUAL: return le_f64(a, b);
        case STEP_GREATER: return gt_f64(a, b);
        case STEP_GREATER_OR_EQUAL: return ge_f64(a, b);
        default: return 0;
    }
}

static inline ulong step_int(int op, ulong a, ulong b, ulong c, int type)
{
    switch (op)
    {
        case STEP_ADD: return a + b;
        case STEP_SUB: return a - b;
        case STEP_MUL: return a * b;
        case STEP_MAX: return less_int(a, b, type) ? b : a;
        case STEP_MIN: return less_int(b, a, type) ? b : a;
        case STEP_ABS: return type != T_U64 && (long)a < 0 ? 0ul - a : a;
        case STEP_NEG: return 0ul - a;
        case STEP_SIGN: return a == 0ul ? 0ul : type != T_U64 && (long)a < 0 ? ~0ul : 1ul;
        case STEP_RELU: return type != T_U64 && (long)a < 0 ? 0ul : a;
        case STEP_CLIP:
        {
            ulong raised = less_int(a, b, type) ? b : a;
            return less_int(c, raised, type) ? c : raised;
        }
        case STEP_AND: return a & b;
        case STEP_OR: return a | b;
        case STEP_XOR: return a ^ b;
        case STEP_NOT: return type == T_BOOL ? a ^ 1ul : ~a;
        case STEP_EQUAL: return a == b;
        case STEP_LESS: return less_int(a, b, type);
        case STEP_LESS_OR_EQUAL: return !less_int(b, a, type);
        case STEP_GREATER: return less_int(b, a, type);
        case STEP_GREATER_OR_EQUAL: return !less_int(a, b, type);
        default: return 0;
    }
}

static inline int bits_of_type(int type)
{
    switch (type)
    {
        case T_U8:
        case T_I8: return 8;
        case T_U16:
        case T_I16: return 16;
        case T_U32:
        case T_I32: return 32;
        default: return 64;
    }
}

static inline int is_single(int type)
{
    return type == T_F32 || type == T_F16 || type == T_BF16;
}

static inline int is_unsigned_type(int type)
{
    return type == T_U8 || type == T_U16 || type == T_U32 || type == T_U64;
}

static inline ulong cast_of(ulong r, int from, int to)
{
    if (is_single(from))
    {
        float x = f32_in(r);
        if (is_single(to)) return r;
        if (to == T_F64) return in_f64(f64_of_f32(x));
        if (to == T_BOOL) return x != 0.0f;
        return truncated(f64_of_f32(x), bits_of_type(to), is_unsigned_type(to));
    }
    if (from == T_F64)
    {
        f64 x = f64_in(r);
        if (to == T_F64) return r;
        if (to == T_F32) return in_f32(f32_of_f64(x));
        if (is_single(to)) return in_f32(odd_f32(x));
        if (to == T_BOOL) return !eq_f64(x, ZERO_f64);
        return truncated(x, bits_of_type(to), is_unsigned_type(to));
    }
    if (to == T_BOOL) return r != 0ul;
    if (to == T_F32) return in_f32(from == T_U64 ? (float)r : (float)(long)r);
    if (to == T_F64) return in_f64(from == T_U64 ? f64_of_ulong(r) : f64_of_long((long)r));
    if (is_single(to)) return in_f32(from == T_U64 ? odd_f32_of_ulong(r) : odd_f32_of_long((long)r));
    return r;
}

/* X, scale, zero point as a code: docs/numerics.md, Quantisation. */
static inline ulong quantized(ulong x, ulong scale, ulong zero, int from, int to)
{
    float value = is_single(from) ? f32_in(x) : (float)(long)x;
    return (ulong)(long)code_of(value / f32_in(scale), (int)(long)zero, to);
}

/* One step on registers, not as its type stores it yet; has_doubles: of f64 there is arithmetic, not only casts. */
INLINED ulong step_of(__global const int *step, ulong a, ulong b, ulong c, int has_doubles)
{
    int kind = step[0] >> 8;
    int op = step[0] & 255;
    if (op == STEP_WHERE) return a != 0ul ? b : c;
    if (op == STEP_QUANTIZE) return quantized(a, b, c, step[5], step[4]);
    if (op == STEP_DEQUANTIZE) return in_f32((float)((long)a - (long)c) * f32_in(b));
    if (kind == KIND_F32) return step_f32(op, f32_in(a), f32_in(b), f32_in(c), float_of((uint)step[6]), float_of((uint)step[7]));
    if (has_doubles && kind == KIND_F64) return step_f64(op, f64_in(a), f64_in(b), f64_in(c));
    if (kind == KIND_INT) return step_int(op, a, b, c, step[5]);
    return cast_of(a, step[5], step[4]);
}

/* What runs: the steps, then the operands, as numbers; buffers of operands and of outputs. It lies in __local memory, where a buffer has a number. */
typedef struct
{
    __global const int *program;
    __global const uchar *x[MOST_OPERANDS];
    __global uchar *y[MOST_OUTPUTS];
    int steps;
    int head;
} chained;

/* head: what becomes of what the chain begins with, as of a step's result. */
#define CHAINED int steps, int head, __global const int *program, __global const uchar *operand0, __global const uchar *operand1, \
    __global const uchar *operand2, __global const uchar *operand3, __global const uchar *operand4, __global const uchar *operand5, \
    __global const uchar *operand6, __global const uchar *operand7, __global const uchar *operand8, __global const uchar *operand9, \
    __global const uchar *operand10, __global const uchar *operand11, __global uchar *output0, __global uchar *output1, __global uchar *output2, \
    __global uchar *output3, __global uchar *output4, __global uchar *output5, __global uchar *output6, __global uchar *output7

#define SET_CHAINED(to) \
    if (local_id() == 0) \
    { \
        (to)->program = program; \
        (to)->x[0] = operand0; \
        (to)->x[1] = operand1; \
        (to)->x[2] = operand2; \
        (to)->x[3] = operand3; \
        (to)->x[4] = operand4; \
        (to)->x[5] = operand5; \
        (to)->x[6] = operand6; \
        (to)->x[7] = operand7; \
        (to)->x[8] = operand8; \
        (to)->x[9] = operand9; \
        (to)->x[10] = operand10; \
        (to)->x[11] = operand11; \
        (to)->y[0] = output0; \
        (to)->y[1] = output1; \
        (to)->y[2] = output2; \
        (to)->y[3] = output3; \
        (to)->y[4] = output4; \
        (to)->y[5] = output5; \
        (to)->y[6] = output6; \
        (to)->y[7] = output7; \
        (to)->steps = steps; \
        (to)->head = head; \
    }

#ifdef __NVPTX__
#define CHAIN_ROLLED _Pragma("unroll 1")
#else
#define CHAIN_ROLLED
#endif

/* The chain on element index, from what a register of a type holds. STEP_OF(step, a, b, c): a step on registers. */
#define RUN_CHAINED(all, index, value, value_type, STEP_OF) \
{ \
    int count = (all)->steps; \
    int becomes = (all)->head; \
    int result_type = value_type; \
    ulong last = value; \
    ulong kept = 0; \
    __global const int *step = (all)->program; \
    __global const int *operands = step + count * STEP_INTS; \
    CHAIN_ROLLED \
    for (int s = 0;; s++) \
    { \
        if (becomes & KEPT) kept = last; \
        if (becomes & OUTPUT_NUMBER) store_element((all)->y[(becomes & OUTPUT_NUMBER) - 1], result_type, index, last); \
        if (s == count) break; \
        ulong a = 0; \
        ulong b = 0; \
        ulong c = 0; \
        CHAIN_ROLLED \
        for (int slot = 3; slot > 0; slot--) \
        { \
            int source = step[slot]; \
            c = b; \
            b = a; \
            a = source < -1 ? kept : last; \
            if (source < 0) continue; \
            __global const int *operand = operands + source * OPERAND_INTS; \
            long at = (long)(index / operand[1] % operand[2]) * operand[3] + (((long)operand[5] << 32) | (uint)operand[4]); \
            a = load_element((all)->x[source], operand[0], at); \
        } \
        result_type = step[4]; \
        last = stored(STEP_OF(step, a, b, c), result_type); \
        becomes = step[8]; \
        step += STEP_INTS; \
    } \
}
