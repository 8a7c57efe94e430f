// Convolution with one or a few input channels per group (a depthwise convolution, or an image of one channel), where a
// matrix product would have little to reuse.
//
// With one channel, square kernels of 3, 5 and 7 with a stride of 1 or 2 run over the planes in place. All others run
// over frames (see conv_kernels.h), each treated as one long row: an output is a sum over taps at fixed offsets,
// whichever row it is in. What falls between the rows of outputs is computed in vain, or multiplied by zeros, but rows
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
  const ptrdiff_t *tap_at;  // the frame's, for each channel of a group
  size_t group_in, group_out, taps, pixels;  // `taps` of all channels of a group
  bool square;         // runs over the planes in place
  conv_plane to_y, to_dx;
  size_t flat;  // elements from the first output to the last, as they lie in a frame
  size_t images_per_part;
  const char *x, *w, *bias, *dy;
  char *y, *dx, *parts;
} planes_work;

static size_t table_bytes(const ag_conv2d *conv) {
  return (conv->in_channels / conv->groups * conv->kernel_h * conv->kernel_w * sizeof(size_t) + 63) / 64 * 64;
}

/// `tap_at` has room for the table.
static planes_work work_for(ag_dtype type, const ag_conv2d *conv, size_t *tap_at) {
  planes_work w = {
      .type = type,
      .bytes = ag_size(type),
      .loops = conv_loops_for(type),
      .frame = conv_frame_for(conv, tap_at),
      .tap_at = (const ptrdiff_t *)tap_at,
      .group_in = conv->in_channels / conv->groups,
      .group_out = conv->out_channels / conv->groups,
      .pixels = conv->out_h * conv->out_w,
  };
  w.taps = w.group_in * w.frame.taps;
  for (size_t t = w.frame.taps; t < w.taps; t++) tap_at[t] = tap_at[t - w.frame.taps] + w.frame.plane;
  w.square = w.group_in == 1 && conv->kernel_h == conv->kernel_w && conv->kernel_h % 2 == 1 && conv->kernel_h >= 3 && conv->kernel_h <= 7 &&
             conv->stride_h == conv->stride_w && conv->stride_h <= 2 && conv->dilation_h == 1 && conv->dilation_w == 1;
  const ptrdiff_t top = (ptrdiff_t)conv->pad_top, left = (ptrdiff_t)conv->pad_left;
  const ptrdiff_t reach = (ptrdiff_t)conv->kernel_h - 1;
  w.to_y = (conv_plane){conv->in_h, conv->in_w, conv->out_h, conv->out_w, top, left};
  w.to_dx = (conv_plane){conv->out_h, conv->out_w, conv->in_h, conv->in_w, reach - top, reach - left};
  w.flat = (conv->out_h - 1) * w.frame.row + conv->out_w;
  return w;
}

/// Which of the loops for square kernels: their indices by size and by stride.
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

/// Each item is one group of one image.
static void forward_planes(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const conv_frame *f = &w->frame;
  const ag_conv2d *conv = &f->conv;
  const size_t frame_bytes = conv_frame_bytes(f, w->group_in, w->type), sum_bytes = w->flat * w->bytes;
  char *frames = ag_scratch(AG_SCRATCH_TASK, frame_bytes + w->group_out * sum_bytes), *sums = frames + frame_bytes;
  memset(frames, 0, frame_bytes);
  for (size_t i = begin; i < end; i++) {
    const size_t first = i % conv->groups * w->group_out;
    w->loops->enter(f, w->group_in, w->x + i * w->group_in * conv->in_h * conv->in_w * w->bytes, frames);
    const conv_taps taps = {w->taps, w->tap_at, w->w + first * w->taps * w->bytes, w->taps};
    w->loops->correlate(w->flat, frames, taps, w->group_out, w->bias ? w->bias + first * w->bytes : NULL, sums, w->flat);
    for (size_t o = 0; o < w->group_out; o++)
      w->loops->copy_rows(conv->out_h, conv->out_w, sums + o * sum_bytes, f->row,
                          w->y + (i * w->group_out + o) * w->pixels * w->bytes, conv->out_w);
  }
}

void conv_planes_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                         void *y) {
  planes_work work = work_for(type, conv, ag_scratch(AG_SCRATCH_CALL, table_bytes(conv)));
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  size_t multiplications = work.group_out * work.taps * work.pixels;
  ag_parallel_for(conv->n * conv->groups, conv_grain(2 * multiplications),
                  work.square ? forward_squares : forward_planes, &work);
}

/// A thread's working memory for the backward pass. A phase of zeros precedes each frame of dy, because
/// taps read at negative offsets.
typedef struct {
  char *x, *dx, *dy;
  size_t dy_step;  // elements from frame to frame
  // The taps of all outputs, by phase of dx: those of phase i end at ends[i]. Weights have a
  // row for each input channel.
  size_t *ends;
  ptrdiff_t *at;
  char *weights;
} planes_buffers;

static size_t phases_of(const conv_frame *f) { return f->conv.stride_h * f->conv.stride_w; }

