// Convolution of many images to few output pixels each: im2col as in conv_columns.c, but with a batch of images side by
// side as the last axis. What a tap reads for an output pixel is then a contiguous run of one value per image, longer
// than a row of outputs, and a product has enough columns to be worth reading all weights.
#include <string.h>

#include "ag_elementwise.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

enum {
  IMAGES = 16,  // side by side: a cache line of floats
  COLUMNS = 64  // of one product, about
};

typedef struct {
  ag_dtype type;
  size_t bytes;  // of one value
  const conv_loops *loops;
  ag_conv2d conv;
  size_t group_in, group_out, kernel, taps;  // `kernel`: taps of one channel; `taps`: of all, the rows of the columns
  size_t inputs, pixels, block;              // pixels of x and of y, and pixels of y in one product
  size_t images, batches;                    // images in a batch, and batches
  size_t stride;                             // elements from row to row of columns
  size_t batches_per_part;
  const ptrdiff_t *read_at;  // [kernel, pixels]: the pixel of x that a tap reads for an output, −1 for padding
  const char *x, *w, *bias, *dy;
  char *y, *dx, *dw, *parts;
} batches_work;

/// Chosen by the sizes alone: few images enough to leave work for four threads, if there is work for them, or for eight
/// if a product has enough columns even so. Batches are of equal size, except for the last.
static size_t images_at_once(const ag_conv2d *c) {
  const size_t group_out = c->out_channels / c->groups, taps = c->in_channels / c->groups * c->kernel_h * c->kernel_w;
  const size_t pixels = c->out_h * c->out_w, share = c->n / (pixels * IMAGES > COLUMNS ? 8 : 4);
  const size_t worth_a_thread = conv_grain(group_out * taps * pixels);
  const size_t most = ag_min(ag_min(IMAGES, c->n), share > worth_a_thread ? share : worth_a_thread);
  const size_t batches = (c->n + most - 1) / most;
  return (c->n + batches - 1) / batches;
}

bool conv_takes_batches(const ag_conv2d *conv) {
  // A run may be half as long as a row of outputs. It must be twice as long where the stride skips pixels, because
  // those are copied in vain. Pointwise convolutions multiply the images in place.
  const bool skips = conv->kernel_h < conv->stride_h || conv->kernel_w < conv->stride_w;
  return !conv_is_pointwise(conv) && conv->out_w < IMAGES && conv->out_h * conv->out_w <= IMAGES * IMAGES &&
         2 * images_at_once(conv) > (skips ? 4 : 1) * conv->out_w;
}

static size_t table_bytes(const ag_conv2d *conv) {
  return (conv->kernel_h * conv->kernel_w * conv->out_h * conv->out_w * sizeof(ptrdiff_t) + 63) / 64 * 64;
}

static void fill_table(const ag_conv2d *c, ptrdiff_t *read_at) {
  for (size_t i = 0; i < c->kernel_h; i++)
    for (size_t j = 0; j < c->kernel_w; j++)
      for (size_t row = 0; row < c->out_h; row++)
        for (size_t col = 0; col < c->out_w; col++) {
          // Above and to the left of the image these wrap around to large numbers.
          const size_t y = row * c->stride_h + i * c->dilation_h - c->pad_top;
          const size_t x = col * c->stride_w + j * c->dilation_w - c->pad_left;
          *read_at++ = y < c->in_h && x < c->in_w ? (ptrdiff_t)(y * c->in_w + x) : -1;
        }
}

/// `read_at` has room for the table.
static batches_work work_for(ag_dtype type, const ag_conv2d *conv, ptrdiff_t *read_at) {
  batches_work w = {
      .type = type,
      .bytes = ag_size(type),
      .loops = conv_loops_for(type),
      .conv = *conv,
      .group_in = conv->in_channels / conv->groups,
      .group_out = conv->out_channels / conv->groups,
      .kernel = conv->kernel_h * conv->kernel_w,
      .inputs = conv->in_h * conv->in_w,
      .pixels = conv->out_h * conv->out_w,
      .images = images_at_once(conv),
      .read_at = read_at,
  };
  fill_table(conv, read_at);
  w.taps = w.group_in * w.kernel;
  w.batches = (conv->n + w.images - 1) / w.images;
  w.block = ag_min((COLUMNS + w.images - 1) / w.images, w.pixels);
  w.stride = w.block * w.images + CONV_SLACK;
  return w;
}

