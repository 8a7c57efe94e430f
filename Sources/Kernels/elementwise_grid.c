#include "elementwise_grid.h"

#include <string.h>

#include "ag_pool.h"

enum {
  TILE = 4096,        // elements of a tile and of a staged operand
  SHORT_ROW = 128,    // several rows shorter than this share a tile, longer ones only if an operand is gathered
};

static bool is_wide(ptrdiff_t stride) { return stride < -1 || stride > 1; }

#define GATHER(T)                                                                   \
  {                                                                                 \
    const T *x = (const T *)from.data;                                              \
    T *out = to;                                                                    \
    if (down_first) {                                                               \
      for (size_t c = 0; c < cols; c++)                                             \
        for (size_t r = 0; r < rows; r++)                                           \
          out[r * cols + c] = x[(ptrdiff_t)r * from.row + (ptrdiff_t)c * from.col]; \
      break;                                                                        \
    }                                                                               \
    for (size_t r = 0; r < rows; r++, x += from.row, out += cols) {                 \
      if (from.col == 1) memcpy(out, x, cols * sizeof(T));                          \
      else if (from.col == 0) for (size_t c = 0; c < cols; c++) out[c] = *x;        \
      else for (size_t c = 0; c < cols; c++) out[c] = x[(ptrdiff_t)c * from.col];   \
    }                                                                               \
    break;                                                                          \
  }

void ag_gather(ag_operand from, size_t rows, size_t cols, void *to) {
  // Reads in memory order, even where neighbours in memory belong to one column.
  bool down_first = rows > 1 && is_wide(from.col) && !is_wide(from.row);
  switch (from.size) {
    case 1: GATHER(uint8_t)
    case 4: GATHER(uint32_t)
    default: GATHER(uint64_t)
  }
}

typedef struct {
  ag_grid grid;
  size_t tile_rows, tile_cols, tiles_across;
} tiling;

/// The tiles begin..<end.
static void walk_tiles(void *context, size_t begin, size_t end) {
  const tiling *t = context;
  const ag_grid *grid = &t->grid;
  _Alignas(64) char staged[AG_MAX_OPERANDS][TILE * 8];
  size_t staged_rows[AG_MAX_OPERANDS] = {0};  // copies of a repeated row that a buffer already holds
  for (size_t tile = begin; tile < end; tile++) {
    size_t r = tile / t->tiles_across * t->tile_rows, c = tile % t->tiles_across * t->tile_cols;
    size_t rows = ag_min(t->tile_rows, grid->rows - r), cols = ag_min(t->tile_cols, grid->cols - c);
    const void *operands[AG_MAX_OPERANDS];
    unsigned scalars = 0;
    for (int i = 0; i < grid->operand_count; i++) {
      ag_operand x = grid->operands[i];
      x.data += ((ptrdiff_t)r * x.row + (ptrdiff_t)c * x.col) * (ptrdiff_t)x.size;
      bool allowed = grid->scalars_allowed >> i & 1;
      bool all_others = (scalars | 1u << i) == (1u << grid->operand_count) - 1;
      if (x.col == 1 && (rows == 1 || x.row == (ptrdiff_t)cols)) {
        operands[i] = x.data;
      } else if (x.col == 0 && (rows == 1 || x.row == 0) && allowed && !all_others) {
        operands[i] = x.data;
        scalars |= 1u << i;
      } else {
        bool repeats = x.row == 0 && t->tiles_across == 1;
        if (!repeats || staged_rows[i] < rows) ag_gather(x, rows, cols, staged[i]);
        staged_rows[i] = repeats ? rows : 0;
        operands[i] = staged[i];
      }
    }
    grid->body(grid->context, rows * cols, operands, scalars, grid->out + (r * grid->cols + c) * grid->out_size);
  }
}

/// Turns a grid that is one run of elements for every operand into a single row.
static void flatten(ag_grid *grid) {
  bool row_by_row = true;
  for (int i = 0; i < grid->operand_count; i++)
    if (grid->operands[i].row != grid->operands[i].col * (ptrdiff_t)grid->cols) row_by_row = false;
  if (grid->cols == 1) {
    for (int i = 0; i < grid->operand_count; i++) grid->operands[i].col = grid->operands[i].row;
  } else if (!row_by_row) {
    return;
  }
  grid->cols *= grid->rows;
  grid->rows = 1;
}

void ag_walk_grid(ag_grid grid) {
  if (grid.rows == 0 || grid.cols == 0) return;
  if (grid.rows > 1) flatten(&grid);
  tiling t = {.grid = grid, .tile_rows = 1, .tile_cols = ag_min(grid.cols, TILE)};
  bool gathers = false;
  for (int i = 0; i < grid.operand_count; i++) gathers |= is_wide(grid.operands[i].col);
  if (grid.cols < SHORT_ROW || (gathers && grid.cols <= TILE)) t.tile_rows = ag_min(grid.rows, TILE / grid.cols);
  t.tiles_across = (grid.cols + t.tile_cols - 1) / t.tile_cols;
  size_t tiles = (grid.rows + t.tile_rows - 1) / t.tile_rows * t.tiles_across;
  size_t range = ag_range(grid.heavy);
  if (grid.rows * grid.cols < 2 * range) walk_tiles(&t, 0, tiles);
  else ag_parallel_for(tiles, range / (t.tile_rows * t.tile_cols), walk_tiles, &t);
}
