// Convolution by Winograd's minimal filtering (see winograd_kernels.h), one block of tiles at a time. All channels of
// one operand, the wide one, are transformed; then the other, the narrow one, is processed in groups of channels:
// transformed, multiplied and transformed back. So a product finds what it reads still in the cache.
//
// Moving data between cores costs more than transforming it again, so threads repeat transforms rather than share their
// results. With few channels the blocks are small: each thread takes parts of its own, ranges of rows of tiles, through
// all steps, and has transformed weights and weight gradients of its own. With many channels the weights take more
// memory than the tiles: then the blocks are large, each group transforms its weights once for all blocks that a thread
// has in hand, and a thread takes parts of its own or, where there are too few tiles for that, groups of its own
// through all steps. The order of every sum depends on the sizes alone.
#include "winograd_work.h"

#include "ag_elementwise.h"
#include "ag_level.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

bool winograd_takes(const ag_conv2d *c) {
  bool filter = c->kernel_h == c->kernel_w && (c->kernel_h == 2 || c->kernel_h == 3 || c->kernel_h == 5);
  bool dense = c->stride_h == 1 && c->stride_w == 1 && c->dilation_h == 1 && c->dilation_w == 1;
  // Tiles must cover every input, because dx is written only where they lie.
  bool covered = c->pad_top + c->in_h < c->out_h + c->kernel_h && c->pad_left + c->in_w < c->out_w + c->kernel_w;
  bool wide = c->in_channels >= 16 * c->groups && c->out_channels >= 16 * c->groups;
  // With a single tile of 4×4 outputs, transforming the weights takes longer than the sums of products.
  bool large = c->out_h >= 4 && c->out_w >= 4 && c->n * c->out_h * c->out_w > 16 && c->in_h > 0 && c->in_w > 0;
  return filter && dense && covered && wide && large;
}

/// The tables for the instruction set in use: 2×2 with 5 points, 3×3 with 6, 3×3 with 8, 5×5 with 8.
static const winograd_loops *all_loops(void) {
  const winograd_loops *loops = winograd_baseline;
#if defined(__x86_64__)
  ag_level level = ag_current_level();
  if (level == AG_LEVEL_AVX512) loops = winograd_avx512;
  if (level == AG_LEVEL_AVX2) loops = winograd_avx2;
#endif
  return loops;
}

static size_t image_of_x(const ag_conv2d *c) { return c->in_channels * c->in_h * c->in_w; }
static size_t image_of_y(const ag_conv2d *c) { return c->out_channels * c->out_h * c->out_w; }

static size_t count_of_weight(const ag_conv2d *c) { return c->out_channels * c->in_channels * c->kernel_h * c->kernel_w; }

/// One group of a grouped convolution as a convolution of its own; `work_for` takes the distance between images from
/// the whole one.
static ag_conv2d one_group(const ag_conv2d *whole) {
  ag_conv2d c = *whole;
  c.in_channels /= c.groups, c.out_channels /= c.groups, c.groups = 1;
  return c;
}

/// Points along an axis of the last tile, whose outputs are rounded up to an even number.
static int last_points(size_t outputs, size_t step, size_t taps) {
  const size_t last = (outputs - 1) % step + 1;
  return (int)((last + 1) / 2 * 2 + taps - 1);
}

/// Points along an axis, summed over its tiles.
static size_t points_along(size_t outputs, size_t side, size_t taps) {
  const size_t step = side + 1 - taps;
  return (outputs - 1) / step * side + (size_t)last_points(outputs, step, taps);
}

/// Whether tiles of 8 points pay off for 3×3 kernels. They need fewer multiplications than tiles of 6, unless many of
/// their outputs lie outside the plane. But their rounding errors are larger, the more so the more tiles a weight
/// gradient sums over, and they have more weights to transform, which outweighs the savings from 256 channels on.
static bool pays_large(const ag_conv2d *c) {
  enum { LEAST_CHANNELS = 32, MOST_CHANNELS = 128, MOST_POINTS = 1 << 20 };
  const size_t large = points_along(c->out_h, 8, 3) * points_along(c->out_w, 8, 3);
  const size_t small = points_along(c->out_h, 6, 3) * points_along(c->out_w, 6, 3);
  return smaller(c->in_channels, c->out_channels) >= LEAST_CHANNELS && c->n * large <= MOST_POINTS &&
         larger(c->in_channels, c->out_channels) <= MOST_CHANNELS && 10 * large <= 9 * small;
}

