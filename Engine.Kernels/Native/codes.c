// Products of codes with AVX-512 VNNI, which .NET has no intrinsics for. Integer sums modulo 2^32, so any order gives the same bits.
// The layout is that of Engine.Kernels/Cpu/Products/CodeTile.cs; who calls has checked that everything lies in memory.

#include <stdint.h>

#if defined(__x86_64__)

#include <immintrin.h>

// As the C# struct CodeTile.
typedef struct
{
    const uint8_t *a;         // first row
    intptr_t row;             // bytes from one row to the next
    const intptr_t *segments; // where the segments of a row begin, in bytes from the row
    intptr_t count;           // their number
    intptr_t groups;          // groups of four bytes in each segment
    const int8_t *b;          // first panel: [group][16 columns][4 bytes]
    intptr_t panel;           // bytes from one panel to the next
    const int32_t *start;     // where the totals of each column start
    int32_t *c;               // first total
    intptr_t stride;          // totals from one row to the next
    intptr_t rows;
    intptr_t panels;
} code_tile;

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define WIDTH 16
#define MOST_ROWS 14

// Rows times panels, both known when compiled: their totals stay in registers.
static inline VNNI __attribute__((always_inline)) void totals(
    const code_tile *t, const uint8_t *a, const int8_t *b, const int32_t *start, int32_t *c, const int rows, const int panels)
{
    __m512i sums[2 * MOST_ROWS];
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
    {
#pragma GCC unroll 8
        for (int j = 0; j < panels; j++)
        {
            sums[i * panels + j] = _mm512_loadu_si512(start + j * WIDTH);
            __builtin_prefetch(c + i * t->stride + j * WIDTH, 1);
        }
    }

    const intptr_t one = t->row;
    const intptr_t three = 3 * one;
    const intptr_t five = 5 * one;
    const intptr_t seven = 7 * one;
    for (intptr_t s = 0; s < t->count; s++)
    {
        const uint8_t *at = a + t->segments[s];
        for (intptr_t g = 0; g < t->groups; g++)
        {
            __m512i columns[4];
#pragma GCC unroll 8
            for (int j = 0; j < panels; j++)
            {
                columns[j] = _mm512_loadu_si512(b + j * t->panel);
            }

            const uint8_t *half = at + seven;
#pragma GCC unroll 16
            for (int i = 0; i < rows; i++)
            {
                // Offsets of one register each, so that fourteen rows need no fourteen pointers.
                const uint8_t *from = i < 7 ? at : half;
                const int k = i % 7;
                const intptr_t step = k == 0 ? 0 : k == 1 ? one : k == 2 ? 2 * one : k == 3 ? three : k == 4 ? 4 * one : k == 5 ? five : 2 * three;
                const __m512i four = _mm512_set1_epi32(*(const int32_t *)(from + step));
#pragma GCC unroll 8
                for (int j = 0; j < panels; j++)
                {
                    sums[i * panels + j] = _mm512_dpbusd_epi32(sums[i * panels + j], four, columns[j]);
                }
            }

            at += 4;
            b += 4 * WIDTH;
        }
    }

#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
    {
#pragma GCC unroll 8
        for (int j = 0; j < panels; j++)
        {
            _mm512_storeu_si512(c + i * t->stride + j * WIDTH, sums[i * panels + j]);
        }
    }
}

#define CASE(rows, panels) case rows: totals(t, a, b, start, c, rows, panels); break;

static VNNI void one_panel(const code_tile *t, const uint8_t *a, const int8_t *b, const int32_t *start, int32_t *c, intptr_t rows)
{
    switch (rows)
    {
        CASE(1, 1) CASE(2, 1) CASE(3, 1) CASE(4, 1) CASE(5, 1) CASE(6, 1) CASE(7, 1)
        CASE(8, 1) CASE(9, 1) CASE(10, 1) CASE(11, 1) CASE(12, 1) CASE(13, 1) CASE(14, 1)
    }
}

static VNNI void two_panels(const code_tile *t, const uint8_t *a, const int8_t *b, const int32_t *start, int32_t *c, intptr_t rows)
{
    switch (rows)
    {
        CASE(1, 2) CASE(2, 2) CASE(3, 2) CASE(4, 2) CASE(5, 2) CASE(6, 2) CASE(7, 2)
        CASE(8, 2) CASE(9, 2) CASE(10, 2) CASE(11, 2) CASE(12, 2) CASE(13, 2) CASE(14, 2)
    }
}

// Few rows: more panels at once, or the sums would wait for each other.
static VNNI void four_panels(const code_tile *t, const uint8_t *a, const int8_t *b, const int32_t *start, int32_t *c, intptr_t rows)
{
    switch (rows)
    {
        CASE(1, 4) CASE(2, 4) CASE(3, 4) CASE(4, 4)
    }
}

// Whether this processor can run vc_code_tile.
int32_t vc_code_tile_runs(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vnni");
}

// Every total of a tile.
VNNI void vc_code_tile(const code_tile *t)
{
    const intptr_t row_tiles = (t->rows + MOST_ROWS - 1) / MOST_ROWS;
    for (intptr_t panel = 0; panel < t->panels;)
    {
        const intptr_t left = t->panels - panel;
        const int step = t->rows <= 4 && left >= 4 ? 4 : left >= 2 ? 2 : 1;
        const int8_t *b = t->b + panel * t->panel;
        for (intptr_t tile = 0; tile < row_tiles; tile++)
        {
            const intptr_t first = t->rows * tile / row_tiles;
            const intptr_t rows = t->rows * (tile + 1) / row_tiles - first;
            const uint8_t *a = t->a + first * t->row;
            int32_t *c = t->c + first * t->stride + panel * WIDTH;
            if (step == 4)
            {
                four_panels(t, a, b, t->start + panel * WIDTH, c, rows);
            }
            else if (step == 2)
            {
                two_panels(t, a, b, t->start + panel * WIDTH, c, rows);
            }
            else
            {
                one_panel(t, a, b, t->start + panel * WIDTH, c, rows);
            }
        }

        panel += step;
    }
}

#else

int32_t vc_code_tile_runs(void)
{
    return 0;
}

void vc_code_tile(const void *t)
{
    (void)t;
}

#endif
