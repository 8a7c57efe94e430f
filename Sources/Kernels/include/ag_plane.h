#ifndef AG_PLANE_H
#define AG_PLANE_H
#include "ag_types.h"

// Dense planes [planes, inner], each with factors of its own ([planes]); float types.

/// out = a · (x − shift) + b · y + c; `y` and `b` may be NULL together.
void ag_plane_combine(ag_dtype type, size_t planes, size_t inner, const void *a, const void *x, const void *shift,
                      const void *b, const void *y, const void *c, void *out);

/// Two sums of each plane, in [planes, 2], with t = x − shift: Σ y and Σ y·t, or without `y` Σ t and Σ t².
void ag_plane_sums(ag_dtype type, size_t planes, size_t inner, const void *x, const void *shift, const void *y,
                   void *sums);

#endif
