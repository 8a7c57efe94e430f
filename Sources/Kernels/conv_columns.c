// The general way to a convolution: a matrix product with the columns of the image, which are gathered for a block of
// outputs at a time and never stand in memory as a whole. The gradient of x scatters columns back to the image; that
// of w multiplies the gradient of y with columns.
#include <string.h>

#include "ag_elementwise.h"
#include "ag_gemm.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

typedef struct {
  ag_dtype type;
  size_t bytes;  // of one value
  const conv_loops *loops;
  conv_frame frame;
  size_t group_in, group_out, taps, pixels;  // `taps`: rows of the columns
  size_t block, stride;                      // outputs of one block, and elements from row to row of its columns
  size_t images_per_part;
  const char *x, *w, *bias, *dy;
  char *y, *dx, *parts;
} columns_work;

enum { DEPTH = 512, BLOCK_STEP = 32 };  // rows that one product takes at most; blocks are multiples of BLOCK_STEP

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static columns_work work_for(ag_dtype type, const ag_conv2d *conv, size_t *tap_at, size_t block_bytes,
                             size_t most_rows) {
  columns_work w = {
      .type = type,
      .bytes = conv_value_bytes(type),
      .loops = conv_loops_for(type),
      .frame = conv_frame_for(conv, tap_at),
      .group_in = conv->in_channels / conv->groups,
      .group_out = conv->out_channels / conv->groups,
      .pixels = conv->out_h * conv->out_w,
  };
  w.taps = w.group_in * w.frame.taps;
  w.block = block_bytes / w.bytes / (smaller(w.taps, most_rows) + 1) / BLOCK_STEP * BLOCK_STEP;
  if (w.block < BLOCK_STEP) w.block = BLOCK_STEP;
  if (w.block > 1024) w.block = 1024;
  if (w.block > w.pixels) w.block = (w.pixels + BLOCK_STEP - 1) / BLOCK_STEP * BLOCK_STEP;
  // An odd number of cache lines, so that rows fall into different sets of the cache.
  w.stride = w.block + CONV_SLACK;
  return w;
}

/// C = A · B or C += A · B for either type; c_row is the length of a row of C.
static void multiply(const columns_work *w, size_t m, size_t n, size_t k, const void *a, size_t a_row, size_t a_col,
                     const void *b, size_t b_row, size_t b_col, void *c, size_t c_row, bool accumulate) {
  if (w->type == AG_F64)
    ag_gemm_f64(m, n, k, a, (ptrdiff_t)a_row, (ptrdiff_t)a_col, b, (ptrdiff_t)b_row, (ptrdiff_t)b_col, c,
                (ptrdiff_t)c_row, accumulate, NULL);
  else
    ag_gemm_f32(m, n, k, a, (ptrdiff_t)a_row, (ptrdiff_t)a_col, b, (ptrdiff_t)b_row, (ptrdiff_t)b_col, c,
                (ptrdiff_t)c_row, accumulate, NULL);
}

/// Whether the image is its own matrix of columns.
static bool is_pointwise(const ag_conv2d *c) {
  return c->kernel_h == 1 && c->kernel_w == 1 && c->stride_h == 1 && c->stride_w == 1 && c->pad_top == 0 &&
         c->pad_left == 0 && c->in_h == c->out_h && c->in_w == c->out_w;
}

// Forward

/// One group of one image.
static void forward_group(const columns_work *w, size_t image, size_t group) {
  const ag_conv2d *conv = &w->frame.conv;
  const size_t out = image * conv->out_channels + group * w->group_out;
  const char *x = w->x + (image * conv->in_channels + group * w->group_in) * conv->in_h * conv->in_w * w->bytes;
  const char *weight = w->w + group * w->group_out * w->taps * w->bytes;
  char *y = w->y + out * w->pixels * w->bytes;
  if (w->bias)
    for (size_t o = 0; o < w->group_out; o++)
      w->loops->fill(w->pixels, w->bias + (group * w->group_out + o) * w->bytes, y + o * w->pixels * w->bytes);
  if (is_pointwise(conv)) {
    multiply(w, w->group_out, w->pixels, w->taps, weight, w->taps, 1, x, w->pixels, 1, y, w->pixels, w->bias);
    return;
  }
  size_t frame_bytes = conv_frame_bytes(&w->frame, w->group_in, w->type);
  size_t column_bytes = (smaller(w->taps, DEPTH) * w->stride + CONV_SLACK) * w->bytes;
  char *frames = ag_scratch(AG_SCRATCH_TASK, frame_bytes + column_bytes);
  char *columns = frames + frame_bytes;
  memset(frames, 0, frame_bytes);
  w->loops->enter(&w->frame, w->group_in, x, frames);
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block) {
    size_t count = smaller(w->pixels - pixel, w->block), at = 0;
    do {  // once even if there are no input channels
      size_t end = smaller(at + DEPTH, w->taps);
      w->loops->gather(&w->frame, at, end, pixel, count, frames, columns, w->stride);
      multiply(w, w->group_out, count, end - at, weight + at * w->bytes, w->taps, 1, columns, w->stride, 1,
               y + pixel * w->bytes, w->pixels, w->bias || at > 0);
      at = end;
    } while (at < w->taps);
  }
}

