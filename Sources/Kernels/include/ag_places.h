#ifndef AG_PLACES_H
#define AG_PLACES_H
#include "ag_types.h"

// Elements at given places along the middle axis of a dense [outer, n, inner], and the adjoints. An index outside 0..<n
// is neither read nor written, and makes the result false. Results do not depend on the number of threads.

/// out[o, k, i] = x[o, index[o, k, i], i] for an index [outer, m, inner]; only the size of the element type matters.
bool ag_gather_axis(ag_dtype type, size_t outer, size_t n, size_t inner, size_t m, const int64_t *index, const void *x,
                    void *out);
/// How an element is combined with one that points to it: sum, product, maximum or minimum (NaN if either
/// is), or replaced.
typedef enum : uint8_t {
  AG_SCATTER_ADD, AG_SCATTER_MULTIPLY, AG_SCATTER_MAX, AG_SCATTER_MIN, AG_SCATTER_PUT
} ag_scatter_op;

/// Combines out[o, index[o, k, i], i] with x[o, k, i]; float types.
bool ag_scatter_axis(ag_scatter_op op, ag_dtype type, size_t outer, size_t n, size_t inner, size_t m,
                     const int64_t *index, const void *x, void *out);

/// out[o, k, :] = x[o, places[k], :] for m places; the caller has checked them.
void ag_index_select(ag_dtype type, size_t outer, size_t n, size_t inner, size_t m, const int64_t *places,
                     const void *x, void *out);
/// out[o, places[k], :] += x[o, k, :]; float types.
void ag_index_add(ag_dtype type, size_t outer, size_t n, size_t inner, size_t m, const int64_t *places, const void *x,
                  void *out);

/// out[o, start + k, :] = x[o, k, :] for `count` places k; the rest of the `n` is set to 0 or,
/// if `x` is NULL, left as it is.
void ag_place_slice(ag_dtype type, size_t outer, size_t n, size_t inner, size_t start, size_t count, const void *x,
                    void *out);

/// Writes the positions of the nonzero bytes among n, in order, and returns their number. `places` has room for n.
size_t ag_true_places(size_t n, const uint8_t *x, int64_t *places);

/// For each of `rows` rows of n elements, the positions of the first k in order, largest first if `largest`. Among
/// equal ones the first comes first; NaN is largest. Types of at most 4 bytes, n < 2³², 1 ≤ k ≤ n.
void ag_top_k(ag_dtype type, size_t rows, size_t n, size_t k, bool largest, const void *x, int64_t *out);

/// The positions of all elements of each of `rows` rows of n ≥ 1 in order. Equal ones keep their order; NaN is largest.
void ag_argsort(ag_dtype type, size_t rows, size_t n, bool descending, const void *x, int64_t *out);

/// For each of `rows` rows of n ≥ 1 elements, the position of the element that is at place ranks[row] when the row is in
/// order, smallest first. Among equal ones the first comes first; NaN is largest.
void ag_places_of_ranks(ag_dtype type, size_t rows, size_t n, const int64_t *ranks, const void *x, int64_t *out);

/// Dense matrices [rows, cols] with everything above a diagonal set to 0 (or below it, if not `lower`); on the
/// diagonal column − row = `offset`.
void ag_triangle(ag_dtype type, size_t batch, size_t rows, size_t cols, ptrdiff_t offset, bool lower, const void *x,
                 void *out);

#endif
