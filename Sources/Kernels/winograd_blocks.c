// Computes parts of a convolution by Winograd's minimal filtering, block by block of tiles: first all channels of the
// wide operand are transformed, then the narrow one is processed in groups of channels (see winograd.c).
#include "winograd_work.h"

#include "ag_gemm.h"
#include "ag_pool.h"
#include "conv_kernels.h"
#include "scratch.h"

/// A block: some rows of tiles of a part, with all channels of the wide operand transformed.
typedef struct {
  const winograd_work *work;
  size_t part, first_row, rows[3];  // rows that have points of each class
  size_t strips;
  winograd_points wide;
} winograd_block;

/// The blocks that groups of channels, from `first_group` on, are taken through.
typedef struct {
  const winograd_work *work;
  const winograd_block *blocks;
  size_t count, first_group;
} winograd_blocks;

// Parts of a block

/// How many of the rows of tiles before `row` have points of the class.
static size_t rows_before(const winograd_work *w, size_t row, size_t class) {
  return row / w->tiles_y[0] * w->tiles_y[class] + smaller(row % w->tiles_y[0], w->tiles_y[class]);
}

static winograd_block block_at(const winograd_work *w, size_t part, size_t row, size_t end) {
  winograd_block b = {.work = w, .part = part, .first_row = row};
  end = smaller(end, row + w->block_rows);
  for (size_t class = 0; class < 3; class++) b.rows[class] = rows_before(w, end, class) - rows_before(w, row, class);
  b.strips = (row + b.rows[0] - 1) / w->tiles_y[0] - row / w->tiles_y[0] + 1;
  return b;
}

/// The block's strip number `index`: its rows of tiles in one image.
static winograd_strip strip_of(const winograd_block *b, size_t index) {
  const winograd_work *w = b->work;
  const size_t image = b->first_row / w->tiles_y[0] + index, top = image * w->tiles_y[0];
  const size_t begin = larger(b->first_row, top), end = smaller(b->first_row + b->rows[0], top + w->tiles_y[0]);
  winograd_strip strip = {
      .image = image,
      .first_row = begin - top,
      .rows = end - begin,
      .last_row = end == top + w->tiles_y[0] ? w->last_row : (int)w->loops->side,
      .last_col = w->last_col,
      .apart = w->apart && begin == b->part * w->part_rows ? w->apart + b->part * w->apart_step : NULL,
  };
  for (size_t class = 0; class < 3; class++) {
    strip.cols[class] = w->tiles_x[class];
    strip.above[class] = rows_before(w, begin, class) - rows_before(w, b->first_row, class);
  }
  return strip;
}

/// The most rows of tiles that a block can have.
static size_t most_rows(const winograd_work *w) { return smaller(w->block_rows, w->part_rows); }

/// A group of the narrow operand's channels, which is taken through one block after another.
typedef struct {
  size_t first, cols;  // first channel, and number of channels in whole vectors
  winograd_points narrow, weight, weight_gradient;
  float *transform;  // working memory
} winograd_group;

static winograd_group group_at(const winograd_work *w, size_t index) {
  const size_t channels = parts_of(narrow_channels(w), w->loops->lanes) * w->loops->lanes;
  winograd_group g = {.first = index * w->group, .weight = w->weight, .weight_gradient = w->weight_gradient};
  g.cols = smaller(w->group, channels - g.first);
  g.narrow = matrices(w, NULL, most_rows(w) * w->tiles_x[0], w->group);
  const size_t transform = room_for_transform(w), weight = size_of(w, w->weight);
  const size_t own = w->many_weights ? (w->dw && w->dx ? 2 : 1) * weight : 0;
  g.transform = ag_scratch(AG_SCRATCH_TASK, (transform + size_of(w, g.narrow) + own) * sizeof(float));
  g.narrow.start = g.transform + transform;
  if (w->many_weights) {
    g.weight.start = g.narrow.start + size_of(w, g.narrow);
    g.weight_gradient.start = g.weight.start + (own - weight);
  } else {
    g.weight.start += index * weight;
    if (w->dw) g.weight_gradient.start += index * weight;
  }
  return g;
}

/// Items of a loop over the wide operand (forward the input, backward dy): each is one strip for one vector of
/// channels. Threads that all transform the whole operand, each for its own groups, begin at different items, so that
/// they do not compete for the same cache lines.
typedef struct {
  const winograd_block *block;
  size_t first_group;
} wide_items;

