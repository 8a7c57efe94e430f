// Convolution with one input channel in each group (a depthwise convolution, or an image of one channel): every output
// plane is one plane of x under one kernel, and there is nothing for a matrix product to share.
//
// Square kernels of 3, 5 and 7 with a stride of 1 or 2 are taken over the planes where these lie. For all others planes
// lie in frames (see conv_kernels.h) and are taken as one long row: an output is a sum over taps that lie at
// fixed distances, whatever its row. What falls between the rows of outputs is computed in vain, or meets zeros; rows
// of any length fill whole vectors that way.
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
  const ptrdiff_t *tap_at;  // the frame's
  size_t group_out, pixels;
  bool square;         // taken over planes where they lie
  conv_plane to_y, to_dx;
  size_t flat;  // elements from the first output to the last, as they lie in a frame
  size_t images_per_part;
  const char *x, *w, *bias, *dy;
  char *y, *dx, *parts;
} planes_work;

static planes_work work_for(ag_dtype type, const ag_conv2d *conv, size_t *tap_at) {
  planes_work w = {
      .type = type,
      .bytes = conv_value_bytes(type),
      .loops = conv_loops_for(type),
      .frame = conv_frame_for(conv, tap_at),
      .tap_at = (const ptrdiff_t *)tap_at,
      .group_out = conv->out_channels / conv->groups,
      .pixels = conv->out_h * conv->out_w,
  };
  w.square = conv->kernel_h == conv->kernel_w && conv->kernel_h % 2 == 1 && conv->kernel_h >= 3 && conv->kernel_h <= 7 &&
             conv->stride_h == conv->stride_w && conv->stride_h <= 2 && conv->dilation_h == 1 && conv->dilation_w == 1;
  const ptrdiff_t top = (ptrdiff_t)conv->pad_top, left = (ptrdiff_t)conv->pad_left;
  const ptrdiff_t reach = (ptrdiff_t)conv->kernel_h - 1;
  w.to_y = (conv_plane){conv->in_h, conv->in_w, conv->out_h, conv->out_w, top, left};
  w.to_dx = (conv_plane){conv->out_h, conv->out_w, conv->in_h, conv->in_w, reach - top, reach - left};
  w.flat = (conv->out_h - 1) * w.frame.row + conv->out_w;
  return w;
}

/// Which of the loops for square kernels, by size and by stride.
static size_t square(const planes_work *w) { return w->frame.conv.kernel_h / 2 - 1; }
static size_t stride(const planes_work *w) { return w->frame.conv.stride_h - 1; }

/// Each item is one plane of x.
static void forward_squares(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const ag_conv2d *conv = &w->frame.conv;
  for (size_t i = begin; i < end; i++)
    for (size_t o = 0; o < w->group_out; o++) {
      const size_t out = i % conv->groups * w->group_out + o;
      w->loops->convolve[square(w)][stride(w)](w->to_y, w->x + i * conv->in_h * conv->in_w * w->bytes,
                                               w->w + out * w->frame.taps * w->bytes,
                                               w->bias ? w->bias + out * w->bytes : NULL, false,
                                               w->y + (i * w->group_out + o) * w->pixels * w->bytes);
    }
}

/// Each item is one plane of x.
static void forward_planes(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const conv_frame *f = &w->frame;
  const ag_conv2d *conv = &f->conv;
  const size_t frame_bytes = conv_frame_bytes(f, 1, w->type);
  char *frame = ag_scratch(AG_SCRATCH_TASK, frame_bytes + (w->flat + CONV_SLACK) * w->bytes), *flat = frame + frame_bytes;
  memset(frame, 0, frame_bytes);
  for (size_t i = begin; i < end; i++) {
    w->loops->enter(f, 1, w->x + i * conv->in_h * conv->in_w * w->bytes, frame);
    for (size_t o = 0; o < w->group_out; o++) {
      const size_t out = i % conv->groups * w->group_out + o;
      w->loops->correlate(w->flat, frame, f->taps, w->w + out * f->taps * w->bytes, w->tap_at,
                          w->bias ? w->bias + out * w->bytes : NULL, false, flat);
      w->loops->copy_rows(conv->out_h, conv->out_w, flat, f->row,
                          w->y + (i * w->group_out + o) * w->pixels * w->bytes, conv->out_w);
    }
  }
}

void conv_planes_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                         void *y) {
  size_t *tap_at = ag_scratch(AG_SCRATCH_CALL, conv->kernel_h * conv->kernel_w * sizeof(size_t));
  planes_work work = work_for(type, conv, tap_at);
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  size_t multiplications = work.group_out * work.frame.taps * work.pixels;
  ag_parallel_for(conv->n * conv->groups, conv_grain(2 * multiplications),
                  work.square ? forward_squares : forward_planes, &work);
}

/// What a thread needs for backward planes. The frame of dy has a phase of zeros before it, so that taps can be taken
/// off as well as added.
typedef struct {
  char *x, *dx, *dy;
  ptrdiff_t *at;  // distances of the taps of one phase
  char *weights;  // of these
} planes_buffers;

static planes_buffers buffers_for(const planes_work *w) {
  const conv_frame *f = &w->frame;
  const size_t frame_bytes = conv_frame_bytes(f, 1, w->type);
  const size_t dy_bytes = ((2 * f->phase + CONV_SLACK) * w->bytes + 63) / 64 * 64;
  char *at = ag_scratch(AG_SCRATCH_TASK, 2 * frame_bytes + dy_bytes + f->taps * (sizeof(ptrdiff_t) + w->bytes));
  planes_buffers b = {.x = at, .dx = at + frame_bytes, .dy = at + 2 * frame_bytes + f->phase * w->bytes};
  memset(b.x, 0, frame_bytes);
  memset(at + 2 * frame_bytes, 0, dy_bytes);
  b.at = (ptrdiff_t *)(at + 2 * frame_bytes + dy_bytes);
  b.weights = (char *)(b.at + f->taps);
  return b;
}