static void forward_groups(void *context, size_t begin, size_t end) {
  const columns_work *w = context;
  size_t groups = w->frame.conv.groups;
  for (size_t i = begin; i < end; i++) forward_group(w, i / groups, i % groups);
}

void conv_columns_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y) {
  enum { BLOCK_BYTES = 1 << 16 };  // small enough to be multiplied in place
  size_t *tap_at = ag_scratch(AG_SCRATCH_CALL, conv->kernel_h * conv->kernel_w * sizeof(size_t));
  columns_work work = work_for(type, conv, tap_at, BLOCK_BYTES, DEPTH);
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  size_t multiplications = work.group_out * work.taps * work.pixels;
  ag_parallel_for(conv->n * conv->groups, conv_grain(multiplications), forward_groups, &work);
}

// Backward

/// One group of one image; adds to `dw`, which is [taps, group_out].
static void backward_group(const columns_work *w, size_t image, size_t group, char *dw) {
  const ag_conv2d *conv = &w->frame.conv;
  const size_t in = (image * conv->in_channels + group * w->group_in) * conv->in_h * conv->in_w * w->bytes;
  const char *weight = w->dx ? w->w + group * w->group_out * w->taps * w->bytes : NULL;
  const char *dy = w->dy + (image * conv->out_channels + group * w->group_out) * w->pixels * w->bytes;
  size_t frame_bytes = conv_frame_bytes(&w->frame, w->group_in, w->type);
  char *frames = ag_scratch(AG_SCRATCH_TASK, 2 * frame_bytes + (w->taps * w->stride + CONV_SLACK) * w->bytes);
  char *dx_frames = frames + frame_bytes, *columns = dx_frames + frame_bytes;
  if (dw) {
    memset(frames, 0, frame_bytes);
    w->loops->enter(&w->frame, w->group_in, w->x + in, frames);
  }
  if (w->dx) memset(dx_frames, 0, frame_bytes);
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block) {
    size_t count = smaller(w->pixels - pixel, w->block);
    if (dw) {
      w->loops->gather(&w->frame, 0, w->taps, pixel, count, frames, columns, w->stride);
      multiply(w, w->taps, w->group_out, count, columns, w->stride, 1, dy + pixel * w->bytes, 1, w->pixels, dw,
               w->group_out, true);
    }
    if (w->dx) {
      multiply(w, w->taps, count, w->group_out, weight, 1, w->taps, dy + pixel * w->bytes, w->pixels, 1, columns,
               w->stride, false);
      w->loops->scatter(&w->frame, w->taps, pixel, count, columns, w->stride, dx_frames);
    }
  }
  if (w->dx) w->loops->leave(&w->frame, w->group_in, dx_frames, w->dx + in);
}

/// Each part is some images of one group; its dw is the part's own until all are done.
static void backward_parts(void *context, size_t begin, size_t end) {
  const columns_work *w = context;
  const ag_conv2d *conv = &w->frame.conv;
  const size_t dw_bytes = w->taps * w->group_out * w->bytes;
  for (size_t i = begin; i < end; i++) {
    char *dw = w->parts ? w->parts + i * dw_bytes : NULL;
    if (dw) memset(dw, 0, dw_bytes);
    size_t image = i / conv->groups * w->images_per_part, last = smaller(image + w->images_per_part, conv->n);
    for (; image < last; image++) backward_group(w, image, i % conv->groups, dw);
  }
}

/// Sums the parts, [parts, groups, taps, group_out], and turns each group to [group_out, taps].
static void finish_weight(const columns_work *w, size_t parts, char *dw) {
  const size_t groups = w->frame.conv.groups, count = w->taps * w->group_out;
  for (size_t part = 1; part < parts; part++)
    ag_accumulate(w->type, groups * count, 1, w->parts + part * groups * count * w->bytes, w->parts);
  for (size_t group = 0; group < groups; group++)
    ag_copy(w->type, w->group_out, w->taps, w->parts + group * count * w->bytes, 1, (ptrdiff_t)w->group_out,
            dw + group * count * w->bytes, (ptrdiff_t)w->taps, 1);
}

void conv_columns_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                           void *dx, void *dw) {
  enum { BLOCK_BYTES = 1 << 19 };  // leaves half of the second-level cache to the image
  const size_t bytes = conv->out_channels * (conv->in_channels / conv->groups) * conv->kernel_h * conv->kernel_w *
                       conv_value_bytes(type);
  const size_t table_bytes = (conv->kernel_h * conv->kernel_w * sizeof(size_t) + 63) / 64 * 64;
  size_t parts = dw ? conv_parts(conv, bytes) : conv->n;
  char *shared = ag_scratch(AG_SCRATCH_CALL, table_bytes + (dw ? parts * bytes : 0));
  columns_work work = work_for(type, conv, (size_t *)shared, BLOCK_BYTES, SIZE_MAX);
  work.x = x, work.w = w, work.dy = dy, work.dx = dx;
  work.images_per_part = (conv->n + parts - 1) / parts;
  parts = (conv->n + work.images_per_part - 1) / work.images_per_part;
  if (dw) work.parts = shared + table_bytes;
  size_t multiplications = work.group_out * work.taps * work.pixels * work.images_per_part;
  ag_parallel_for(parts * conv->groups, conv_grain(multiplications), backward_parts, &work);
  if (dw) finish_weight(&work, parts, dw);
}