static void transform_wide(void *context, size_t begin, size_t end) {
  const wide_items *all = context;
  const winograd_block *b = all->block;
  const winograd_work *w = b->work;
  float *work = ag_scratch(AG_SCRATCH_TASK, room_for_transform(w) * sizeof(float));
  const size_t items = b->strips * parts_of(wide_channels(w), w->loops->lanes);
  for (size_t at = begin; at < end; at++) {
    const size_t i = (at + all->first_group * items / w->groups) % items;
    winograd_strip strip = strip_of(b, i % b->strips);
    const size_t channel = i / b->strips * w->loops->lanes;
    const winograd_points to = moved(b->wide, channel);
    if (w->sums && all->first_group == 0) {  // where several threads transform the same rows, only the first sums
      strip.sums = w->sums + (strip.image * w->tiles_y[0] + strip.first_row) * b->wide.row;
      strip.sums_row = b->wide.row;
    }
    if (w->dy) w->loops->output_gradient(w->out, &strip, channel, w->dy, to, work);
    else w->loops->input(w->in, &strip, channel, w->x, to, work);
  }
}

/// How many tiles of the block have a value at point `p`.
static size_t tiles_at(const winograd_block *b, size_t p) {
  const size_t side = b->work->loops->side;
  return b->rows[winograd_class(p / side, side)] * b->work->tiles_x[winograd_class(p % side, side)];
}

// Weights

/// Transforms the weights of the group whose first channel is `first`. Forward, a row is an input channel and a column
/// an output channel of the group; backward it is the other way round.
static void transform_weight(const winograd_work *w, size_t first, winograd_points to) {
  const size_t size = w->taps * w->taps, in = w->conv->in_channels;
  const size_t row_step = w->dy ? in * size : size, column_step = w->dy ? size : in * size;
  const size_t count = smaller(narrow_channels(w) - first, w->group);
  for (size_t row = 0; row < wide_channels(w); row++)
    w->loops->weight(count, w->w + row * row_step + first * column_step, column_step, row_step,
                     moved(to, row * to.row));
}

/// Transforms the gradient of these weights back and stores it in `dw` or adds it.
static void transform_weight_gradient(const winograd_work *w, size_t first, winograd_points from, bool add, float *dw) {
  const size_t size = w->taps * w->taps, in = w->conv->in_channels;
  for (size_t row = 0; row < wide_channels(w); row++)
    w->loops->weight_gradient(smaller(in - first, w->group), moved(from, row * from.row), add,
                              dw + (row * in + first) * size, in * size);
}

/// A part's own weight gradient.
static float *dw_of(const winograd_work *w, size_t part) {
  return part == 0 ? w->dw : w->dw_of_parts + (part - 1) * w->dw_step;
}

// Groups

/// How many terms of a sum are added up in one run. The inverse transform multiplies their rounding error by about 12
/// with 8 points and by 3 with 6, so with 8 points long sums are made of short ones.
static size_t run_of_terms(const winograd_work *w, size_t count, size_t most) {
  return w->loops->side < WINOGRAD_MOST_SIDE || count == 0 ? larger(count, 1) : parts_of(count, parts_of(count, most));
}

/// narrow = wide · weight at point `p`. Each row is a tile.
static void multiply_weight(const winograd_block *b, const winograd_group *g, size_t p) {
  const winograd_points wide = moved(b->wide, p * b->wide.point), weight = moved(g->weight, p * g->weight.point);
  const size_t channels = wide_channels(b->work), run = run_of_terms(b->work, channels, 64);
  for (size_t at = 0; at < channels; at += run)
    ag_gemm_f32(tiles_at(b, p), g->cols, smaller(run, channels - at), wide.start + at, (ptrdiff_t)wide.row, 1,
                weight.start + at * weight.row, (ptrdiff_t)weight.row, 1, g->narrow.start + p * g->narrow.point,
                (ptrdiff_t)g->narrow.row, at > 0, NULL);
}

/// The gradient of the weights at point `p`, wideᵀ · narrow.
static void multiply_tiles(const winograd_block *b, const winograd_group *g, size_t p, bool accumulate) {
  const winograd_points wide = moved(b->wide, p * b->wide.point), narrow = moved(g->narrow, p * g->narrow.point);
  const size_t tiles = tiles_at(b, p), run = run_of_terms(b->work, tiles, 96);
  for (size_t at = 0; at == 0 || at < tiles; at += run)
    ag_gemm_f32(wide_channels(b->work), g->cols, smaller(run, tiles - at), wide.start + at * wide.row, 1,
                (ptrdiff_t)wide.row, narrow.start + at * narrow.row, (ptrdiff_t)narrow.row, 1,
                g->weight_gradient.start + p * g->weight_gradient.point, (ptrdiff_t)g->weight_gradient.row,
                accumulate || at > 0, NULL);
}

typedef enum { INPUT, INPUT_GRADIENT, OUTPUT } narrow_transform;

static void transform_narrow(const winograd_block *b, const winograd_group *g, narrow_transform which) {
  const winograd_work *w = b->work;
  for (size_t i = 0; i < b->strips; i++) {
    const winograd_strip strip = strip_of(b, i);
    for (size_t at = 0; at < g->cols; at += w->loops->lanes) {
      const winograd_points points = moved(g->narrow, at);
      const size_t channel = g->first + at;
      if (which == INPUT) w->loops->input(w->in, &strip, channel, w->x, points, g->transform);
      if (which == INPUT_GRADIENT)
        w->loops->input_gradient(w->in, &strip, channel, points, NULL, w->dx, g->transform);
      if (which == OUTPUT) w->loops->output(w->out, &strip, channel, points, w->bias, w->y, g->transform);
    }
  }
}

