// Convolution with one input channel in each group (a depthwise convolution, or an image of one channel): every output
// plane is one plane of x under one kernel, and there is nothing for a matrix product to share.
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
  size_t group_out, pixels;
  size_t images_per_part;
  const char *x, *w, *bias, *dy;
  char *y, *dx, *parts;
} planes_work;

static planes_work work_for(ag_dtype type, const ag_conv2d *conv, size_t *tap_at) {
  return (planes_work){
      .type = type,
      .bytes = conv_value_bytes(type),
      .loops = conv_loops_for(type),
      .frame = conv_frame_for(conv, tap_at),
      .group_out = conv->out_channels / conv->groups,
      .pixels = conv->out_h * conv->out_w,
  };
}

/// Each item is one plane of x.
static void forward_planes(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const conv_frame *f = &w->frame;
  char *frame = ag_scratch(AG_SCRATCH_TASK, conv_frame_bytes(f, 1, w->type));
  for (size_t i = begin; i < end; i++) {
    w->loops->enter(f, 1, w->x + i * f->conv.in_h * f->conv.in_w * w->bytes, frame);
    for (size_t o = 0; o < w->group_out; o++) {
      size_t out = i % f->conv.groups * w->group_out + o;
      w->loops->plane(f, frame, w->w + out * f->taps * w->bytes, w->bias ? w->bias + out * w->bytes : NULL,
                      w->y + (i * w->group_out + o) * w->pixels * w->bytes);
    }
  }
}

void conv_planes_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                         void *y) {
  size_t *tap_at = ag_scratch(AG_SCRATCH_CALL, conv->kernel_h * conv->kernel_w * sizeof(size_t));
  planes_work work = work_for(type, conv, tap_at);
  work.x = x, work.w = w, work.bias = bias, work.y = y;
  size_t multiplications = work.group_out * work.frame.taps * work.pixels;
  ag_parallel_for(conv->n * conv->groups, conv_grain(4 * multiplications), forward_planes, &work);
}

/// One plane of x; adds to `dw`, [group_out, taps].
static void backward_plane(const planes_work *w, size_t image, size_t group, char *dw) {
  const conv_frame *f = &w->frame;
  const size_t plane = image * f->conv.groups + group, in = plane * f->conv.in_h * f->conv.in_w * w->bytes;
  const size_t frame_bytes = conv_frame_bytes(f, 1, w->type);
  const size_t work_bytes = f->conv.out_h * (f->conv.out_w + CONV_SLACK) * w->bytes;
  char *frame = ag_scratch(AG_SCRATCH_TASK, 2 * frame_bytes + work_bytes);
  char *dx_frame = w->dx ? frame + frame_bytes : NULL, *work = frame + 2 * frame_bytes;
  if (dw) w->loops->enter(f, 1, w->x + in, frame);
  if (dx_frame) memset(dx_frame, 0, frame_bytes);
  for (size_t o = 0; o < w->group_out; o++)
    w->loops->plane_backward(f, frame, w->dx ? w->w + (group * w->group_out + o) * f->taps * w->bytes : NULL,
                             w->dy + (plane * w->group_out + o) * w->pixels * w->bytes, work, dx_frame,
                             dw ? dw + o * f->taps * w->bytes : NULL);
  if (dx_frame) w->loops->leave(f, 1, dx_frame, w->dx + in);
}

/// Each part is some images of one channel; its dw is the part's own until all are done.
static void backward_parts(void *context, size_t begin, size_t end) {
  const planes_work *w = context;
  const ag_conv2d *conv = &w->frame.conv;
  const size_t dw_bytes = w->group_out * w->frame.taps * w->bytes;
  for (size_t i = begin; i < end; i++) {
    char *dw = w->parts ? w->parts + i * dw_bytes : NULL;
    if (dw) memset(dw, 0, dw_bytes);
    size_t image = i / conv->groups * w->images_per_part, last = image + w->images_per_part;
    for (; image < last && image < conv->n; image++) backward_plane(w, image, i % conv->groups, dw);
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
  ag_parallel_for(parts * conv->groups, conv_grain(8 * multiplications), backward_parts, &work);
  if (!dw) return;
  for (size_t part = 1; part < parts; part++)
    ag_accumulate(type, count, 1, work.parts + part * bytes, work.parts);
  memcpy(dw, work.parts, bytes);
}
