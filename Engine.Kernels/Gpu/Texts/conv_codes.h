/* A window on three spatial axes, the first ones of extent 1 where there are fewer: extents of X, of the output, of the kernel, then steps of the window,
   of the taps, and where the first window begins. */
#define WINDOW int x_depth, int x_height, int x_width, int depth, int height, int width, int taps_z, int taps_y, int taps_x, \
    int step_z, int step_y, int step_x, int apart_z, int apart_y, int apart_x, int pad_z, int pad_y, int pad_x

/* Kernels of codes W [groups, m, k] at its first element times the windows of codes X [images, groups, channels, plane] at its first: k counts channels
   and taps within. A column of B is a window of one image and group; what lies outside X is its zero point. */
KERNEL(conv_codes, 256)(__global const uchar *w, __global const uchar *x, OUTPUT, long w0, long x0, int channels, WINDOW FOLLOWING)
{
    __local following all;
    __local const following *then = &all;
    SET_FOLLOWING(&all)
    __local uint ta[TILE * PITCH];
    __local uint tb[TILE * PITCH];
    __local uint sums[2 * TILE];
    __local long tap_place[SLICE];
    __local int tap_z[SLICE];
    __local int tap_y[SLICE];
    __local int tap_x[SLICE];
    EXCHANGE
    int id = local_id();
    int batch = group_z();
    long first_m = (long)group_y() * TILE;
    long first_n = (long)group_x() * TILE;
    long plane = (long)x_depth * x_height * x_width;
    w0 += (long)(batch % a_batches) * m_count * k_count;
    x0 += (long)batch * channels * plane;
    uint padding = ((uint)zeros_b[zb] ^ flip_b) & 255u;

    /* The window whose words this work-item loads. */
    int line = id % TILE;
    int n = (int)first_n + line;
    int z = n / (height * width) * step_z - pad_z;
    int y_place = n / width % height * step_y - pad_y;
    int x_place = n % width * step_x - pad_x;
    long place = x0 + ((long)z * x_height + y_place) * x_width + x_place;
    uint totals[COUNT];
    UNROLL for (int e = 0; e < COUNT; e++) totals[e] = 0;
    uint sum = 0;
    for (int k = 0; k < k_count; k += SLICE)
    {
        if (id < SLICE)
        {
            int taps = taps_z * taps_y * taps_x;
            int tap = (k + id) % taps;
            int dz = tap / (taps_y * taps_x) * apart_z;
            int dy = tap / taps_x % taps_y * apart_y;
            int dx = tap % taps_x * apart_x;
            tap_z[id] = dz;
            tap_y[id] = dy;
            tap_x[id] = dx;
            tap_place[id] = (k + id) / taps * plane + ((long)dz * x_height + dy) * x_width + dx;
        }
        for (int i = id; i < TILE * WORDS; i += 256)
        {
            int row = i / WORDS;
            int word = i % WORDS;
            ta[row * PITCH + word] = first_m + row < m_count
                ? load_codes(w, w0 + (first_m + row) * k_count + k + 4 * word, 1, k_count - k - 4 * word, flip_a) : 0;
        }
        local_barrier();
        for (int word = id / TILE; word < WORDS; word += 256 / TILE)
        {
            uint codes = 0;
            for (int i = 0; i < 4; i++)
            {
                int tap = 4 * word + i;
                if (k + tap >= k_count || n >= n_count) continue;
                int inside = (uint)(z + tap_z[tap]) < (uint)x_depth && (uint)(y_place + tap_y[tap]) < (uint)x_height
                    && (uint)(x_place + tap_x[tap]) < (uint)x_width;
                codes |= (inside ? (uint)x[place + tap_place[tap]] ^ (flip_b & 0x80u) : padding) << (8 * i);
            }
            tb[line * PITCH + word] = codes;
        }
        local_barrier();
        MULTIPLY;
        ADD_SUMS(sum)
        local_barrier();
    }
    if (id < 2 * TILE) sums[id] = sum;
    local_barrier();
    STORE_TILE(batch, first_m, first_n)
}
