/* uses: follow.h, tile4.h, dot_codes.h, dot_codes_thin.h */
