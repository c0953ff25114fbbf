/* uses: conv.h */
