#ifndef AG_CHANNEL_H
#define AG_CHANNEL_H
#include "ag_types.h"

// Per-channel scale and shift of a dense [outer, channels, inner]; float types.

/// y = x · scale[c] + shift[c]; either may be NULL.
void ag_channel_affine(ag_dtype type, size_t outer, size_t channels, size_t inner, const void *x, const void *scale,
                       const void *shift, void *y);

/// dx = dy · scale[c], dscale[c] = Σ dy · x, dshift[c] = Σ dy, in one pass; `scale` may be NULL.
void ag_channel_affine_backward(ag_dtype type, size_t outer, size_t channels, size_t inner, const void *x,
                                const void *scale, const void *dy, void *dx, void *dscale, void *dshift);

#endif
