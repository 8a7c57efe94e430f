// Convolution by Winograd's minimal filtering (see winograd_kernels.h), a block of tiles at a time: all channels of one
// operand are transformed, then, a group of channels after the other, what they are multiplied with or what comes out
// of it, so that little lies between a transform and its product.
//
// With few channels blocks are small, and each thread takes its own parts of the tiles through all steps, for what
// passes from one core to another costs more than the transforms (at 64 channels a second thread made it 1.5 times as
// fast then, 1.9 times now); it sums up its own gradients of the weights. With many channels these take more memory than
// the tiles: then blocks are large and each thread takes its own groups of channels through all steps, their weights
// included. Every sum has an order that depends on the sizes alone.
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
  size_t tiles_y[2], tiles_x[2];  // of an image: all, and the whole ones
  winograd_planes in, out;
  const float *x, *w, *bias, *dy;
  float *y, *dx, *dw;
  size_t group;        // channels that are multiplied at once
  // Parts are some rows of tiles, counted through all images, and blocks some rows of a part. Each part sums up
  // gradients of the weights and keeps rows of dx apart.
  size_t parts, part_rows, block_rows;
  winograd_points weight, weight_gradient;  // of one group; the next begins 36 points further; NULL with one part
  size_t gradient_step, apart_step;         // from part to part
  float *apart;
} winograd_work;

/// Some rows of tiles, and all channels of one operand at these.
typedef struct {
  const winograd_work *work;
  size_t part, first_row, rows[2];  // all, and the whole ones
  size_t strips;
  winograd_points wide;
} winograd_block;

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
  w.tiles_y[0] = parts_of(c->out_h, w.step), w.tiles_x[0] = parts_of(c->out_w, w.step);
  // The last tile is small if half of it would be empty.
  bool small_y = w.step == 4 && (c->out_h - 1) % 4 < 2, small_x = w.step == 4 && (c->out_w - 1) % 4 < 2;
  w.tiles_y[1] = w.tiles_y[0] - small_y, w.tiles_x[1] = w.tiles_x[0] - small_x;
  w.in = (winograd_planes){c->in_channels, c->in_h, c->in_w, c->pad_top, c->pad_left};
  w.out = (winograd_planes){c->out_channels, c->out_h, c->out_w, 0, 0};
  return w;
}

// Memory

/// Matrices of `rows` rows of `channels`, which stand for whole vectors. A little space between the points keeps them
/// out of each other's sets of the cache.
static winograd_points matrices(const winograd_work *w, float *start, size_t rows, size_t channels) {
  winograd_points points = {.start = start, .row = parts_of(channels, w->loops->lanes) * w->loops->lanes};
  points.point = rows * points.row + 16;
  return points;
}

static size_t size_of(winograd_points points) { return WINOGRAD_POINTS * points.point; }

static winograd_points moved(winograd_points points, size_t by) {
  points.start += by;
  return points;
}

static size_t tile_rows(const winograd_work *w) { return w->conv->n * w->tiles_y[0]; }

/// The rows of tiles that make a block whose wide operand takes about so many bytes.
static size_t rows_of_block(const winograd_work *w, size_t channels, size_t bytes) {
  size_t rows = bytes / sizeof(float) / (WINOGRAD_POINTS * channels) / w->tiles_x[0];
  return larger(rows, 2);  // so that of a part only its first block shares rows of dx with another part
}

// Parts of a block

static size_t whole_rows_before(const winograd_work *w, size_t row) {
  return row / w->tiles_y[0] * w->tiles_y[1] + smaller(row % w->tiles_y[0], w->tiles_y[1]);
}

static winograd_block block_at(const winograd_work *w, size_t part, size_t row, size_t end) {
  winograd_block b = {.work = w, .part = part, .first_row = row, .rows[0] = smaller(w->block_rows, end - row)};
  b.rows[1] = whole_rows_before(w, row + b.rows[0]) - whole_rows_before(w, row);
  b.strips = (row + b.rows[0] - 1) / w->tiles_y[0] - row / w->tiles_y[0] + 1;
  return b;
}

/// Each block holds at most one strip of an image.
static winograd_strip strip_of(const winograd_block *b, size_t index) {
  const winograd_work *w = b->work;
  const size_t image = b->first_row / w->tiles_y[0] + index, top = image * w->tiles_y[0];
  const size_t begin = larger(b->first_row, top), end = smaller(b->first_row + b->rows[0], top + w->tiles_y[0]);
  return (winograd_strip){
      .image = image,
      .first_row = begin - top,
      .rows = end - begin,
      .last_is_small = end == top + w->tiles_y[0] && w->tiles_y[1] < w->tiles_y[0],
      .cols = {w->tiles_x[0], w->tiles_x[1]},
      .above = {begin - b->first_row, whole_rows_before(w, begin) - whole_rows_before(w, b->first_row)},
      .apart = w->apart && begin == b->part * w->part_rows ? w->apart + b->part * w->apart_step : NULL,
  };
}