/// The gradient of a plane of x in its frame, phase by phase: each element meets the taps of its phase.
static void spread(const planes_work *w, planes_buffers b, const char *weights, bool add) {
  const conv_frame *f = &w->frame;
  for (size_t phase = 0; phase < f->plane / f->phase; phase++) {
    size_t taps = 0;
    for (size_t t = 0; t < f->taps; t++) {
      if (f->tap_at[t] / f->phase != phase) continue;
      b.at[taps] = -(ptrdiff_t)(f->tap_at[t] % f->phase);
      memcpy(b.weights + taps++ * w->bytes, weights + t * w->bytes, w->bytes);
    }
    w->loops->correlate(f->phase, b.dy, taps, b.weights, b.at, NULL, add, b.dx + phase * f->phase * w->bytes);
  }
}

/// One plane of x under a square kernel; adds to `dw`, [group_out, taps]. Without stride the gradient of x is dy under the
/// kernel turned by half a circle.
static void backward_square(const planes_work *w, size_t image, size_t group, char *dw) {
  const ag_conv2d *conv = &w->frame.conv;
  const size_t plane = image * conv->groups + group, in = plane * conv->in_h * conv->in_w * w->bytes;
  const size_t taps = w->frame.taps;
  double turned[49];  // or floats
  for (size_t o = 0; o < w->group_out; o++) {
    const char *dy = w->dy + (plane * w->group_out + o) * w->pixels * w->bytes;
    if (dw) w->loops->kernel_gradient[square(w)][stride(w)](w->to_y, w->x + in, dy, dw + o * taps * w->bytes);
    if (!w->dx) continue;
    const char *kernel = w->w + (group * w->group_out + o) * taps * w->bytes;
    if (conv->stride_h == 2) {
      w->loops->spread[square(w)](w->to_y, dy, kernel, o > 0, w->dx + in);
      continue;
    }
    for (size_t t = 0; t < taps; t++)
      memcpy((char *)turned + (taps - 1 - t) * w->bytes, kernel + t * w->bytes, w->bytes);
    w->loops->convolve[square(w)][0](w->to_dx, dy, turned, NULL, o > 0, w->dx + in);
  }
}

/// One plane of x; adds to `dw`, [group_out, taps].
static void backward_plane(const planes_work *w, planes_buffers b, size_t image, size_t group, char *dw) {
  const conv_frame *f = &w->frame;
  const ag_conv2d *conv = &f->conv;
  const size_t plane = image * conv->groups + group, in = plane * conv->in_h * conv->in_w * w->bytes;
  if (dw) w->loops->enter(f, 1, w->x + in, b.x);
  for (size_t o = 0; o < w->group_out; o++) {
    w->loops->copy_rows(conv->out_h, conv->out_w, w->dy + (plane * w->group_out + o) * w->pixels * w->bytes,
                        conv->out_w, b.dy, f->row);
    if (dw) w->loops->dots(w->flat, b.dy, b.x, f->taps, w->tap_at, dw + o * f->taps * w->bytes);
    if (w->dx) spread(w, b, w->w + (group * w->group_out + o) * f->taps * w->bytes, o > 0);
  }
  if (w->dx) w->loops->leave(f, 1, b.dx, w->dx + in);
}

/// Each part is some images of one channel; its dw is the part's own until all are done.
static void backward_parts(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const ag_conv2d *conv = &w->frame.conv;
  const size_t dw_bytes = w->group_out * w->frame.taps * w->bytes;
  const planes_buffers buffers = w->square ? (planes_buffers){0} : buffers_for(w);
  for (size_t i = begin; i < end; i++) {
    char *dw = w->parts ? w->parts + i * dw_bytes : NULL;
    if (dw) memset(dw, 0, dw_bytes);
    size_t image = i / conv->groups * w->images_per_part, last = image + w->images_per_part;
    for (; image < last && image < conv->n; image++) {
      if (w->square) backward_square(w, image, i % conv->groups, dw);
      else backward_plane(w, buffers, image, i % conv->groups, dw);
    }
  }
}

void conv_planes_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                          void *dx, void *dw) {
  const size_t count = conv->out_channels * conv->kernel_h * conv->kernel_w, bytes = count * conv_value_bytes(type);
  const size_t table_bytes = (conv->kernel_h * conv->kernel_w * sizeof(size_t) + 63) / 64 * 64;
  size_t parts = dw ? conv_parts(conv, bytes) : conv->n;
  char *shared = ag_scratch(AG_SCRATCH_CALL, table_bytes + (dw ? parts * bytes : 0));
  planes_work work = work_for(type, conv, (size_t *)shared);
  work.x = x, work.w = w, work.dy = dy, work.dx = dx;
  work.images_per_part = (conv->n + parts - 1) / parts;
  parts = (conv->n + work.images_per_part - 1) / work.images_per_part;
  if (dw) work.parts = shared + table_bytes;
  size_t multiplications = work.group_out * work.frame.taps * work.pixels * work.images_per_part;
  ag_parallel_for(parts * conv->groups, conv_grain(4 * multiplications), backward_parts, &work);
  if (!dw) return;
  for (size_t part = 1; part < parts; part++)
    ag_accumulate(type, count, 1, work.parts + part * bytes, work.parts);
  memcpy(dw, work.parts, bytes);
}
