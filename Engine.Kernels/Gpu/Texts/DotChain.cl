/* uses: follow.h, dot.h */
