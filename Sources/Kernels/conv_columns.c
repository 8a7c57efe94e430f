// The general convolution, by im2col: a matrix product with the columns of the image, which are gathered for one block
// of outputs at a time and never exist in memory as a whole. The gradient of x scatters columns back to the image
// (col2im); that of w multiplies the gradient of y by columns. For a 1×1 kernel without stride or padding the image
// itself is the matrix of columns.
#include <string.h>

#include "ag_elementwise.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

typedef struct {
  ag_dtype type;
  size_t bytes;  // of one value
  const conv_loops *loops;
  conv_frame frame;
  bool pointwise;  // the image is its own matrix of columns
  size_t group_in, group_out, taps, pixels;  // `taps`: rows of the columns
  size_t block, stride;                      // outputs of one block, and elements from row to row of its columns
  size_t images_per_part;
  const char *x, *w, *bias, *dy;
  char *y, *dx, *parts;
} columns_work;

enum {
  DEPTH = 512,            // rows of columns that are gathered for one product of the forward pass
  BLOCK_STEP = 32,        // blocks are multiples of it
  BLOCK_BYTES = 1 << 19,  // leaves half of the second-level cache to the image
};

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/// At most `most_rows` rows of the columns are in memory at once.
static columns_work work_for(ag_dtype type, const ag_conv2d *conv, size_t *tap_at, size_t most_rows) {
  columns_work w = {
      .type = type,
      .bytes = ag_size(type),
      .loops = conv_loops_for(type),
      .frame = conv_frame_for(conv, tap_at),
      .pointwise = conv_is_pointwise(conv),
      .group_in = conv->in_channels / conv->groups,
      .group_out = conv->out_channels / conv->groups,
      .pixels = conv->out_h * conv->out_w,
  };
  w.taps = w.group_in * w.frame.taps;
  const size_t rows = w.pointwise ? larger(w.taps, w.group_out) : ag_min(w.taps, most_rows);
  w.block = BLOCK_BYTES / w.bytes / (rows + 1) / BLOCK_STEP * BLOCK_STEP;
  if (w.block < BLOCK_STEP) w.block = BLOCK_STEP;
  if (w.block > 1024) w.block = 1024;
  if (w.block > w.pixels) w.block = (w.pixels + BLOCK_STEP - 1) / BLOCK_STEP * BLOCK_STEP;
  // CONV_SLACK adds a cache line of floats: with an odd number of lines, rows fall into different cache sets.
  w.stride = w.block + CONV_SLACK;
  return w;
}

// Columns of one group of an image

/// Where frames and columns are kept, unless the image is its own matrix of columns.
typedef struct {
  char *x, *dx;   // frames
  char *columns;  // of one block
} working_memory;

typedef struct {
  char *start;
  size_t row;
} columns_matrix;

static working_memory memory_for(const columns_work *w, size_t rows) {
  if (w->pointwise) return (working_memory){NULL, NULL, NULL};
  const size_t frame_bytes = conv_frame_bytes(&w->frame, w->group_in, w->type);
  char *x = ag_scratch(AG_SCRATCH_TASK, 2 * frame_bytes + (rows * w->stride + CONV_SLACK) * w->bytes);
  memset(x, 0, frame_bytes);  // only once: every image is copied to the same place in it
  return (working_memory){x, x + frame_bytes, x + 2 * frame_bytes};
}

static void enter(const columns_work *w, const char *x, working_memory m) {
  if (!w->pointwise) w->loops->enter(&w->frame, w->group_in, x, m.x);
}

/// The rows at..<end of the columns of x, after `enter`, for the outputs pixel..<pixel + count.
static columns_matrix columns_of(const columns_work *w, const char *x, working_memory m, size_t at, size_t end,
                                 size_t pixel, size_t count) {
  if (w->pointwise) return (columns_matrix){(char *)x + (at * w->pixels + pixel) * w->bytes, w->pixels};
  w->loops->gather(&w->frame, at, end, pixel, count, m.x, m.columns, w->stride);
  return (columns_matrix){m.columns, w->stride};
}

// Forward

static void forward_group(const columns_work *w, size_t image, size_t group, working_memory memory) {
  const ag_conv2d *conv = &w->frame.conv;
  const size_t out = image * conv->out_channels + group * w->group_out;
  const char *x = w->x + (image * conv->in_channels + group * w->group_in) * conv->in_h * conv->in_w * w->bytes;
  const char *weight = w->w + group * w->group_out * w->taps * w->bytes;
  const char *bias = w->bias ? w->bias + group * w->group_out * w->bytes : NULL;
  enter(w, x, memory);
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block) {
    size_t count = ag_min(w->pixels - pixel, w->block), at = 0;
    do {  // once even if there are no input channels
      const size_t end = ag_min(at + DEPTH, w->taps);
      const columns_matrix columns = columns_of(w, x, memory, at, end, pixel, count);
      const ag_epilogue last = {.row_bias = end == w->taps ? bias : NULL};
      conv_multiply(w->type, w->group_out, count, end - at, weight + at * w->bytes, w->taps, 1, columns.start,
                    columns.row, 1, w->y + (out * w->pixels + pixel) * w->bytes, w->pixels, at > 0, &last);
      at = end;
    } while (at < w->taps);
  }
}

static void forward_groups(void *context, size_t begin, size_t end) {
  const columns_work *w = context;
  const size_t groups = w->frame.conv.groups;
  const working_memory memory = memory_for(w, ag_min(w->taps, DEPTH));
  for (size_t i = begin; i < end; i++) forward_group(w, i / groups, i % groups, memory);
}

