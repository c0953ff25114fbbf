/* uses: codes.h */
/* Tiles of 64 x 64 totals, four codes at a time: 4 x 4 totals a work-item. */
#define TILE 64
#define PITCH (WORDS + 1)
#define COUNT 16
#define EXCHANGE

#define total_row(e) (local_id() / 16 + 16 * ((e) / 4))
#define total_column(e) (local_id() % 16 + 16 * ((e) % 4))

#define MULTIPLY multiply(ta, tb, totals)

INLINED void multiply(__local const uint *ta, __local const uint *tb, uint *totals)
{
    UNROLL for (int w = 0; w < WORDS; w++)
    {
        uint a[4];
        uint b[4];
        UNROLL for (int i = 0; i < 4; i++)
        {
            a[i] = ta[total_row(4 * i) * PITCH + w];
            b[i] = tb[total_column(i) * PITCH + w];
        }
        UNROLL for (int e = 0; e < COUNT; e++) totals[e] = dot4(a[e / 4], b[e % 4], totals[e]);
    }
}
