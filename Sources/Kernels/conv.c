// Convolution: the choice of algorithm, and the gradient of the bias.
#include <string.h>

#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"
#include "winograd_kernels.h"

// The gradient of the bias

typedef struct {
  ag_dtype type;
  size_t pixels;
  const char *dy;
  double *sums;
} plane_sums;

static void sum_planes(void *context, size_t begin, size_t end) {
  const plane_sums *p = context;
  const conv_loops *loops = conv_loops_for(p->type);
  for (size_t plane = begin; plane < end; plane++)
    p->sums[plane] = loops->sum(p->pixels, p->dy + plane * p->pixels * ag_size(p->type));
}

/// Threads divide the planes in memory order, as the loops before and after do, so that most planes are in the cache
/// of the thread that reads them.
static void backward_bias(ag_dtype type, const ag_conv2d *conv, const void *dy, void *dbias) {
  const size_t channels = conv->out_channels, planes = conv->n * channels, pixels = conv->out_h * conv->out_w;
  plane_sums p = {type, pixels, dy, ag_scratch(AG_SCRATCH_CALL, planes * sizeof(double) + 1)};
  ag_parallel_for(planes, conv_grain(pixels * 4), sum_planes, &p);
  for (size_t channel = 0; channel < channels; channel++) {
    double sum = 0;
    for (size_t plane = channel; plane < planes; plane += channels) sum += p.sums[plane];
    if (type == AG_F64) ((double *)dbias)[channel] = sum;
    else ((float *)dbias)[channel] = (float)sum;
  }
}

// Choice of algorithm

static size_t count_of_x(const ag_conv2d *c) { return c->n * c->in_channels * c->in_h * c->in_w; }
static size_t count_of_y(const ag_conv2d *c) { return c->n * c->out_channels * c->out_h * c->out_w; }
static size_t count_of_w(const ag_conv2d *c) {
  return c->out_channels * (c->in_channels / c->groups) * c->kernel_h * c->kernel_w;
}

/// Whether groups have so few channels that their matrices would be too narrow.
static bool takes_planes(const ag_conv2d *conv) {
  enum { NARROW = 16 };
  if (conv->in_channels == conv->groups) return conv->out_channels <= 4 * conv->groups;
  const bool narrow = conv->in_channels <= NARROW * conv->groups && conv->out_channels <= NARROW * conv->groups;
  return conv->groups > 1 && narrow && conv->kernel_h * conv->kernel_w > 1;
}

/// Whether the kernel covers the whole image, as a 1×1 kernel covers one of one pixel: x and y are then matrices.
static bool takes_matrices(const ag_conv2d *c) {
  const bool covers = c->kernel_h == c->in_h && c->kernel_w == c->in_w && c->pad_top == 0 && c->pad_left == 0;
  return covers && c->out_h * c->out_w == 1 && c->groups == 1;
}

static size_t pixels_and_channels(const ag_conv2d *c) { return c->in_channels * c->in_h * c->in_w; }

static void matrices_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                             void *y) {
  const size_t in = pixels_and_channels(conv), out = conv->out_channels;
  const ag_epilogue end = {.bias = bias};
  conv_multiply(type, conv->n, out, in, x, in, 1, w, 1, in, y, out, false, &end);
}

static void matrices_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                              void *dx, void *dw) {
  const size_t in = pixels_and_channels(conv), out = conv->out_channels;
  if (dx) conv_multiply(type, conv->n, in, out, dy, out, 1, w, in, 1, dx, in, false, NULL);
  if (dw) conv_multiply(type, out, in, conv->n, dy, 1, out, x, in, 1, dw, in, false, NULL);
}

/// Sums of products as they stand, without the taps of the kernel that never meet the image.
static void plain_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y) {
  const conv_crop crop = conv_crop_for(conv);
  if (crop.crops) conv = &crop.conv, w = conv_crop_weight(type, &crop, w);
  if (takes_planes(conv)) conv_planes_forward(type, conv, x, w, bias, y);
  else if (takes_matrices(conv)) matrices_forward(type, conv, x, w, bias, y);
  else if (conv_takes_batches(conv)) conv_batches_forward(type, conv, x, w, bias, y);
  else conv_columns_forward(type, conv, x, w, bias, y);
}

static void plain_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy, void *dx,
                           void *dw) {
  const conv_crop crop = conv_crop_for(conv);
  void *const whole_dw = dw;
  if (crop.crops) {
    conv = &crop.conv, w = conv_crop_weight(type, &crop, dx ? w : NULL);
    if (dw) dw = conv_cropped_gradient(type, &crop);
  }
  if (takes_planes(conv)) conv_planes_backward(type, conv, x, w, dy, dx, dw);
  else if (takes_matrices(conv)) matrices_backward(type, conv, x, w, dy, dx, dw);
  else if (conv_takes_batches(conv)) conv_batches_backward(type, conv, x, w, dy, dx, dw);
  else conv_columns_backward(type, conv, x, w, dy, dx, dw);
  if (dw != whole_dw) conv_widen_gradient(type, &crop, dw, whole_dw);
}

static void forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias, void *y,
                    bool exact) {
  if (count_of_y(conv) == 0) return;
  const bool tiles = type == AG_F32 && !exact;
  if (tiles && winograd_takes(conv)) winograd_forward(conv, x, w, bias, y);
  else if (tiles && conv_takes_phases(conv)) conv_phases_forward(conv, x, w, bias, y);
  else plain_forward(type, conv, x, w, bias, y);
}

static void backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy, void *dx,
                     void *dw, void *dbias, bool exact) {
  const bool empty = count_of_y(conv) == 0 || count_of_x(conv) == 0;
  const bool winograd = type == AG_F32 && !exact && !empty && (dx || dw) && winograd_takes(conv);
  if (dbias && !winograd) backward_bias(type, conv, dy, dbias);
  if (empty) {
    if (dx) memset(dx, 0, count_of_x(conv) * ag_size(type));
    if (dw) memset(dw, 0, count_of_w(conv) * ag_size(type));
    return;
  }
  if (!dx && !dw) return;
  if (winograd) winograd_backward(conv, x, w, dy, dx, dw, dbias);
  else if (type == AG_F32 && !exact && conv_takes_phases(conv)) conv_phases_backward(conv, x, w, dy, dx, dw);
  else plain_backward(type, conv, x, w, dy, dx, dw);
}

#define CONV2D(VALUE, TYPE, NAME)                                                                                     \
  void ag_conv2d_forward_##NAME(const ag_conv2d *conv, const VALUE *x, const VALUE *w, const VALUE *bias, VALUE *y,   \
                                bool exact) {                                                                         \
    forward(TYPE, conv, x, w, bias, y, exact);                                                                        \
  }                                                                                                                   \
  void ag_conv2d_backward_##NAME(const ag_conv2d *conv, const VALUE *x, const VALUE *w, const VALUE *dy, VALUE *dx,   \
                                 VALUE *dw, VALUE *dbias, bool exact) {                                               \
    backward(TYPE, conv, x, w, dy, dx, dw, dbias, exact);                                                             \
  }

CONV2D(float, AG_F32, f32)
CONV2D(double, AG_F64, f64)
