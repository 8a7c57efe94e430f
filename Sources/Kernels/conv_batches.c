// Convolutions to few pixels: by columns (see conv_columns.c), but those of several images side by side, because a product
// of a few columns reads all weights for little.
#include <string.h>

#include "ag_elementwise.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

enum { COLUMNS = 64 };  // of one product, about

typedef struct {
  ag_dtype type;
  size_t bytes;  // of one value
  const conv_loops *loops;
  conv_frame frame;
  size_t group_in, group_out, taps, pixels;  // `taps`: rows of the columns
  size_t images, batches;                    // images side by side, and how often
  size_t stride;                             // elements from row to row of columns
  size_t batches_per_part;
  const char *x, *w, *bias, *dy;
  char *y, *dx, *dw, *parts;
} batches_work;

/// By the sizes alone, and so that four threads have something to do.
static size_t images_at_once(const ag_conv2d *conv) {
  return ag_min(COLUMNS / (conv->out_h * conv->out_w + 1), conv->n / 4);
}

bool conv_takes_batches(const ag_conv2d *conv) {
  return !conv_is_pointwise(conv) && images_at_once(conv) > 1;  // no copies where images can be multiplied in place
}

static batches_work work_for(ag_dtype type, const ag_conv2d *conv, size_t *tap_at) {
  batches_work w = {
      .type = type,
      .bytes = ag_size(type),
      .loops = conv_loops_for(type),
      .frame = conv_frame_for(conv, tap_at),
      .group_in = conv->in_channels / conv->groups,
      .group_out = conv->out_channels / conv->groups,
      .pixels = conv->out_h * conv->out_w,
      .images = images_at_once(conv),
  };
  w.taps = w.group_in * w.frame.taps;
  w.batches = (conv->n + w.images - 1) / w.images;
  w.stride = w.images * w.pixels + CONV_SLACK;
  return w;
}

// One group of a batch

/// Room for a frame, for the columns and for the outputs of a batch; the frame is empty.
typedef struct {
  char *frame, *columns, *outputs;
} batch_memory;

static batch_memory memory_for(const batches_work *w) {
  const size_t frame_bytes = conv_frame_bytes(&w->frame, w->group_in, w->type);
  const size_t column_bytes = (w->taps * w->stride + CONV_SLACK) * w->bytes;
  char *frame = ag_scratch(AG_SCRATCH_TASK, frame_bytes + column_bytes + w->group_out * w->stride * w->bytes);
  memset(frame, 0, frame_bytes);
  return (batch_memory){frame, frame + frame_bytes, frame + frame_bytes + column_bytes};
}

static size_t images_of(const batches_work *w, size_t batch) {
  return ag_min(w->images, w->frame.conv.n - batch * w->images);
}

/// Where the group of an image of the batch begins in x or dx, and in y or dy.
static size_t at_x(const batches_work *w, size_t batch, size_t i, size_t group) {
  const ag_conv2d *conv = &w->frame.conv;
  return ((batch * w->images + i) * conv->in_channels + group * w->group_in) * conv->in_h * conv->in_w * w->bytes;
}
static size_t at_y(const batches_work *w, size_t batch, size_t i, size_t group) {
  return ((batch * w->images + i) * w->frame.conv.out_channels + group * w->group_out) * w->pixels * w->bytes;
}

/// Every image comes to the same places of the frame, which stays zero around them.
static void gather_batch(const batches_work *w, size_t batch, size_t group, batch_memory m) {
  for (size_t i = 0; i < images_of(w, batch); i++) {
    w->loops->enter(&w->frame, w->group_in, w->x + at_x(w, batch, i, group), m.frame);
    w->loops->gather(&w->frame, 0, w->taps, 0, w->pixels, m.frame, m.columns + i * w->pixels * w->bytes, w->stride);
  }
}

/// The adjoint.
static void scatter_batch(const batches_work *w, size_t batch, size_t group, batch_memory m) {
  const size_t frame_bytes = conv_frame_bytes(&w->frame, w->group_in, w->type);
  for (size_t i = 0; i < images_of(w, batch); i++) {
    memset(m.frame, 0, frame_bytes);
    w->loops->scatter(&w->frame, w->taps, 0, w->pixels, m.columns + i * w->pixels * w->bytes, w->stride, m.frame);
    w->loops->leave(&w->frame, w->group_in, m.frame, w->dx + at_x(w, batch, i, group));
  }
  memset(m.frame, 0, frame_bytes);
}