/// The channels of the operand that is transformed whole, and of that which is transformed in groups.
static size_t wide_channels(const winograd_work *w) { return w->dy ? w->conv->out_channels : w->conv->in_channels; }
static size_t narrow_channels(const winograd_work *w) { return w->dy ? w->conv->in_channels : w->conv->out_channels; }

/// A group of channels of a block.
typedef struct {
  size_t first, cols;  // its channels, in whole vectors
  winograd_points narrow, weight, weight_gradient;
  float *transform;  // room for it
} winograd_group;

static winograd_group group_of(const winograd_block *b, size_t index) {
  const winograd_work *w = b->work;
  const size_t channels = parts_of(narrow_channels(w), w->loops->lanes) * w->loops->lanes;
  winograd_group g = {.first = index * w->group, .weight = w->weight, .weight_gradient = w->weight_gradient};
  g.cols = smaller(w->group, channels - g.first);
  g.narrow = matrices(w, NULL, b->rows[0] * w->tiles_x[0], w->group);
  const size_t transform = 6 * 6 * w->tiles_x[0] * w->loops->lanes, weight = size_of(w->weight);
  const size_t own = w->parts > 1 ? 0 : (w->dw && w->dx ? 2 : 1) * weight;
  g.transform = ag_scratch(AG_SCRATCH_TASK, (transform + size_of(g.narrow) + own) * sizeof(float));
  g.narrow.start = g.transform + transform;
  if (w->parts > 1) {
    g.weight.start += index * weight;
    if (w->dw) g.weight_gradient.start += b->part * w->gradient_step + index * weight;
  } else {
    g.weight.start = g.narrow.start + size_of(g.narrow);
    g.weight_gradient.start = g.weight.start + (own - weight);
  }
  return g;
}

/// Each item is a vector of channels of one strip, of the wide operand: the input, or with dy the output's gradient.
static void transform_wide(void *context, size_t begin, size_t end) {
  const winograd_block *b = context;
  const winograd_work *w = b->work;
  float *work = group_of(b, 0).transform;
  for (size_t i = begin; i < end; i++) {
    const winograd_strip strip = strip_of(b, i % b->strips);
    const size_t channel = i / b->strips * w->loops->lanes;
    const winograd_points to = moved(b->wide, channel);
    if (w->dy) w->loops->output_gradient(w->out, &strip, channel, w->dy, to, work);
    else w->loops->input(w->in, &strip, channel, w->x, to, work);
  }
}

/// Tiles of the block that have a value at the point.
static size_t tiles_at(const winograd_block *b, size_t p) {
  return b->rows[p / 6 >= WINOGRAD_SMALL_SIDE] * b->work->tiles_x[p % 6 >= WINOGRAD_SMALL_SIDE];
}

// Weights

/// Rows of a group's weights. Forward they stand for input channels, with a column for each output channel of the
/// group, backward it is the other way round.
static void transform_weight(const winograd_work *w, size_t first, size_t begin, size_t end, winograd_points to) {
  const size_t size = w->taps * w->taps, in = w->conv->in_channels;
  const size_t row_step = w->dy ? in * size : size, column_step = w->dy ? size : in * size;
  const size_t count = smaller(narrow_channels(w) - first, w->group);
  for (size_t row = begin; row < end; row++)
    w->loops->weight(count, w->w + row * row_step + first * column_step, column_step, row_step,
                     moved(to, row * to.row));
}

/// The same rows of the gradient, of the sum of all parts.
static void transform_weight_gradient(const winograd_work *w, size_t first, size_t begin, size_t end,
                                      winograd_points from, bool add) {
  const size_t size = w->taps * w->taps, in = w->conv->in_channels;
  for (size_t row = begin; row < end; row++)
    w->loops->weight_gradient(smaller(in - first, w->group), moved(from, row * from.row), w->parts, w->gradient_step,
                              add, w->dw + (row * in + first) * size);
}

/// Each item is a row of some group.
static void transform_weights(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t i = begin; i < end; i++) {
    const size_t group = i / wide_channels(w), row = i % wide_channels(w);
    transform_weight(w, group * w->group, row, row + 1, moved(w->weight, group * size_of(w->weight)));
  }
}

static void transform_weight_gradients(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  for (size_t i = begin; i < end; i++) {
    const size_t group = i / wide_channels(w), row = i % wide_channels(w);
    transform_weight_gradient(w, group * w->group, row, row + 1,
                              moved(w->weight_gradient, group * size_of(w->weight_gradient)), false);
  }
}