void conv_columns_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y) {
  size_t *tap_at = ag_scratch(AG_SCRATCH_CALL, conv->kernel_h * conv->kernel_w * sizeof(size_t));
  columns_work work = work_for(type, conv, tap_at, DEPTH);
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  size_t multiplications = work.group_out * work.taps * work.pixels;
  ag_parallel_for(conv->n * conv->groups, conv_grain(multiplications), forward_groups, &work);
}

// Backward

/// While it is summed, dw is [taps, group_out] or, if there are fewer taps, the transpose: a product has to transpose
/// its right operand, so that should be the smaller one.
static bool taps_first(const columns_work *w) { return w->taps >= w->group_out; }

static void add_weight_gradient(const columns_work *w, columns_matrix columns, const char *dy, size_t count, char *dw) {
  if (taps_first(w))
    conv_multiply(w->type, w->taps, w->group_out, count, columns.start, columns.row, 1, dy, 1, w->pixels, dw,
                  w->group_out, true, NULL);
  else
    conv_multiply(w->type, w->group_out, w->taps, count, dy, w->pixels, 1, columns.start, 1, columns.row, dw, w->taps,
                  true, NULL);
}

/// The gradient of a block's columns, in dx itself or added to its frames.
static void put_columns_gradient(const columns_work *w, const char *weight, const char *dy, size_t pixel, size_t count,
                                 working_memory memory, char *dx) {
  const columns_matrix columns = w->pointwise ? (columns_matrix){dx + pixel * w->bytes, w->pixels}
                                              : (columns_matrix){memory.columns, w->stride};
  conv_multiply(w->type, w->taps, count, w->group_out, weight, 1, w->taps, dy, w->pixels, 1, columns.start, columns.row,
                false, NULL);
  if (!w->pointwise) w->loops->scatter(&w->frame, w->taps, pixel, count, columns.start, columns.row, memory.dx);
}

/// The backward pass of one group of one image; adds to `dw`.
static void backward_group(const columns_work *w, size_t image, size_t group, working_memory memory, char *dw) {
  const ag_conv2d *conv = &w->frame.conv;
  const size_t in = (image * conv->in_channels + group * w->group_in) * conv->in_h * conv->in_w * w->bytes;
  const char *dy = w->dy + (image * conv->out_channels + group * w->group_out) * w->pixels * w->bytes;
  if (dw) enter(w, w->x + in, memory);
  if (w->dx && !w->pointwise) memset(memory.dx, 0, conv_frame_bytes(&w->frame, w->group_in, w->type));
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block, dy += w->block * w->bytes) {
    const size_t count = ag_min(w->pixels - pixel, w->block);
    if (dw) add_weight_gradient(w, columns_of(w, w->x + in, memory, 0, w->taps, pixel, count), dy, count, dw);
    if (w->dx)
      put_columns_gradient(w, w->w + group * w->group_out * w->taps * w->bytes, dy, pixel, count, memory, w->dx + in);
  }
  if (w->dx && !w->pointwise) w->loops->leave(&w->frame, w->group_in, memory.dx, w->dx + in);
}

/// Each part is a range of images of one group, with a dw of its own; `finish_weight` adds these up.
static void backward_parts(void *context, size_t begin, size_t end) {
  const columns_work *w = context;
  const ag_conv2d *conv = &w->frame.conv;
  const size_t dw_bytes = w->taps * w->group_out * w->bytes;
  const working_memory memory = memory_for(w, w->taps);
  for (size_t i = begin; i < end; i++) {
    char *dw = w->parts ? w->parts + i * dw_bytes : NULL;
    if (dw) memset(dw, 0, dw_bytes);
    size_t image = i / conv->groups * w->images_per_part, last = ag_min(image + w->images_per_part, conv->n);
    for (; image < last; image++) backward_group(w, image, i % conv->groups, memory, dw);
  }
}

/// Adds up the parts, [parts, groups, taps, group_out], and transposes each group to
/// [group_out, taps] if it is not yet so.
static void finish_weight(const columns_work *w, size_t parts, char *dw) {
  const size_t groups = w->frame.conv.groups, count = w->taps * w->group_out;
  const bool turned = taps_first(w);
  for (size_t part = 1; part < parts; part++)
    ag_accumulate(w->type, groups * count, 1, w->parts + part * groups * count * w->bytes, w->parts);
  for (size_t group = 0; group < groups; group++)
    ag_copy(w->type, w->group_out, w->taps, w->parts + group * count * w->bytes, turned ? 1 : (ptrdiff_t)w->taps,
            turned ? (ptrdiff_t)w->group_out : 1, dw + group * count * w->bytes, (ptrdiff_t)w->taps, 1);
}

void conv_columns_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                           void *dx, void *dw) {
  const size_t bytes = conv->out_channels * (conv->in_channels / conv->groups) * conv->kernel_h * conv->kernel_w *
                       ag_size(type);
  const size_t table_bytes = (conv->kernel_h * conv->kernel_w * sizeof(size_t) + 63) / 64 * 64;
  size_t parts = dw ? conv_parts(conv, bytes) : conv->n;
  char *shared = ag_scratch(AG_SCRATCH_CALL, table_bytes + (dw ? parts * bytes : 0));
  columns_work work = work_for(type, conv, (size_t *)shared, SIZE_MAX);
  work.x = x, work.w = w, work.dy = dy, work.dx = dx;
  work.images_per_part = (conv->n + parts - 1) / parts;
  parts = (conv->n + work.images_per_part - 1) / work.images_per_part;
  if (dw) work.parts = shared + table_bytes;
  size_t multiplications = work.group_out * work.taps * work.pixels * work.images_per_part;
  ag_parallel_for(parts * conv->groups, conv_grain(multiplications), backward_parts, &work);
  if (dw) finish_weight(&work, parts, dw);
}
