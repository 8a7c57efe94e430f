// The interface between winograd.c, which divides up a convolution, and winograd_blocks.c, which computes its parts.
#ifndef WINOGRAD_WORK_H
#define WINOGRAD_WORK_H
#include "winograd_kernels.h"

enum { WINOGRAD_MOST_AT_ONCE = 4 };  // parts that share a group's weights, if weights are many

/// One convolution of one group.
typedef struct {
  const winograd_loops *loops;
  const ag_conv2d *conv;
  size_t step, taps, points;  // `points` counts those of both axes
  size_t tiles_y[3], tiles_x[3];  // of an image: those that have points of each class
  int last_row, last_col;         // points of the last tile along the axis
  winograd_planes in, out;
  const float *x, *w, *bias, *dy;
  float *y, *dx, *dw;
  size_t group, groups;  // channels that are multiplied at once, and the number of such groups
  // A part is a range of rows of tiles, numbered through all images; a block is a range of rows of a part. Each part
  // has a weight gradient of its own, the first in `dw`, and a buffer `apart` for the rows of dx that it shares with
  // the part before.
  size_t parts, part_rows, block_rows;
  bool many_weights;  // each group transforms its own, for one block of each part in hand
  winograd_points weight, weight_gradient;  // of one group; unless they are many, the next group's follow
  size_t weight_step;                       // elements of all groups' weights
  size_t dw_step, apart_step;               // from part to part
  float *dw_of_parts, *apart;
  float *sums;  // of dy, for each row of tiles and channel; NULL if no bias gradient is wanted
} winograd_work;

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t larger(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t parts_of(size_t n, size_t size) { return (n + size - 1) / size; }

/// Matrices of `rows` rows of `channels`, rounded up to whole vectors. A cache line of padding between points keeps
/// them from competing for the same cache sets.
static inline winograd_points matrices(const winograd_work *w, float *start, size_t rows, size_t channels) {
  winograd_points points = {.start = start, .row = parts_of(channels, w->loops->lanes) * w->loops->lanes};
  points.point = rows * points.row + 16;
  return points;
}

static inline size_t size_of(const winograd_work *w, winograd_points points) { return w->points * points.point; }

static inline winograd_points moved(winograd_points points, size_t by) {
  points.start += by;
  return points;
}

/// Working memory of a strip's transform in elements: all points of a row of tiles, and a row of values.
static inline size_t room_for_transform(const winograd_work *w) {
  const size_t lanes = w->loops->lanes, columns = w->tiles_x[0] * w->step + WINOGRAD_MOST_SIDE + lanes;
  return (w->points * w->tiles_x[0] + columns) * lanes;
}

static inline size_t tile_rows(const winograd_work *w) { return w->conv->n * w->tiles_y[0]; }

/// The channels of the wide operand, which is transformed whole, and of the narrow one, which is transformed in groups.
static inline size_t wide_channels(const winograd_work *w) { return w->dy ? w->conv->out_channels : w->conv->in_channels; }
static inline size_t narrow_channels(const winograd_work *w) { return w->dy ? w->conv->in_channels : w->conv->out_channels; }

/// Takes `groups` groups, from `first_group` on, through the parts from `begin` up to `end`.
void winograd_run_parts(const winograd_work *w, size_t begin, size_t end, size_t first_group, size_t groups);

#endif
