#ifndef AG_POOL2D_H
#define AG_POOL2D_H
#include "ag_types.h"

// Pooling of dense planes [planes, in_h, in_w] to [planes, out_h, out_w]; float types. Pooling along one axis has
// height 1. The output's size is the caller's: with a size rounded up, the last windows hang over the padding's edge.

typedef struct {
  size_t planes, in_h, in_w, out_h, out_w;
  size_t kernel_h, kernel_w, stride_h, stride_w;
  size_t pad_top, pad_left, pad_bottom, pad_right;
  size_t dilation_h, dilation_w;  // 1 for averages
  // For maxima: window i of an axis runs from ⌊i · in / out⌋ to ⌈(i + 1) · in / out⌉; there is no kernel then.
  bool adaptive;
} ag_pool2d;

/// The largest value of each window, and where it lies in its input plane (row · in_w + column). Of equal values the
/// first counts, NaN counts as larger than all, and padding as −∞: a window of padding alone gives −∞ and index −1.
/// `indices` may be NULL.
void ag_max_pool2d(ag_dtype type, const ag_pool2d *pool, const void *x, void *y, int32_t *indices);

/// dx = 0, then dx[indices] += dy.
void ag_max_pool2d_backward(ag_dtype type, const ag_pool2d *pool, const int32_t *indices, const void *dy, void *dx);

/// The sum of each window over `divisor`; or, if that is 0, over the number of its elements, those of the padding
/// included if `count_padding` says so (but never what lies beyond the padding). A window of padding alone gives 0.
void ag_avg_pool2d(ag_dtype type, const ag_pool2d *pool, bool count_padding, double divisor, const void *x, void *y);
void ag_avg_pool2d_backward(ag_dtype type, const ag_pool2d *pool, bool count_padding, double divisor, const void *dy,
                            void *dx);

#endif