static winograd_work work_for(const ag_conv2d *c, const ag_conv2d *whole) {
  winograd_work w = {.conv = c, .taps = c->kernel_h};
  w.loops = all_loops() + (c->kernel_h == 2 ? 0 : c->kernel_h == 5 ? 3 : 1 + pays_large(c));
  w.step = w.loops->side + 1 - w.taps, w.points = w.loops->side * w.loops->side;
  w.last_row = last_points(c->out_h, w.step, w.taps), w.last_col = last_points(c->out_w, w.step, w.taps);
  for (size_t class = 0; class < 3; class++) {
    const int least = 4 - (int)(w.loops->side % 2) + 2 * (int)class;
    w.tiles_y[class] = parts_of(c->out_h, w.step) - (w.last_row < least);
    w.tiles_x[class] = parts_of(c->out_w, w.step) - (w.last_col < least);
  }
  w.in = (winograd_planes){c->in_channels, c->in_h, c->in_w, image_of_x(whole), c->pad_top, c->pad_left};
  w.out = (winograd_planes){c->out_channels, c->out_h, c->out_w, image_of_y(whole), 0, 0};
  return w;
}

/// Rows of tiles in a block whose transformed wide operand takes about `bytes`.
static size_t rows_of_block(const winograd_work *w, size_t channels, size_t bytes) {
  size_t rows = bytes / sizeof(float) / (w->points * channels) / w->tiles_x[0];
  return larger(rows, 2);  // so that only a part's first block shares rows of dx with another part
}

static void run_parts(void *context, size_t begin, size_t end) {
  winograd_run_parts(context, begin, end, 0, ((const winograd_work *)context)->groups);
}

/// All pairs of a part and one of `ranges` ranges of groups.
typedef struct {
  const winograd_work *work;
  size_t ranges;
} part_ranges;

static void run_ranges(void *context, size_t begin, size_t end) {
  const part_ranges *all = context;
  for (size_t i = begin; i < end; i++) {
    const size_t groups = all->work->groups, range = parts_of(groups, all->ranges), first = i % all->ranges * range;
    if (first >= groups) continue;
    const size_t part = i / all->ranges;
    winograd_run_parts(all->work, part, part + 1, first, smaller(range, groups - first));
  }
}

/// Whether as many threads as `parts` do less work if each transforms one part of the tiles and all weights than if
/// each transforms the weights of some groups and all tiles. A tile takes 1.6 times as long to transform as a kernel.
static bool pays_parts(const winograd_work *w, size_t parts) {
  return tile_rows(w) >= 8 * parts && 8 * tile_rows(w) * w->tiles_x[0] > 5 * parts * narrow_channels(w);
}

static void use_parts(winograd_work *w, size_t parts) {
  w->part_rows = larger(parts_of(tile_rows(w), parts), 2);
  w->parts = parts_of(tile_rows(w), w->part_rows);
}

/// Distributes the parts among threads, several at a time: a thread transforms the weights once for those, which takes
/// 3 to 5 % of a part's time, less than reading what another core has written. For the same reason, where the weights
/// are many, up to FEW_THREADS threads each transform either all weights or all tiles, 3 to 10 % of the work; more
/// threads share every loop instead. The bits of the result do not depend on this choice.
static void run(winograd_work *w) {
  enum { FEW_THREADS = 4, SOME_PARTS = 4 };
  const size_t threads = (size_t)ag_thread_count();
  const size_t products = w->conv->in_channels * w->conv->out_channels * w->points * w->tiles_x[0];
  const size_t grain = conv_grain(products * w->part_rows), some = smaller(parts_of(w->parts, threads), SOME_PARTS);
  if (w->many_weights && (threads > FEW_THREADS || grain > 1)) {
    winograd_run_parts(w, 0, w->parts, 0, w->groups);
  } else if (!w->many_weights || w->parts >= threads) {
    ag_parallel_for(w->parts, larger(grain, some), run_parts, w);
  } else {
    part_ranges all = {w, parts_of(threads, w->parts)};
    ag_parallel_for(w->parts * all.ranges, 1, run_ranges, &all);
  }
}

/// Elements of the buffer for the rows of dx that a part shares with the part before it.
static size_t size_of_apart(const winograd_work *w) { return w->in.channels * (w->taps - 1) * w->in.width; }

/// Adds those rows to dx.
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
        float *to = w->dx + image * in.image + (channel * in.height + y) * in.width;
        for (size_t x = 0; y < in.height && x < in.width; x++) to[x] += from[x];
      }
  }
}

