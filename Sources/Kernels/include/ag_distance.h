#ifndef AG_DISTANCE_H
#define AG_DISTANCE_H
#include "ag_types.h"

// Distances of each row of x [m, d] to each row of y [n, d], dense, float types; `p` is 1 (Σ |x − y|) or 2
// (√Σ (x − y)²). Results do not depend on the number of threads.

/// out [m, n], from y transposed: [d, n].
void ag_distances(ag_dtype type, int p, size_t m, size_t n, size_t d, const void *x, const void *y_transposed, void *out);

/// dx [m, d] = Σⱼ factors[i, j] · sign(xᵢ − yⱼ), or for p = 2 · (xᵢ − yⱼ); y is [n, d] here.
void ag_distances_backward(ag_dtype type, int p, size_t m, size_t n, size_t d, const void *x, const void *y,
                           const void *factors, void *dx);

#endif
