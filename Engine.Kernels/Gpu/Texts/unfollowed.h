/* Where follow.h does not come before, nothing follows a product: its totals are stored. */
#ifndef FOLLOWED
#define FOLLOWED 0
#define FOLLOWING
#define SET_FOLLOWING(then)
#define FOLLOWING_IS_SET
#define follow(then, index, value, type)
typedef int following;
#endif
