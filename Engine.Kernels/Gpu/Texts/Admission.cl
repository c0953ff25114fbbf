/* uses: chain.h */
/* Known answers: every primitive that kernels are made of, on one triple of inputs (a, b, c as bits) each. y[op * count + i] is what op gives for triple i;
   Admission.cs says the same in C#, in the same order. NaNs are made canonical. */
#define PRIMITIVES 40
#define F(x) bits_of(canonical(x))
#define D(x) F((float)(x))

KERNEL(primitives, 64)(__global const uint *inputs, __global uint *y, int count)
{
    int i = group_x() * 64 + local_id();
    if (i >= count) return;
    uint ua = inputs[3 * i];
    uint ub = inputs[3 * i + 1];
    uint uc = inputs[3 * i + 2];
    float a = float_of(ua);
    float b = float_of(ub);
    float c = float_of(uc);
    double da = (double)a;
    double db = (double)b;
    double dc = (double)c;
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
    r[33] = D(da * db + dc);
    r[34] = D(fma_f64(da, db, -(da * db)));
    r[35] = D((da + 1e-3 * db) / dc);
    r[36] = D(sqrt_f64(da * db + dc));
    r[37] = D(rint_f64(da * 0.3) - floor_f64(db * 0.7) + ceil_f64(dc * 0.9));
    r[38] = bits_of(canonical(odd_f32(da * 1.1 + db)));
    double u = da + db * 1e-9;
    double v = u - da;
    r[39] = D((da - (u - v)) + (db * 1e-9 - v));
    for (int k = 0; k < PRIMITIVES; k++) y[k * count + i] = r[k];
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
