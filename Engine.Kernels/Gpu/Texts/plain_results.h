/* For a text whose products have no C and are not split: see product.h. */
#define PLAIN_RESULTS 1
