#ifndef AG_DROPOUT_H
#define AG_DROPOUT_H
#include "ag_types.h"

// Dropout in one pass; float types. `mask` is bool: one byte per value, 0 or 1. `y` may be `x`, `dx` may be `dy`.

/// y = mask ? x / keep_probability : 0. The mask is what ag_random_bernoulli draws from the same seed and offset.
/// Blocks: ⌈n/4⌉.
void ag_dropout(ag_dtype type, size_t n, uint64_t seed, uint64_t offset, double keep_probability, const void *x,
                void *y, uint8_t *mask);

/// dx = mask ? dy / keep_probability : 0
void ag_dropout_backward(ag_dtype type, size_t n, double keep_probability, const uint8_t *mask, const void *dy,
                         void *dx);

#endif
