/* As conv_codes, a work-item for each element of Y: for groups of few kernels, where tiles would be mostly empty. */
KERNEL(conv_codes_each, 256)(__global const uchar *w, __global const uchar *x, OUTPUT, long w0, long x0, int channels, WINDOW, int count FOLLOWING)
{
    __local following all;
    __local const following *then = &all;
    SET_FOLLOWING(&all)
    FOLLOWING_IS_SET
    long index = (long)group_x() * 256 + local_id();
    if (index >= count) return;
    int n = (int)index % n_count;
    int m = (int)index / n_count % m_count;
    int batch = (int)index / n_count / m_count;
    long row = (long)(batch % a_batches) * m_count + m;
    int zero_a = (int)ZERO_A(batch, m);
    int zero_b = (int)ZERO_B(batch, n);
    int z = n / (height * width) * step_z - pad_z;
    int y_place = n / width % height * step_y - pad_y;
    int x_place = n % width * step_x - pad_x;
    uint total = 0;
    w += w0 + row * k_count;
    for (int channel = 0; channel < channels; channel++)
        for (int dz = 0; dz < taps_z; dz++)
            for (int dy = 0; dy < taps_y; dy++)
            {
                int at_z = z + dz * apart_z;
                int at_y = y_place + dy * apart_y;
                long line = x0 + ((((long)batch * channels + channel) * x_depth + at_z) * x_height + at_y) * x_width;
                int inside = (uint)at_z < (uint)x_depth && (uint)at_y < (uint)x_height;
                for (int dx = 0; dx < taps_x; dx++, w++)
                {
                    int at_x = x_place + dx * apart_x;
                    if (inside && (uint)at_x < (uint)x_width)
                        total += (uint)((signed_code(x[line + at_x], flip_b) - zero_b) * (signed_code(*w, flip_a) - zero_a));
                }
            }
    STORE_TOTAL(batch, m, n, total);
}
