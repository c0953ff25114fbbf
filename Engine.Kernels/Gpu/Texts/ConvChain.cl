/* uses: follow.h, conv.h */
