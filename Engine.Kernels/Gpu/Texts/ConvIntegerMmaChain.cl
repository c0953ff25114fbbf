/* uses: follow.h, tile_mma.h, conv_codes.h */
/* ptx: sm_80 */
