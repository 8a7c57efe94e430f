// Convolution by Winograd's minimal filtering (see winograd_kernels.h), a block of tiles at a time: transform, multiply
// at each of the 36 points, transform back. Blocks follow one another; within a block threads share the channels of
// the transforms and the points of the products, so every sum has an order that depends on the sizes alone.
#include "winograd_kernels.h"

#include <string.h>

#include "ag_gemm.h"
#include "ag_level.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

typedef struct {
  const winograd_loops *loops;
  const ag_conv2d *conv;
  size_t step, taps;
  size_t tiles_y, tiles_x;
  winograd_planes in, out;
  const float *x, *w, *bias, *dy;
  float *y, *dx, *dw;
  winograd_points input, output;            // of the block
  winograd_points weight, weight_gradient;  // of all weights
  // The block: some rows of tiles, counted through all images.
  size_t first_row, rows, strips;
} winograd_work;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }
static size_t parts_of(size_t n, size_t size) { return (n + size - 1) / size; }

bool winograd_takes(const ag_conv2d *c) {
  bool filter = c->kernel_h == c->kernel_w && (c->kernel_h == 3 || c->kernel_h == 5);
  bool dense = c->stride_h == 1 && c->stride_w == 1 && c->dilation_h == 1 && c->dilation_w == 1 && c->groups == 1;
  // Every input must lie under some tile: its gradient is written there.
  bool covered = c->pad_top + c->in_h < c->out_h + c->kernel_h && c->pad_left + c->in_w < c->out_w + c->kernel_w;
  bool wide = c->in_channels >= 16 && c->out_channels >= 16;
  bool large = c->out_h >= 4 && c->out_w >= 4 && c->in_h > 0 && c->in_w > 0;
  return filter && dense && covered && wide && large;
}

static const winograd_loops *loops_for(size_t taps) {
  const winograd_loops *loops = winograd_baseline;
#if defined(__x86_64__)
  ag_level level = ag_current_level();
  if (level == AG_LEVEL_AVX512) loops = winograd_avx512;
  if (level == AG_LEVEL_AVX2) loops = winograd_avx2;
#endif
  return &loops[taps == 5];
}

static winograd_work work_for(const ag_conv2d *c) {
  winograd_work w = {.loops = loops_for(c->kernel_h), .conv = c, .taps = c->kernel_h};
  w.step = WINOGRAD_SIDE + 1 - w.taps;
  w.tiles_y = parts_of(c->out_h, w.step);
  w.tiles_x = parts_of(c->out_w, w.step);
  w.in = (winograd_planes){c->in_channels, c->in_h, c->in_w, c->pad_top, c->pad_left};
  w.out = (winograd_planes){c->out_channels, c->out_h, c->out_w, 0, 0};
  return w;
}

// Memory

/// Matrices of `rows` rows of `channels` at `*at`, which moves on behind them; only their sizes if that is NULL. A
/// little space between the points keeps them out of each other's sets of the cache.
static winograd_points place(const winograd_work *w, float **at, size_t rows, size_t channels) {
  winograd_points points = {.start = *at, .row = parts_of(channels, w->loops->lanes) * w->loops->lanes};
  points.point = rows * points.row + 16;
  if (*at) *at += WINOGRAD_POINTS * points.point;
  return points;
}

static size_t size_of(winograd_points points) { return WINOGRAD_POINTS * points.point; }

/// The rows of tiles that make a block of about so many tiles.
static size_t rows_of_block(const winograd_work *w, size_t tiles) {
  return smaller(larger(tiles / w->tiles_x, 1), w->conv->n * w->tiles_y);
}

/// Tiles of a block, whole tiles of a product, so that the block stays in the second-level cache if there are not too
/// many channels.
static size_t forward_tiles(const ag_conv2d *c) {
  enum { STEP = 28, VALUES = 1 << 18 };
  size_t steps = VALUES / WINOGRAD_POINTS / (c->in_channels + c->out_channels) / STEP;
  return STEP * smaller(larger(steps, 1), 4);
}

/// For each block all gradients of the weights are read and written: with many channels blocks must be larger.
static size_t backward_tiles(const ag_conv2d *c) { return larger(56, (c->in_channels + c->out_channels) / 4); }

