#ifndef AG_SEARCH_H
#define AG_SEARCH_H
#include "ag_types.h"

/// For each of `rows` rows of m values the number of elements below it (or, `right`, not above it) in a row
/// of n in ascending order: the place that keeps the order. All rows search the same one unless `own`. NaN is
/// above everything.
void ag_search_sorted(ag_dtype type, size_t rows, size_t n, size_t m, bool own, bool right, const void *sorted,
                      const void *values, int64_t *out);

#endif