/// The gradient of the bias, from the sums of dy over rows of tiles.
static void add_sums(const winograd_work *w, float *dbias) {
  const size_t channels = w->conv->out_channels, row = matrices(w, NULL, 0, channels).row;
  for (size_t channel = 0; channel < channels; channel++) {
    double sum = 0;
    for (size_t i = 0; i < tile_rows(w); i++) sum += w->sums[i * row + channel];
    dbias[channel] = (float)sum;
  }
}

// Whole convolutions

enum {
  FEW_WEIGHTS = 5 << 16,  // elements of transformed weights: a little more than 64 × 64 kernels at 8 × 8 points
  SMALL_BLOCK = 1 << 22,  // bytes of the transformed wide operand
  LARGE_BLOCK = 1 << 23,
};

static void use_groups(winograd_work *w, size_t vectors) {
  w->group = vectors * w->loops->lanes;
  w->groups = parts_of(narrow_channels(w), w->group);
  w->weight = w->weight_gradient = matrices(w, NULL, wide_channels(w), w->group);
  w->weight_step = w->groups * size_of(w, w->weight);
}

/// Chooses groups, blocks and parts by the sizes alone, so that results do not depend on the number of threads.
static void divide_work(winograd_work *w) {
  use_groups(w, 4);
  w->block_rows = rows_of_block(w, wide_channels(w), SMALL_BLOCK);
  // Forward, a part is one block; their number is rounded up to a multiple of 4, which divides evenly among two or four
  // threads. Backward there are 8 parts, or 4 if the weights are many, since each part has its own weight gradient.
  size_t parts = parts_of(parts_of(tile_rows(w), w->block_rows), 4) * 4;
  if (w->dy) parts = 2 * w->weight_step <= FEW_WEIGHTS ? 8 : 4;
  use_parts(w, parts);
  const size_t few_weights = w->dy ? FEW_WEIGHTS : 3 * FEW_WEIGHTS;  // forward has no gradients of them to hold
  if (w->weight_step <= few_weights && w->parts >= 4) return;
  use_groups(w, 2);
  w->many_weights = true;
  parts = pays_parts(w, WINOGRAD_MOST_AT_ONCE) ? WINOGRAD_MOST_AT_ONCE : pays_parts(w, 2) ? 2 : 1;
  use_parts(w, parts);
  w->block_rows = rows_of_block(w, wide_channels(w), LARGE_BLOCK / parts);
}

void winograd_forward(const ag_conv2d *whole, const float *x, const float *weight, const float *bias, float *y) {
  const ag_conv2d conv = one_group(whole);
  for (size_t g = 0; g < whole->groups; g++) {
    winograd_work w = work_for(&conv, whole);
    w.x = x + g * image_of_x(&conv), w.y = y + g * image_of_y(&conv), w.w = weight + g * count_of_weight(&conv);
    if (bias) w.bias = bias + g * conv.out_channels;
    divide_work(&w);
    run(&w);
  }
}

void winograd_backward(const ag_conv2d *whole, const float *x, const float *weight, const float *dy, float *dx,
                       float *dw, float *dbias) {
  const ag_conv2d conv = one_group(whole);
  for (size_t g = 0; g < whole->groups; g++) {
    winograd_work w = work_for(&conv, whole);
    w.dy = dy + g * image_of_y(&conv);
    if (dx) w.dx = dx + g * image_of_x(&conv), w.w = weight + g * count_of_weight(&conv);
    if (dw) w.dw = dw + g * count_of_weight(&conv), w.x = x + g * image_of_x(&conv);
    divide_work(&w);
    if (w.parts > 1) w.dw_step = dw ? count_of_weight(&conv) : 0, w.apart_step = dx ? size_of_apart(&w) : 0;
    const size_t sums = dbias ? tile_rows(&w) * matrices(&w, NULL, 0, conv.out_channels).row : 0;
    float *at = ag_scratch(AG_SCRATCH_CALL, (sums + w.parts * (w.dw_step + w.apart_step)) * sizeof(float));
    if (dbias) w.sums = at;
    if (w.dw_step > 0) w.dw_of_parts = at + sums;
    if (w.apart_step > 0) w.apart = at + sums + w.parts * w.dw_step;
    run(&w);
    if (dx) add_apart(&w);
    if (dbias) add_sums(&w, dbias + g * conv.out_channels);
    for (size_t part = 1; w.dw_of_parts && part < w.parts; part++)
      ag_accumulate(AG_F32, w.dw_step, 1, w.dw_of_parts + (part - 1) * w.dw_step, w.dw);
  }
}
