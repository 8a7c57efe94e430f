#ifndef AG_NORM_H
#define AG_NORM_H
#include "ag_types.h"

// Normalization of dense rows [rows, n]; float types. With `centred` the mean of a row is subtracted (layer norm),
// without it is not (RMS norm). `statistics` is [rows, 2]: the mean (or 0) and the variance Σ (x − mean)² / n.

/// y = (x − mean) / √(variance + epsilon) · weight + bias; `weight` and `bias` are [n] and may be NULL.
void ag_row_norm(ag_dtype type, size_t rows, size_t n, double epsilon, bool centred, const void *x, const void *weight,
                 const void *bias, void *y, void *statistics);

/// The gradients that are wanted: `dx` may be NULL, and so may `dweight` and `dbias` together.
void ag_row_norm_backward(ag_dtype type, size_t rows, size_t n, double epsilon, bool centred, const void *x,
                          const void *weight, const void *statistics, const void *dy, void *dx, void *dweight, void *dbias);

#endif