// Groups

/// narrow = wide · weight at one point, where rows are tiles.
static void multiply_weight(const winograd_block *b, const winograd_group *g, size_t p) {
  ag_gemm_f32(tiles_at(b, p), g->cols, wide_channels(b->work), b->wide.start + p * b->wide.point,
              (ptrdiff_t)b->wide.row, 1, g->weight.start + p * g->weight.point, (ptrdiff_t)g->weight.row, 1,
              g->narrow.start + p * g->narrow.point, (ptrdiff_t)g->narrow.row, false, NULL);
}

/// The gradient of the weights at one point, wideᵀ · narrow.
static void multiply_tiles(const winograd_block *b, const winograd_group *g, size_t p, bool accumulate) {
  ag_gemm_f32(wide_channels(b->work), g->cols, tiles_at(b, p), b->wide.start + p * b->wide.point, 1,
              (ptrdiff_t)b->wide.row, g->narrow.start + p * g->narrow.point, (ptrdiff_t)g->narrow.row, 1,
              g->weight_gradient.start + p * g->weight_gradient.point, (ptrdiff_t)g->weight_gradient.row, accumulate,
              NULL);
}

typedef enum { INPUT, INPUT_GRADIENT, OUTPUT } narrow_transform;

static void transform_narrow(const winograd_block *b, const winograd_group *g, narrow_transform which) {
  const winograd_work *w = b->work;
  for (size_t i = 0; i < b->strips; i++) {
    const winograd_strip strip = strip_of(b, i);
    for (size_t at = 0; at < g->cols; at += w->loops->lanes) {
      const winograd_points points = moved(g->narrow, at);
      const size_t channel = g->first + at;
      if (which == INPUT) w->loops->input(w->in, &strip, channel, w->x, points, g->transform);
      if (which == INPUT_GRADIENT) w->loops->input_gradient(w->in, &strip, channel, points, w->dx, g->transform);
      if (which == OUTPUT) w->loops->output(w->out, &strip, channel, points, w->bias, w->y, g->transform);
    }
  }
}

static void forward_groups(void *context, size_t begin, size_t end) {
  const winograd_block *b = context;
  for (size_t index = begin; index < end; index++) {
    const winograd_group g = group_of(b, index);
    if (b->work->parts == 1) transform_weight(b->work, g.first, 0, wide_channels(b->work), g.weight);
    for (size_t p = 0; p < WINOGRAD_POINTS; p++) multiply_weight(b, &g, p);
    transform_narrow(b, &g, OUTPUT);
  }
}

static void backward_groups(void *context, size_t begin, size_t end) {
  const winograd_block *b = context;
  const winograd_work *w = b->work;
  const bool alone = w->parts == 1, first = b->first_row == b->part * w->part_rows;
  for (size_t index = begin; index < end; index++) {
    const winograd_group g = group_of(b, index);
    if (w->dx && alone) transform_weight(w, g.first, 0, wide_channels(w), g.weight);
    if (w->dw) transform_narrow(b, &g, INPUT);
    for (size_t p = 0; p < WINOGRAD_POINTS; p++) {
      if (w->dw) multiply_tiles(b, &g, p, !alone && !first);
      if (w->dx) multiply_weight(b, &g, p);  // in the place of what has been multiplied
    }
    if (w->dx) transform_narrow(b, &g, INPUT_GRADIENT);
    if (w->dw && alone) transform_weight_gradient(w, g.first, 0, wide_channels(w), g.weight_gradient, !first);
  }
}

/// Each part goes through its blocks. If there is but one part, its blocks' loops are shared out instead.
static void run_parts(void *context, size_t begin, size_t end) {
  const winograd_work *w = context;
  winograd_points wide = matrices(w, NULL, smaller(w->block_rows, w->part_rows) * w->tiles_x[0], wide_channels(w));
  wide.start = ag_scratch(AG_SCRATCH_PART, size_of(wide) * sizeof(float));
  for (size_t part = begin; part < end; part++) {
    const size_t end_row = smaller((part + 1) * w->part_rows, tile_rows(w));
    for (size_t row = part * w->part_rows; row < end_row; row += w->block_rows) {
      winograd_block b = block_at(w, part, row, end_row);
      b.wide = wide;
      const size_t values = b.rows[0] * w->tiles_x[0] * WINOGRAD_POINTS;
      ag_parallel_for(b.strips * parts_of(wide_channels(w), w->loops->lanes),
                      conv_grain(8 * values * w->loops->lanes / b.strips), transform_wide, &b);
      ag_parallel_for(parts_of(narrow_channels(w), w->group), conv_grain(values * w->group * wide_channels(w)),
                      w->dy ? backward_groups : forward_groups, &b);
    }
  }
}

