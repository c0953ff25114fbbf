/* uses: tile4.h, conv_codes.h, conv_codes_each.h */