static planes_buffers buffers_for(const planes_work *w) {
  const conv_frame *f = &w->frame;
  const size_t frame_bytes = conv_frame_bytes(f, w->group_in, w->type), list = w->group_out * f->taps;
  planes_buffers b = {.dy_step = 2 * f->phase};
  const size_t dy_bytes = ((w->group_out * b.dy_step + CONV_SLACK) * w->bytes + 63) / 64 * 64;
  const size_t list_bytes = list * (sizeof(ptrdiff_t) + w->group_in * w->bytes) + phases_of(f) * sizeof(size_t);
  b.x = ag_scratch(AG_SCRATCH_TASK, 2 * frame_bytes + dy_bytes + list_bytes);
  b.dx = b.x + frame_bytes;
  memset(b.x, 0, frame_bytes);
  memset(b.dx + frame_bytes, 0, dy_bytes);
  b.dy = b.dx + frame_bytes + f->phase * w->bytes;
  b.ends = (size_t *)(b.dx + frame_bytes + dy_bytes);
  b.at = (ptrdiff_t *)(b.ends + phases_of(f));
  b.weights = (char *)(b.at + list);
  return b;
}

/// Lists the taps of each phase of dx, and their weights.
static void list_taps(const planes_work *w, planes_buffers b, size_t group) {
  const conv_frame *f = &w->frame;
  const size_t row = w->group_out * f->taps;
  size_t count = 0;
  for (size_t phase = 0; phase < phases_of(f); phase++) {
    for (size_t o = 0; o < w->group_out; o++)
      for (size_t t = 0; t < f->taps; t++) {
        if (f->tap_at[t] / f->phase != phase) continue;
        b.at[count] = (ptrdiff_t)(o * b.dy_step) - (ptrdiff_t)(f->tap_at[t] % f->phase);
        for (size_t c = 0; c < w->group_in; c++)
          memcpy(b.weights + (c * row + count) * w->bytes,
                 w->w + (((group * w->group_out + o) * w->group_in + c) * f->taps + t) * w->bytes, w->bytes);
        count++;
      }
    b.ends[phase] = count;
  }
}

/// The gradient of a group's planes of x in their frames, phase by phase: each element is a
/// sum over the taps of its phase.
static void spread(const planes_work *w, planes_buffers b) {
  const conv_frame *f = &w->frame;
  for (size_t phase = 0, begin = 0; phase < phases_of(f); begin = b.ends[phase++]) {
    const conv_taps taps = {b.ends[phase] - begin, b.at + begin, b.weights + begin * w->bytes, w->group_out * f->taps};
    w->loops->correlate(f->phase, b.dy, taps, w->group_in, NULL, b.dx + phase * f->phase * w->bytes, f->plane);
  }
}

/// The backward pass of one plane of x for a square kernel; adds to `dw`, [group_out, taps]. With a stride of 1, the
/// gradient of x is the convolution of dy with the kernel rotated by 180°.
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

/// The backward pass of one group of one image; adds to `dw`, [group_out, taps].
static void backward_group(const planes_work *w, planes_buffers b, size_t image, size_t group, char *dw) {
  const conv_frame *f = &w->frame;
  const ag_conv2d *conv = &f->conv;
  const size_t item = image * conv->groups + group, in = item * w->group_in * conv->in_h * conv->in_w * w->bytes;
  if (dw) w->loops->enter(f, w->group_in, w->x + in, b.x);
  for (size_t o = 0; o < w->group_out; o++) {
    char *dy = b.dy + o * b.dy_step * w->bytes;
    w->loops->copy_rows(conv->out_h, conv->out_w, w->dy + (item * w->group_out + o) * w->pixels * w->bytes, conv->out_w,
                        dy, f->row);
    if (dw) w->loops->dots(w->flat, dy, b.x, w->taps, w->tap_at, dw + o * w->taps * w->bytes);
  }
  if (!w->dx) return;
  spread(w, b);
  w->loops->leave(f, w->group_in, b.dx, w->dx + in);
}

/// Each part is a range of images of one group, with a dw of its own; these are added up at the end.
static void backward_parts(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const ag_conv2d *conv = &w->frame.conv;
  const size_t dw_bytes = w->group_out * w->taps * w->bytes;
  const planes_buffers buffers = w->square ? (planes_buffers){0} : buffers_for(w);
  for (size_t i = begin; i < end; i++) {
    char *dw = w->parts ? w->parts + i * dw_bytes : NULL;
    if (dw) memset(dw, 0, dw_bytes);
    if (w->dx && !w->square) list_taps(w, buffers, i % conv->groups);
    size_t image = i / conv->groups * w->images_per_part, last = image + w->images_per_part;
    for (; image < last && image < conv->n; image++) {
      if (w->square) backward_square(w, image, i % conv->groups, dw);
      else backward_group(w, buffers, image, i % conv->groups, dw);
    }
  }
}

void conv_planes_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                          void *dx, void *dw) {
  const size_t count = conv->out_channels * (conv->in_channels / conv->groups) * conv->kernel_h * conv->kernel_w;
  const size_t bytes = count * ag_size(type);
  size_t parts = dw ? conv_parts(conv, bytes) : conv->n;
  char *shared = ag_scratch(AG_SCRATCH_CALL, table_bytes(conv) + (dw ? parts * bytes : 0));
  planes_work work = work_for(type, conv, (size_t *)shared);
  work.x = x, work.w = w, work.dy = dy, work.dx = dx;
  work.images_per_part = (conv->n + parts - 1) / parts;
  parts = (conv->n + work.images_per_part - 1) / work.images_per_part;
  if (dw) work.parts = shared + table_bytes(conv);
  size_t multiplications = work.group_out * work.taps * work.pixels * work.images_per_part;
  ag_parallel_for(parts * conv->groups, conv_grain(4 * multiplications), backward_parts, &work);
  if (!dw) return;
  for (size_t part = 1; part < parts; part++)
    ag_accumulate(type, count, 1, work.parts + part * bytes, work.parts);
  memcpy(dw, work.parts, bytes);
}