static void run(winograd_work *w) {
  const size_t multiplications = w->conv->in_channels * w->conv->out_channels * WINOGRAD_POINTS;
  if (w->parts == 1) run_parts(w, 0, 1);
  else ag_parallel_for(w->parts, conv_grain(multiplications * w->part_rows * w->tiles_x[0]), run_parts, w);
}

/// Adds the rows of dx that parts have kept apart.
static void add_apart(const winograd_work *w) {
  const winograd_planes in = w->in;
  const size_t shared = w->taps - 1;
  for (size_t part = 1; w->apart && part < w->parts; part++) {
    const size_t row = part * w->part_rows, image = row / w->tiles_y[0], tile = row % w->tiles_y[0];
    if (tile == 0) continue;
    const float *from = w->apart + part * w->apart_step;
    for (size_t channel = 0; channel < in.channels; channel++)
      for (size_t i = 0; i < shared; i++, from += in.width) {
        const size_t y = tile * w->step + i - in.top;
        float *to = w->dx + ((image * in.channels + channel) * in.height + y) * in.width;
        for (size_t x = 0; y < in.height && x < in.width; x++) to[x] += from[x];
      }
  }
}

// Whole convolutions

enum {
  FEW_WEIGHTS = 1 << 18,  // transformed, in elements
  SMALL_BLOCK = 1 << 20,  // bytes of the wide operand: of the size of a second-level cache, and of a part of the third
  LARGE_BLOCK = 1 << 23,
};

/// Chooses groups and parts; returns how many groups there are.
static size_t divide_work(winograd_work *w) {
  const size_t few = parts_of(narrow_channels(w), 4 * w->loops->lanes);
  w->group = 4 * w->loops->lanes;
  w->weight = w->weight_gradient = matrices(w, NULL, wide_channels(w), w->group);
  w->gradient_step = few * size_of(w->weight);
  w->block_rows = rows_of_block(w, wide_channels(w), SMALL_BLOCK);
  // Forward a part is a block, and four times as many serve two and four threads alike.
  const size_t parts = w->dy ? 8 : parts_of(parts_of(tile_rows(w), w->block_rows), 4) * 4;
  w->part_rows = larger(parts_of(tile_rows(w), parts), 2);
  w->parts = parts_of(tile_rows(w), w->part_rows);
  if (w->gradient_step <= FEW_WEIGHTS && w->parts >= 4) return few;
  w->parts = 1, w->part_rows = tile_rows(w);
  w->block_rows = rows_of_block(w, wide_channels(w), LARGE_BLOCK);
  w->group = 2 * w->loops->lanes;
  w->weight = w->weight_gradient = matrices(w, NULL, wide_channels(w), w->group);
  return parts_of(narrow_channels(w), w->group);
}

void winograd_forward(const ag_conv2d *conv, const float *x, const float *weight, const float *bias, float *y) {
  winograd_work w = work_for(conv);
  w.x = x, w.w = weight, w.bias = bias, w.y = y;
  const size_t groups = divide_work(&w);
  if (w.parts > 1) {
    w.weight.start = ag_scratch(AG_SCRATCH_CALL, w.gradient_step * sizeof(float));
    ag_parallel_for(groups * conv->in_channels, conv_grain(w.group * 512), transform_weights, &w);
  }
  run(&w);
}

void winograd_backward(const ag_conv2d *conv, const float *x, const float *weight, const float *dy, float *dx,
                       float *dw) {
  winograd_work w = work_for(conv);
  w.x = x, w.w = weight, w.dy = dy, w.dx = dx, w.dw = dw;
  const size_t rows = divide_work(&w) * conv->out_channels;
  const bool alone = w.parts == 1;
  if (!alone) {
    w.apart_step = dx ? conv->in_channels * (w.taps - 1) * conv->in_w : 0;
    const size_t weights = dx ? w.gradient_step : 0, gradients = dw ? w.parts * w.gradient_step : 0;
    float *at = ag_scratch(AG_SCRATCH_CALL, (weights + gradients + w.parts * w.apart_step) * sizeof(float));
    w.weight.start = at;
    w.weight_gradient.start = at + weights;
    if (dx) w.apart = at + weights + gradients;
  }
  if (dx && !alone) ag_parallel_for(rows, conv_grain(w.group * 512), transform_weights, &w);
  run(&w);
  if (dx) add_apart(&w);
  if (dw && !alone) ag_parallel_for(rows, conv_grain(w.group * 512), transform_weight_gradients, &w);
}
