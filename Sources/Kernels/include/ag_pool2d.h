#ifndef AG_POOL2D_H
#define AG_POOL2D_H
#include "ag_types.h"

// Pooling of dense planes [planes, in_h, in_w] to [planes, out_h, out_w]; float types. Pooling along one axis has
// height 1. The caller chooses the output's size: if it is rounded up, the last windows extend beyond the padding.

typedef struct {
  size_t planes, in_h, in_w, out_h, out_w;
  size_t kernel_h, kernel_w, stride_h, stride_w;
  size_t pad_top, pad_left, pad_bottom, pad_right;
  size_t dilation_h, dilation_w;  // 1 for averages
  // For maxima: window i of an axis runs from ⌊i · in / out⌋ to ⌈(i + 1) · in / out⌉, and the
  // kernel's sizes are not used.
  bool adaptive;
} ag_pool2d;

/// The largest value of each window, and its index in its input plane (row · in_w + column). Among equal
/// values the first counts; NaN counts as the largest, and padding as −∞: a window of padding alone gives −∞
/// and index −1. `indices` may be NULL.
void ag_max_pool2d(ag_dtype type, const ag_pool2d *pool, const void *x, void *y, int32_t *indices);

/// dx = 0, then dx[indices] += dy.
void ag_max_pool2d_backward(ag_dtype type, const ag_pool2d *pool, const int32_t *indices, const void *dy, void *dx);

/// The sum of each window divided by `divisor` or, if that is 0, by the number of its elements, including those in the
/// padding if `count_padding` (but never those beyond the padding). A window of padding alone gives 0.
void ag_avg_pool2d(ag_dtype type, const ag_pool2d *pool, bool count_padding, double divisor, const void *x, void *y);
void ag_avg_pool2d_backward(ag_dtype type, const ag_pool2d *pool, bool count_padding, double divisor, const void *dy,
                            void *dx);

#endif