static void forward_batch(const batches_work *w, size_t batch, size_t group, batch_memory m) {
  const size_t count = images_of(w, batch) * w->pixels;
  const ag_epilogue end = {.row_bias = w->bias ? w->bias + group * w->group_out * w->bytes : NULL};
  gather_batch(w, batch, group, m);
  conv_multiply(w->type, w->group_out, count, w->taps, w->w + group * w->group_out * w->taps * w->bytes, w->taps, 1,
                m.columns, w->stride, 1, m.outputs, w->stride, false, &end);
  for (size_t i = 0; i < images_of(w, batch); i++)
    w->loops->copy_rows(w->group_out, w->pixels, m.outputs + i * w->pixels * w->bytes, w->stride,
                        w->y + at_y(w, batch, i, group), w->pixels);
}

/// Adds to `dw`, [group_out, taps].
static void backward_batch(const batches_work *w, size_t batch, size_t group, batch_memory m, char *dw) {
  const size_t count = images_of(w, batch) * w->pixels;
  for (size_t i = 0; i < images_of(w, batch); i++)
    w->loops->copy_rows(w->group_out, w->pixels, w->dy + at_y(w, batch, i, group), w->pixels,
                        m.outputs + i * w->pixels * w->bytes, w->stride);
  if (dw) {
    gather_batch(w, batch, group, m);
    conv_multiply(w->type, w->group_out, w->taps, count, m.outputs, w->stride, 1, m.columns, 1, w->stride, dw, w->taps,
                  true, NULL);
  }
  if (w->dx) {
    conv_multiply(w->type, w->taps, count, w->group_out, w->w + group * w->group_out * w->taps * w->bytes, 1, w->taps,
                  m.outputs, w->stride, 1, m.columns, w->stride, false, NULL);
    scatter_batch(w, batch, group, m);
  }
}

// All

static void forward_batches(void *context, size_t begin, size_t end) {
  const batches_work *w = context;
  const batch_memory memory = memory_for(w);
  const size_t groups = w->frame.conv.groups;
  for (size_t i = begin; i < end; i++) forward_batch(w, i / groups, i % groups, memory);
}

void conv_batches_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y) {
  size_t *tap_at = ag_scratch(AG_SCRATCH_CALL, conv->kernel_h * conv->kernel_w * sizeof(size_t));
  batches_work work = work_for(type, conv, tap_at);
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  ag_parallel_for(work.batches * conv->groups, conv_grain(work.group_out * work.taps * work.pixels * work.images),
                  forward_batches, &work);
}

/// Each part is some batches of one group; the first sums up in dw, each other in a gradient of its own.
static void backward_parts(void *context, size_t begin, size_t end) {
  const batches_work *w = context;
  const batch_memory memory = memory_for(w);
  const size_t groups = w->frame.conv.groups, group_bytes = w->group_out * w->taps * w->bytes;
  for (size_t i = begin; i < end; i++) {
    const size_t part = i / groups, group = i % groups, first = part * w->batches_per_part;
    char *dw = part == 0 ? w->dw : w->parts + (part - 1) * groups * group_bytes;
    if (w->dw) memset(dw += group * group_bytes, 0, group_bytes);
    for (size_t batch = first; batch < ag_min(first + w->batches_per_part, w->batches); batch++)
      backward_batch(w, batch, group, memory, w->dw ? dw : NULL);
  }
}

void conv_batches_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy, void *dx,
                           void *dw) {
  const size_t table_bytes = (conv->kernel_h * conv->kernel_w * sizeof(size_t) + 63) / 64 * 64;
  const size_t bytes = conv->out_channels * (conv->in_channels / conv->groups) * conv->kernel_h * conv->kernel_w *
                       ag_size(type);
  const size_t most = conv_parts(conv, bytes);
  char *shared = ag_scratch(AG_SCRATCH_CALL, table_bytes + (dw ? (most - 1) * bytes : 0));
  batches_work work = work_for(type, conv, (size_t *)shared);
  work.batches_per_part = dw ? (work.batches + most - 1) / most : 1;
  const size_t parts = (work.batches + work.batches_per_part - 1) / work.batches_per_part;
  work.x = x, work.w = w, work.dy = dy, work.dx = dx, work.dw = dw, work.parts = shared + table_bytes;
  const size_t multiplications = work.group_out * work.taps * work.pixels * work.images * work.batches_per_part;
  ag_parallel_for(parts * conv->groups, conv_grain(multiplications), backward_parts, &work);
  for (size_t part = 1; dw && part < parts; part++)
    ag_accumulate(type, bytes / work.bytes, 1, work.parts + (part - 1) * bytes, dw);
}