static void forward_groups(void *context, size_t begin, size_t end) {
  const winograd_blocks *all = context;
  const winograd_work *w = all->work;
  for (size_t index = begin; index < end; index++) {
    const winograd_group g = group_at(w, all->first_group + index);
    if (w->many_weights) transform_weight(w, g.first, g.weight);
    for (const winograd_block *b = all->blocks; b < all->blocks + all->count; b++) {
      for (size_t p = 0; p < w->points; p++) multiply_weight(b, &g, p);
      transform_narrow(b, &g, OUTPUT);
    }
  }
}

static void backward_groups(void *context, size_t begin, size_t end) {
  const winograd_blocks *all = context;
  const winograd_work *w = all->work;
  const bool many = w->many_weights;
  for (size_t index = begin; index < end; index++) {
    const winograd_group g = group_at(w, all->first_group + index);
    if (w->dx && many) transform_weight(w, g.first, g.weight);
    for (const winograd_block *b = all->blocks; b < all->blocks + all->count; b++) {
      const bool first = b->first_row == b->part * w->part_rows;
      if (w->dw) transform_narrow(b, &g, INPUT);
      for (size_t p = 0; p < w->points; p++) {
        if (w->dw) multiply_tiles(b, &g, p, !many && !first);
        if (w->dx) multiply_weight(b, &g, p);  // overwrites narrow, which has been used
      }
      if (w->dx) transform_narrow(b, &g, INPUT_GRADIENT);
      if (w->dw && many) transform_weight_gradient(w, g.first, g.weight_gradient, !first, dw_of(w, b->part));
    }
  }
}

// Blocks

/// Prepares a block for each of some parts, at the same row of each, so that the blocks can share a group's weights.
/// Returns the number of parts that reach this row.
static size_t blocks_at(const winograd_work *w, size_t begin, size_t end, size_t row, winograd_points wide,
                        winograd_block *blocks) {
  size_t count = 0;
  for (size_t part = begin; part < end; part++) {
    const size_t first = part * w->part_rows + row, end_row = smaller((part + 1) * w->part_rows, tile_rows(w));
    if (first >= end_row) break;
    blocks[count] = block_at(w, part, first, end_row);
    blocks[count].wide = moved(wide, count * size_of(w, wide));
    count++;
  }
  return count;
}

static void run_blocks(const winograd_blocks *all, size_t groups) {
  const winograd_work *w = all->work;
  size_t values = 0;
  for (size_t i = 0; i < all->count; i++) {
    const winograd_block *b = &all->blocks[i];
    const size_t here = b->rows[0] * w->tiles_x[0] * w->points;
    wide_items wide = {b, all->first_group};
    ag_parallel_for(b->strips * parts_of(wide_channels(w), w->loops->lanes),
                    conv_grain(8 * here * w->loops->lanes / b->strips), transform_wide, &wide);
    values += here;
  }
  ag_parallel_for(groups, conv_grain(values * w->group * wide_channels(w)), w->dy ? backward_groups : forward_groups,
                  (void *)all);
}

/// If the weights are few, all of them stay transformed while the parts are computed one after another. If they are
/// many, one group's weights at a time serve all parts.
void winograd_run_parts(const winograd_work *whole, size_t begin, size_t end, size_t first_group, size_t groups) {
  winograd_work w = *whole;
  const size_t at_once = w.many_weights ? end - begin : 1, few = w.many_weights ? 0 : w.weight_step;
  const size_t weights = w.w ? few : 0, gradients = w.dw ? few : 0;
  winograd_points wide = matrices(&w, NULL, most_rows(&w) * w.tiles_x[0], wide_channels(&w));
  w.weight.start = ag_scratch(AG_SCRATCH_PART, (weights + gradients + at_once * size_of(&w, wide)) * sizeof(float));
  w.weight_gradient.start = w.weight.start + weights;
  wide.start = w.weight_gradient.start + gradients;
  const size_t step = size_of(&w, w.weight);  // from group to group
  for (size_t group = 0; group < w.groups && weights > 0; group++)
    transform_weight(&w, group * w.group, moved(w.weight, group * step));
  for (size_t part = begin; part < end; part += at_once) {
    for (size_t row = 0; row < w.part_rows; row += w.block_rows) {
      winograd_block blocks[WINOGRAD_MOST_AT_ONCE];
      const size_t count = blocks_at(&w, part, part + at_once, row, wide, blocks);
      const winograd_blocks all = {&w, blocks, count, first_group};
      run_blocks(&all, groups);
    }
    for (size_t group = 0; group < w.groups && gradients > 0; group++)
      transform_weight_gradient(&w, group * w.group, moved(w.weight_gradient, group * step), false, dw_of(&w, part));
  }
}
