// Convolutions of 4×4 with stride 2. The even and odd rows and columns of a channel make four planes, its phases, and each
// meets 2×2 weights of the kernel at stride 1. So this is a 2×2 convolution of four times as many channels with stride 1,
// which Winograd's algorithm (winograd_kernels.h) computes with 2.6 times fewer multiplications.
#include <string.h>

#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"
#include "winograd_kernels.h"

enum { PHASES = 4, TAPS = 2, KERNEL = 16 };  // TAPS along an axis of a phase, KERNEL in all

/// The convolution of the phases, which lie in frames (see conv_kernels.h).
static ag_conv2d conv_of_phases(const ag_conv2d *conv) {
  ag_conv2d c = *conv;
  c.in_channels *= PHASES;
  c.in_h = conv->out_h + TAPS - 1, c.in_w = conv->out_w + TAPS - 1;
  c.kernel_h = c.kernel_w = TAPS;
  c.stride_h = c.stride_w = 1;
  c.pad_top = c.pad_left = 0;
  return c;
}

bool conv_takes_phases(const ag_conv2d *conv) {
  const bool kernel = conv->kernel_h == 4 && conv->kernel_w == 4 && conv->dilation_h == 1 && conv->dilation_w == 1;
  if (!kernel || conv->stride_h != 2 || conv->stride_w != 2) return false;
  // Transforming the weights takes as long as multiplying a few tiles of 4×4 outputs as they are.
  enum { LEAST_TILES = 8 };
  const size_t tiles = conv->n * ((conv->out_h + 3) / 4) * ((conv->out_w + 3) / 4);
  const ag_conv2d phases = conv_of_phases(conv);
  return tiles >= LEAST_TILES && winograd_takes(&phases);
}

typedef struct {
  conv_frame frame;
  const conv_loops *loops;
  const float *x;
  float *frames, *dx;
} phases_work;

/// Each item is one channel of one image.
static void split_planes(void *context, size_t begin, size_t end) {
  const phases_work *w = context;
  float *frames = w->frames + begin * w->frame.plane;
  memset(frames, 0, (end - begin) * w->frame.plane * sizeof(float));
  w->loops->enter(&w->frame, end - begin, w->x + begin * w->frame.conv.in_h * w->frame.conv.in_w, frames);
}

static void join_planes(void *context, size_t begin, size_t end) {
  const phases_work *w = context;
  w->loops->leave(&w->frame, end - begin, w->frames + begin * w->frame.plane,
                  w->dx + begin * w->frame.conv.in_h * w->frame.conv.in_w);
}

/// One kernel, row by row or phase by phase.
typedef float kernel __attribute__((vector_size(KERNEL * sizeof(float)), aligned(sizeof(float))));

/// Kernels of w to those of the phases, or the way back.
typedef struct {
  const float *from;
  float *to;
  bool add;
} kernels;

static void split_kernels(void *context, size_t begin, size_t end) {
  const kernels *k = context;
  const kernel *from = (const kernel *)k->from;
  kernel *to = (kernel *)k->to;
  for (size_t i = begin; i < end; i++)
    to[i] = __builtin_shufflevector(from[i], from[i], 0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15);
}

static void join_kernels(void *context, size_t begin, size_t end) {
  const kernels *k = context;
  const kernel *from = (const kernel *)k->from;
  kernel *to = (kernel *)k->to;
  for (size_t i = begin; i < end; i++) {
    const kernel joined =
        __builtin_shufflevector(from[i], from[i], 0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15);
    to[i] = k->add ? to[i] + joined : joined;
  }
}

/// How many images are split at a time, so that their frames take little memory: a multiple of 4, for 4 threads to share.
static size_t images_at_once(const ag_conv2d *conv, const conv_frame *frame) {
  enum { MOST = 1 << 20 };
  const size_t images = MOST / (conv->in_channels * frame->plane) / 4 * 4;
  return ag_min(images > 4 ? images : 4, conv->n);
}

/// A convolution that is computed some images at a time.
typedef struct {
  phases_work work;
  ag_conv2d phases;             // for the images in hand
  size_t images, x, y, frames;  // images at a time; elements of one image
  size_t kernels, weights;      // in w
} phases_plan;

/// `tap_at` has room for KERNEL elements.
static phases_plan plan_for(const ag_conv2d *conv, size_t *tap_at) {
  phases_plan p = {.work = {.frame = conv_frame_for(conv, tap_at), .loops = conv_loops_for(AG_F32)}};
  p.phases = conv_of_phases(conv);
  p.images = images_at_once(conv, &p.work.frame);
  p.x = conv->in_channels * conv->in_h * conv->in_w;
  p.y = conv->out_channels * conv->out_h * conv->out_w;
  p.frames = conv->in_channels * p.work.frame.plane;
  p.kernels = conv->out_channels * (conv->in_channels / conv->groups), p.weights = p.kernels * KERNEL;
  return p;
}

static void run_planes(phases_plan *p, ag_task loop) {
  const size_t planes = p->phases.n * p->work.frame.conv.in_channels;
  ag_parallel_for(planes, conv_grain(p->work.frame.plane), loop, &p->work);
}

static void run_kernels(const phases_plan *p, ag_task loop, kernels k) {
  ag_parallel_for(p->kernels, conv_grain(KERNEL), loop, &k);
}

void conv_phases_forward(const ag_conv2d *conv, const float *x, const float *w, const float *bias, float *y) {
  size_t tap_at[KERNEL];
  phases_plan p = plan_for(conv, tap_at);
  float *weights = ag_scratch(AG_SCRATCH_OPERANDS, (p.weights + p.images * p.frames) * sizeof(float));
  p.work.frames = weights + p.weights;
  run_kernels(&p, split_kernels, (kernels){w, weights, false});
  for (size_t image = 0; image < conv->n; image += p.images) {
    p.phases.n = ag_min(p.images, conv->n - image);
    p.work.x = x + image * p.x;
    run_planes(&p, split_planes);
    winograd_forward(&p.phases, p.work.frames, weights, bias, y + image * p.y);
  }
}

void conv_phases_backward(const ag_conv2d *conv, const float *x, const float *w, const float *dy, float *dx, float *dw) {
  size_t tap_at[KERNEL];
  phases_plan p = plan_for(conv, tap_at);
  const size_t frames = p.images * p.frames;
  float *weights = ag_scratch(AG_SCRATCH_OPERANDS, 2 * (p.weights + frames) * sizeof(float));
  float *weight_gradient = weights + p.weights, *of_x = weight_gradient + p.weights, *of_dx = of_x + frames;
  if (dx) run_kernels(&p, split_kernels, (kernels){w, weights, false});
  for (size_t image = 0; image < conv->n; image += p.images) {
    p.phases.n = ag_min(p.images, conv->n - image);
    if (dw) {
      p.work.x = x + image * p.x, p.work.frames = of_x;
      run_planes(&p, split_planes);
    }
    winograd_backward(&p.phases, of_x, weights, dy + image * p.y, dx ? of_dx : NULL, dw ? weight_gradient : NULL, NULL);
    if (dw) run_kernels(&p, join_kernels, (kernels){weight_gradient, dw, image > 0});
    if (dx) {
      p.work.dx = dx + image * p.x, p.work.frames = of_dx;
      run_planes(&p, join_planes);
    }
  }
}