// One group of a batch

/// Working memory for x or dx and for y or dy of a batch, with images as the last axis, and for the columns.
typedef struct {
  char *x, *y, *columns;
} batch_memory;

static batch_memory memory_for(const batches_work *w) {
  const size_t x = w->group_in * w->inputs * w->images + CONV_SLACK, y = w->group_out * w->pixels * w->images;
  char *x_start = ag_scratch(AG_SCRATCH_TASK, (x + y + w->taps * w->stride + CONV_SLACK) * w->bytes);
  return (batch_memory){x_start, x_start + x * w->bytes, x_start + (x + y) * w->bytes};
}

/// One group of channels of the images in a batch.
typedef struct {
  size_t group, images;
  size_t x, y, w;  // byte offsets of its first element in x or dx, in y or dy, and in w
} batch_group;

static batch_group batch_group_at(const batches_work *w, size_t batch, size_t group) {
  const size_t image = batch * w->images;
  return (batch_group){
      .group = group,
      .images = ag_min(w->images, w->conv.n - image),
      .x = (image * w->conv.in_channels + group * w->group_in) * w->inputs * w->bytes,
      .y = (image * w->conv.out_channels + group * w->group_out) * w->pixels * w->bytes,
      .w = group * w->group_out * w->taps * w->bytes,
  };
}

/// From images of `count` values, `step` elements apart, to [count, images]; and back.
static void images_last(const batches_work *w, size_t images, size_t count, size_t step, const char *from, char *to) {
  ag_copy(w->type, count, images, from, 1, (ptrdiff_t)step, to, (ptrdiff_t)images, 1);
}
static void images_first(const batches_work *w, size_t images, size_t count, size_t step, const char *from, char *to) {
  ag_copy(w->type, images, count, from, 1, (ptrdiff_t)images, to, (ptrdiff_t)step, 1);
}

static size_t x_step(const batches_work *w) { return w->conv.in_channels * w->inputs; }
static size_t y_step(const batches_work *w) { return w->conv.out_channels * w->pixels; }

/// Columns for the outputs from `pixel` on.
static conv_runs runs_at(const batches_work *w, size_t images, size_t pixel, size_t count) {
  return (conv_runs){w->kernel, count, images, w->read_at + pixel, w->pixels};
}

static void forward_batch(const batches_work *w, batch_group g, batch_memory m) {
  const ag_epilogue end = {.row_bias = w->bias ? w->bias + g.group * w->group_out * w->bytes : NULL};
  images_last(w, g.images, w->group_in * w->inputs, x_step(w), w->x + g.x, m.x);
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block) {
    const conv_runs runs = runs_at(w, g.images, pixel, ag_min(w->block, w->pixels - pixel));
    w->loops->gather_runs(runs, w->group_in, m.x, w->inputs, m.columns, w->stride);
    conv_multiply(w->type, w->group_out, runs.count * g.images, w->taps, w->w + g.w, w->taps, 1, m.columns, w->stride, 1,
                  m.y + pixel * g.images * w->bytes, w->pixels * g.images, false, &end);
  }
  images_first(w, g.images, w->group_out * w->pixels, y_step(w), m.y, w->y + g.y);
}

/// Adds to `dw`, [group_out, taps].
static void add_weight_gradient(const batches_work *w, batch_group g, batch_memory m, char *dw) {
  images_last(w, g.images, w->group_in * w->inputs, x_step(w), w->x + g.x, m.x);
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block) {
    const conv_runs runs = runs_at(w, g.images, pixel, ag_min(w->block, w->pixels - pixel));
    w->loops->gather_runs(runs, w->group_in, m.x, w->inputs, m.columns, w->stride);
    conv_multiply(w->type, w->group_out, w->taps, runs.count * g.images, m.y + pixel * g.images * w->bytes,
                  w->pixels * g.images, 1, m.columns, 1, w->stride, dw, w->taps, true, NULL);
  }
}