// Parts of a block

/// Each block holds at most one strip of an image.
static winograd_strip strip_of(const winograd_work *w, size_t index) {
  size_t image = w->first_row / w->tiles_y + index;
  size_t begin = larger(w->first_row, image * w->tiles_y), end = (image + 1) * w->tiles_y;
  return (winograd_strip){
      .image = image,
      .first_row = begin - image * w->tiles_y,
      .rows = smaller(end, w->first_row + w->rows) - begin,
      .cols = w->tiles_x,
      .tile = (begin - w->first_row) * w->tiles_x,
  };
}

/// Room for a transform: 12 rows of the wider planes, with some columns more.
static float *transform_work(const winograd_work *w) {
  size_t cols = w->tiles_x * w->step + WINOGRAD_SIDE + w->loops->lanes;
  return ag_scratch(AG_SCRATCH_TASK, 12 * cols * w->loops->lanes * sizeof(float));
}

static const float *end_of(const float *start, const ag_conv2d *c, winograd_planes planes) {
  return start + c->n * planes.channels * planes.height * planes.width;
}

static void transform_input(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t i = begin; i < end; i++)
    w->loops->input(w->in, strip_of(w, i % w->strips), i / w->strips * w->loops->lanes, w->x,
                    end_of(w->x, w->conv, w->in), w->input, transform_work(w));
}

static void transform_input_gradient(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t i = begin; i < end; i++)
    w->loops->input_gradient(w->in, strip_of(w, i % w->strips), i / w->strips * w->loops->lanes, w->input, w->dx,
                             transform_work(w));
}

static void transform_output(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t i = begin; i < end; i++)
    w->loops->output(w->out, strip_of(w, i % w->strips), i / w->strips * w->loops->lanes, w->output, w->bias, w->y,
                     transform_work(w));
}

static void transform_output_gradient(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t i = begin; i < end; i++)
    w->loops->output_gradient(w->out, strip_of(w, i % w->strips), i / w->strips * w->loops->lanes, w->dy,
                              end_of(w->dy, w->conv, w->out), w->output, transform_work(w));
}

static void for_strips(winograd_work *w, size_t channels, ag_task body) {
  size_t values = w->rows * w->tiles_x * WINOGRAD_POINTS * w->loops->lanes / w->strips;
  ag_parallel_for(w->strips * parts_of(channels, w->loops->lanes), conv_grain(8 * values), body, w);
}

/// C = A · weight at one point, where rows of A and C are tiles and `k` and `cols` their channels.
static void multiply_weight(const winograd_work *w, size_t p, winograd_points a, size_t k, winograd_points c,
                            size_t cols) {
  ag_gemm_f32(w->rows * w->tiles_x, cols, k, a.start + p * a.point, (ptrdiff_t)a.row, 1,
              w->weight.start + p * w->weight.point, (ptrdiff_t)w->weight.row, 1, c.start + p * c.point,
              (ptrdiff_t)c.row, false, NULL);
}

static void multiply_forward(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t p = begin; p < end; p++)
    multiply_weight(w, p, w->input, w->conv->in_channels, w->output, w->conv->out_channels);
}

/// The gradient of the weights at one point, and then that of the input in the place of the input.
static void multiply_backward(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  const size_t in = w->conv->in_channels, out = w->conv->out_channels;
  for (size_t p = begin; p < end; p++) {
    if (w->dw)
      ag_gemm_f32(out, in, w->rows * w->tiles_x, w->output.start + p * w->output.point, 1, (ptrdiff_t)w->output.row,
                  w->input.start + p * w->input.point, (ptrdiff_t)w->input.row, 1,
                  w->weight_gradient.start + p * w->weight_gradient.point, (ptrdiff_t)w->weight_gradient.row,
                  w->first_row > 0, NULL);
    if (w->dx) multiply_weight(w, p, w->output, out, w->input, in);
  }
}

static void for_points(winograd_work *w, ag_task body) {
  size_t multiplications = w->rows * w->tiles_x * w->conv->in_channels * w->conv->out_channels;
  ag_parallel_for(WINOGRAD_POINTS, conv_grain(multiplications), body, w);
}

