/* uses: follow.h, tile_mma.h, dot_codes.h */
/* ptx: sm_80 */