static void put_input_gradient(const batches_work *w, batch_group g, batch_memory m) {
  memset(m.x, 0, w->group_in * w->inputs * g.images * w->bytes);
  for (size_t pixel = 0; pixel < w->pixels; pixel += w->block) {
    const conv_runs runs = runs_at(w, g.images, pixel, ag_min(w->block, w->pixels - pixel));
    conv_multiply(w->type, w->taps, runs.count * g.images, w->group_out, w->w + g.w, 1, w->taps,
                  m.y + pixel * g.images * w->bytes, w->pixels * g.images, 1, m.columns, w->stride, false, NULL);
    w->loops->scatter_runs(runs, w->group_in, m.columns, w->stride, m.x, w->inputs);
  }
  images_first(w, g.images, w->group_in * w->inputs, x_step(w), m.x, w->dx + g.x);
}

// All

static void forward_batches(void *context, size_t begin, size_t end) {
  const batches_work *w = context;
  const batch_memory memory = memory_for(w);
  const size_t groups = w->conv.groups;
  for (size_t i = begin; i < end; i++) forward_batch(w, batch_group_at(w, i / groups, i % groups), memory);
}

void conv_batches_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y) {
  batches_work work = work_for(type, conv, ag_scratch(AG_SCRATCH_CALL, table_bytes(conv)));
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  ag_parallel_for(work.batches * conv->groups, conv_grain(work.group_out * work.taps * work.pixels * work.images),
                  forward_batches, &work);
}

/// Each part is a range of batches of one group. The first sums its gradient in dw, the others in memory of their own.
static void backward_parts(void *context, size_t begin, size_t end) {
  const batches_work *w = context;
  const batch_memory memory = memory_for(w);
  const size_t groups = w->conv.groups, group_bytes = w->group_out * w->taps * w->bytes;
  for (size_t i = begin; i < end; i++) {
    const size_t part = i / groups, group = i % groups, first = part * w->batches_per_part;
    char *dw = part == 0 ? w->dw : w->parts + (part - 1) * groups * group_bytes;
    if (w->dw) memset(dw += group * group_bytes, 0, group_bytes);
    for (size_t batch = first; batch < ag_min(first + w->batches_per_part, w->batches); batch++) {
      const batch_group g = batch_group_at(w, batch, group);
      images_last(w, g.images, w->group_out * w->pixels, y_step(w), w->dy + g.y, memory.y);
      if (w->dw) add_weight_gradient(w, g, memory, dw);
      if (w->dx) put_input_gradient(w, g, memory);
    }
  }
}

void conv_batches_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy, void *dx,
                           void *dw) {
  const size_t bytes = conv->out_channels * (conv->in_channels / conv->groups) * conv->kernel_h * conv->kernel_w *
                       ag_size(type);
  const size_t most = conv_parts(conv, bytes);
  char *shared = ag_scratch(AG_SCRATCH_CALL, table_bytes(conv) + (dw ? (most - 1) * bytes : 0));
  batches_work work = work_for(type, conv, (ptrdiff_t *)shared);
  work.batches_per_part = dw ? (work.batches + most - 1) / most : 1;
  const size_t parts = (work.batches + work.batches_per_part - 1) / work.batches_per_part;
  work.x = x, work.w = w, work.dy = dy, work.dx = dx, work.dw = dw, work.parts = shared + table_bytes(conv);
  const size_t multiplications = work.group_out * work.taps * work.pixels * work.images * work.batches_per_part;
  ag_parallel_for(parts * conv->groups, conv_grain(multiplications), backward_parts, &work);
  for (size_t part = 1; dw && part < parts; part++)
    ag_accumulate(type, bytes / work.bytes, 1, work.parts + (part - 1) * bytes, dw);
}