static void next_block(winograd_work *w, size_t first_row, size_t most_rows) {
  w->first_row = first_row;
  w->rows = smaller(most_rows, w->conv->n * w->tiles_y - first_row);
  w->strips = (first_row + w->rows - 1) / w->tiles_y - first_row / w->tiles_y + 1;
}

// Weights

/// Each item is one input channel, a row of matrices with a column for each output channel.
static void transform_weight(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  const size_t size = w->taps * w->taps, in = w->conv->in_channels, out = w->conv->out_channels;
  for (size_t c = begin; c < end; c++) {
    winograd_points row = w->weight;
    row.start += c * row.row;
    w->loops->weight(out, w->w + c * size, in * size, w->w + in * out * size, row);
  }
}

/// Each item is one output channel, a row of matrices with a column for each input channel.
static void transform_weight_turned(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  const size_t size = w->taps * w->taps, in = w->conv->in_channels, out = w->conv->out_channels;
  for (size_t o = begin; o < end; o++) {
    winograd_points row = w->weight;
    row.start += o * row.row;
    w->loops->weight(in, w->w + o * in * size, size, w->w + in * out * size, row);
  }
}

static void transform_weight_gradient(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  const size_t in = w->conv->in_channels;
  for (size_t o = begin; o < end; o++) {
    winograd_points row = w->weight_gradient;
    row.start += o * row.row;
    w->loops->weight_gradient(in, row, w->dw + o * in * w->taps * w->taps);
  }
}

// Whole convolutions

void winograd_forward(const ag_conv2d *conv, const float *x, const float *weight, const float *bias, float *y) {
  winograd_work w = work_for(conv);
  w.x = x, w.w = weight, w.bias = bias, w.y = y;
  const size_t in = conv->in_channels, out = conv->out_channels;
  const size_t block = rows_of_block(&w, forward_tiles(conv)), tiles = block * w.tiles_x;
  float *none = NULL;
  size_t size = size_of(place(&w, &none, in, out)) + size_of(place(&w, &none, tiles, in)) +
                size_of(place(&w, &none, tiles, out));
  float *at = ag_scratch(AG_SCRATCH_CALL, size * sizeof(float));
  w.weight = place(&w, &at, in, out);
  w.input = place(&w, &at, tiles, in);
  w.output = place(&w, &at, tiles, out);
  ag_parallel_for(in, conv_grain(out * 512), transform_weight, &w);
  for (size_t row = 0; row < conv->n * w.tiles_y; row += block) {
    next_block(&w, row, block);
    for_strips(&w, in, transform_input);
    for_points(&w, multiply_forward);
    for_strips(&w, out, transform_output);
  }
}

void winograd_backward(const ag_conv2d *conv, const float *x, const float *weight, const float *dy, float *dx,
                       float *dw) {
  winograd_work w = work_for(conv);
  w.x = x, w.w = weight, w.dy = dy, w.dx = dx, w.dw = dw;
  const size_t in = conv->in_channels, out = conv->out_channels;
  const size_t block = rows_of_block(&w, backward_tiles(conv)), tiles = block * w.tiles_x;
  float *none = NULL;
  size_t of_weights = size_of(place(&w, &none, out, in));
  size_t size = (dx ? of_weights : 0) + (dw ? of_weights : 0) + size_of(place(&w, &none, tiles, in)) +
                size_of(place(&w, &none, tiles, out));
  float *at = ag_scratch(AG_SCRATCH_CALL, size * sizeof(float));
  if (dx) w.weight = place(&w, &at, out, in);
  if (dw) w.weight_gradient = place(&w, &at, out, in);
  w.input = place(&w, &at, tiles, in);
  w.output = place(&w, &at, tiles, out);
  if (dx) ag_parallel_for(out, conv_grain(in * 512), transform_weight_turned, &w);
  for (size_t row = 0; row < conv->n * w.tiles_y; row += block) {
    next_block(&w, row, block);
    if (dw) for_strips(&w, in, transform_input);
    for_strips(&w, out, transform_output_gradient);
    for_points(&w, multiply_backward);
    if (dx) for_strips(&w, in, transform_input_gradient);
  }
  if (dw) ag_parallel_for(out, conv_grain(in * 512), transform_weight_gradient, &w);
}
