#ifndef AG_SEARCH_H
#define AG_SEARCH_H
#include "ag_types.h"

/// For `rows` rows of m values each: the number of elements below the value (or, with `right`, not above it)
/// in a row of n elements in ascending order. All rows search the same elements unless `own`. NaN is above
/// everything.
void ag_search_sorted(ag_dtype type, size_t rows, size_t n, size_t m, bool own, bool right, const void *sorted,
                      const void *values, int64_t *out);

#endif
