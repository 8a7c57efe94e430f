#ifndef AG_CONV_H
#define AG_CONV_H
#include "ag_types.h"

// Convolution of images [n, in_channels, in_h, in_w] with weights [out_channels, in_channels / groups, kernel_h,
// kernel_w], both dense, to [n, out_channels, out_h, out_w]:
//   y[i, o, r, c] = bias[o] + Σ x[i, k, r·stride_h + h·dilation_h − pad_top, c·stride_w + v·dilation_w − pad_left] ·
//                               w[o, k, h, v]
// over the channels k of the group of o and over h and v, where x is 0 outside the image. That is a
// cross-correlation: the kernel is not flipped. `out_h` and `out_w` imply the padding at the bottom and on the right.
// A convolution along one axis has height 1.

typedef struct {
  size_t n, groups;
  size_t in_channels, in_h, in_w;
  size_t out_channels, out_h, out_w;
  size_t kernel_h, kernel_w;
  size_t stride_h, stride_w;
  size_t pad_top, pad_left;
  size_t dilation_h, dilation_w;
} ag_conv2d;

// `exact` asks for plain sums of products. Without it, float convolutions of 2×2, 3×3 or 5×5 with stride and dilation 1 and
// at least 16 input and 16 output channels per group, and of 4×4 with stride 2, at least 4 and 16 channels and 8 tiles of
// 4×4 outputs, multiply transformed tiles (Winograd): 2.6 to 6 times fewer multiplications. The root mean square of the
// error is then at most 5e-6 of the result's (measured: 0.3e-6 to 3.7e-6, against 0.2e-6 to 0.4e-6 for plain sums), and an
// infinity or NaN spreads to its whole tile of up to 8×8 values. Doubles are always exact. Results do not depend on the
// number of threads.

/// `bias` may be NULL.
void ag_conv2d_forward_f32(const ag_conv2d *conv, const float *x, const float *w, const float *bias, float *y,
                           bool exact);
void ag_conv2d_forward_f64(const ag_conv2d *conv, const double *x, const double *w, const double *bias, double *y,
                           bool exact);

/// The gradients that are wanted: `dx`, `dw` and `dbias` may be NULL. `x` is read for dw only, `w` for dx only.
/// Together they cost less than one by one. The gradient of the input alone is a transposed convolution of `dy`.
void ag_conv2d_backward_f32(const ag_conv2d *conv, const float *x, const float *w, const float *dy, float *dx,
                            float *dw, float *dbias, bool exact);
void ag_conv2d_backward_f64(const ag_conv2d *conv, const double *x, const double *w, const double *dy, double *dx,
                            double *dw, double *dbias, bool exact);

#endif
