/* uses: chain.h */
/* Known answers: every primitive that kernels are made of, on one triple of inputs (a, b, c as bits) each. answers[op * count + i] is what op gives for triple i;
   Admission.cs says the same in C#, in the same order. NaNs are made canonical. */
#define PRIMITIVES 52
#define F(x) bits_of(canonical(x))
#define D(x) F(f32_of_f64(x))

/* All 64 bits of a number. */
static inline uint whole_of(f64 x)
{
    ulong bits = bits_of_f64(canonical_f64(x));
    return (uint)(bits >> 32) ^ (uint)bits;
}

KERNEL(primitives, 64)(__global const uint *inputs, __global uint *answers, int count)
{
    int i = group_x() * 64 + local_id();
    if (i >= count) return;
    uint ua = inputs[3 * i];
    uint ub = inputs[3 * i + 1];
    uint uc = inputs[3 * i + 2];
    float a = float_of(ua);
    float b = float_of(ub);
    float c = float_of(uc);
    f64 da = f64_of_f32(a);
    f64 db = f64_of_f32(b);
    f64 dc = f64_of_f32(c);
    uint r[PRIMITIVES];
    r[0] = F(a + b);
    r[1] = F(a - b);
    r[2] = F(a * b);
    r[3] = F(a * b + c);
    r[4] = F(c - a * b);
    r[5] = F(fma_f32(a, b, c));
    r[6] = F(a / b);
    r[7] = F(a / 3.0f);
    r[8] = F(sqrt_f32(a));
    r[9] = F(1.0f / a);
    r[10] = F(rint_f32(a));
    r[11] = F(floor_f32(a));
    r[12] = F(ceil_f32(a));
    r[13] = F((float)(int)ua);
    r[14] = F((float)ua);
    r[15] = F((float)(long)(((ulong)ua << 32) | ub));
    r[16] = F((float)(((ulong)ua << 32) | ub));
    r[17] = (uint)truncated(da, 32, 0);
    r[18] = (uint)truncated(da, 8, 1);
    r[19] = (uint)truncated(da, 64, 0) ^ (uint)(truncated(da, 64, 0) >> 32);
    float s = a + b;
    float t = s - a;
    r[20] = F((a - (s - t)) + (b - t));
    r[21] = F(a * float_of(0x0d800000u) * float_of(0x2b800000u) * float_of(0x5f800000u));
    r[22] = F(a + b + c + 0.0f);
    r[23] = F(max_f32(a, b));
    r[24] = F(min_f32(a, b));
    r[25] = F(abs_f32(a));
    r[26] = (uint)(a < b) | (uint)(a <= b) << 1 | (uint)(a == b) << 2 | (uint)(a > b) << 3 | (uint)(a >= b) << 4;
    r[27] = narrow_f16(a);
    r[28] = narrow_bf16(a);
    r[29] = F(widen_f16(ua & 0xffffu));
    r[30] = multiply_high(ua, ub);
    r[31] = (uint)(((ulong)ua * ub + uc) >> 7) ^ (uint)((long)(int)ua >> (int)(uc & 31u)) ^ (ua << (int)(uc & 31u)) ^ (ub >> (int)(ua & 31u));
    r[32] = (uint)(int)((long)(char)(uchar)ua * (long)(char)(uchar)ub + (long)(short)(ushort)uc);
    r[33] = D(add_f64(mul_f64(da, db), dc));
    r[34] = D(fma_f64(da, db, neg_f64(mul_f64(da, db))));
    r[35] = D(div_f64(add_f64(da, mul_f64(F64(1e-3, 0x3f50624dd2f1a9fcul), db)), dc));
    r[36] = D(sqrt_f64(add_f64(mul_f64(da, db), dc)));
    f64 down = floor_f64(mul_f64(db, F64(0.7, 0x3fe6666666666666ul)));
    f64 up = ceil_f64(mul_f64(dc, F64(0.9, 0x3feccccccccccccdul)));
    r[37] = D(add_f64(sub_f64(rint_f64(mul_f64(da, F64(0.3, 0x3fd3333333333333ul))), down), up));
    r[38] = bits_of(canonical(odd_f32(add_f64(mul_f64(da, F64(1.1, 0x3ff199999999999aul)), db))));
    f64 small = mul_f64(db, F64(1e-9, 0x3e112e0be826d695ul));
    f64 u = add_f64(da, small);
    f64 v = sub_f64(u, da);
    r[39] = D(add_f64(sub_f64(da, sub_f64(u, v)), sub_f64(small, v)));

    /* Numbers with all bits of a significand, and small ones whose results are subnormal. */
    f64 x = double_of(bits_of_f64(da) | (ub & 0x1fffffffu));
    f64 y = double_of(bits_of_f64(db) | (uc & 0x1fffffffu));
    f64 z = double_of(bits_of_f64(dc) | (ua & 0x1fffffffu));
    f64 tiny = double_of(0x0170000000000000ul);
    ulong word = ((ulong)ua << 32) | ub;
    r[40] = whole_of(add_f64(x, y));
    r[41] = whole_of(sub_f64(x, z));
    r[42] = whole_of(mul_f64(x, y));
    r[43] = whole_of(mul_f64(mul_f64(x, tiny), y));
    r[44] = whole_of(fma_f64(x, y, z));
    r[45] = whole_of(fma_f64(mul_f64(x, tiny), y, mul_f64(z, tiny)));
    r[46] = whole_of(div_f64(x, y));
    r[47] = whole_of(sqrt_f64(x));
    r[48] = whole_of(rint_f64(x)) + 3u * whole_of(floor_f64(y)) + 5u * whole_of(ceil_f64(z));
    r[49] = whole_of(f64_of_long((long)word)) + 3u * whole_of(f64_of_ulong(word));
    r[50] = D(x) ^ F(f32_of_f64(mul_f64(x, y)));
    r[51] = (uint)lt_f64(x, y) | (uint)le_f64(x, y) << 1 | (uint)eq_f64(x, y) << 2 | (uint)gt_f64(x, y) << 3 | (uint)ge_f64(x, y) << 4;
    for (int k = 0; k < PRIMITIVES; k++) answers[k * count + i] = r[k];
}

/* Work-groups that speak through local memory: lane l of 32 adds its neighbour half by half, in f32. */
KERNEL(halves, 64)(__global const uint *inputs, __global uint *y, int count)
{
    __local float lanes[64];
    int id = local_id();
    int i = group_x() * 64 + id;
    lanes[id] = i < count ? float_of(inputs[i]) : 0.0f;
    for (int reach = 16; reach > 0; reach /= 2)
    {
        local_barrier();
        float sum = lanes[id] + lanes[(id & 32) + ((id + reach) & 31)];
        local_barrier();
        if ((id & 31) < reach) lanes[id] = sum;
    }
    local_barrier();
    if (i < count) y[i] = F(lanes[id & 32]);
}
