/* uses: tile4.h, dot_codes.h */
