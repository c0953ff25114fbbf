/* uses: codes.h */
/* Tiles of 128 x 128 totals by the matrix units of compute capability 8.0 and up: mma.sync.m16n8k32 on s8 (PTX ISA, section 9.7.14). A warp makes 64 x 32
   totals: 4 x 4 products of 16 x 8. What a lane holds of a fragment: of A rows lane / 4 and 8 below, of B column lane / 4, both words lane % 4 and 4
   behind; of the totals rows lane / 4 and 8 below, columns 2 (lane % 4) and the next. Elsewhere lanes show their fragments to each other in __local
   memory, for tests of this layout. */
#define TILE 128
#define PITCH (WORDS + 4)
#define COUNT 64
#define LANE (local_id() % 32)
#define WARP_ROW (local_id() / 128 * 64)
#define WARP_COLUMN (local_id() / 32 % 4 * 32)

#define total_row(e) (WARP_ROW + (e) / 16 * 16 + (e) / 2 % 2 * 8 + LANE / 4)
#define total_column(e) (WARP_COLUMN + (e) / 4 % 4 * 8 + LANE % 4 * 2 + (e) % 2)

#ifdef __NVPTX__

#define EXCHANGE
#define MULTIPLY multiply(ta, tb, totals, 0)
#define SHOW(a, b)
#define UNSHOW

INLINED void mma(uint *c, const uint *a, const uint *b, int i, int j, __local uint *shown)
{
    __asm__ volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#else

#define FRAGMENTS 24
#define EXCHANGE __local uint shown[256 * FRAGMENTS];
#define MULTIPLY multiply(ta, tb, totals, shown)
#define SHOW(a, b) \
    for (int r = 0; r < 16; r++) shown[local_id() * FRAGMENTS + r] = a[r]; \
    for (int r = 0; r < 8; r++) shown[local_id() * FRAGMENTS + 16 + r] = b[r]; \
    local_barrier();
#define UNSHOW local_barrier();

/* Word q of row r of A is register r / 8 + 2 (q / 4) of lane r % 8 * 4 + q % 4; word q of column n of B is register q / 4 of lane 4 n + q % 4. */
INLINED void mma(uint *c, const uint *a, const uint *b, int i, int j, __local const uint *shown)
{
    __local const uint *warp = shown + local_id() / 32 * 32 * FRAGMENTS;
    for (int r = 0; r < 4; r++)
    {
        int row = LANE / 4 + r / 2 * 8;
        int column = LANE % 4 * 2 + r % 2;
        for (int q = 0; q < 8; q++)
        {
            uint word_a = warp[(row % 8 * 4 + q % 4) * FRAGMENTS + i * 4 + row / 8 + q / 4 * 2];
            uint word_b = warp[(column * 4 + q % 4) * FRAGMENTS + 16 + j * 2 + q / 4];
            c[r] = dot4(word_a, word_b, c[r]);
        }
    }
}

#endif

INLINED void multiply(__local const uint *ta, __local const uint *tb, uint *totals, __local uint *shown)
{
    UNROLL for (int w = 0; w < WORDS; w += 8)
    {
        uint a[16];
        uint b[8];
        UNROLL for (int r = 0; r < 16; r++) a[r] = ta[(WARP_ROW + r / 4 * 16 + r % 2 * 8 + LANE / 4) * PITCH + w + r / 2 % 2 * 4 + LANE % 4];
        UNROLL for (int r = 0; r < 8; r++) b[r] = tb[(WARP_COLUMN + r / 2 * 8 + LANE / 4) * PITCH + w + r % 2 * 4 + LANE % 4];
        SHOW(a, b)
        UNROLL for (int i = 0; i < 4; i++)
            UNROLL for (int j = 0; j < 4; j++)
                mma(totals + (i * 4 + j) * 4, a + i * 4, b + j * 2, i, j, shown);
        UNSHOW
    }
}
