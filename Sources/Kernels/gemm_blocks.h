// The general product, in blocks of k: panels of B stay in the first-level cache, blocks of A in the second-level one.
//
// A is read in place if its rows or its columns are dense and few panels read it; B, if its rows are dense and either
// few tiles read it or it fits the second-level cache. Otherwise they are packed first.

enum {
  NAME(deepest) = 2048 / VALUE_BYTES,
  NAME(block_rows) = 112,
  NAME(block_cols) = 2048,
  NAME(line) = 64 / VALUE_BYTES,
  NAME(panel) = 2 * LANES,
};

/// The depth of a block along k. Unlike the other block sizes it affects the bits of the result, so it may depend on
/// nothing but k.
INLINE size_t NAME(block_depth)(size_t k) {
  size_t blocks = (k + NAME(deepest) - 1) / NAME(deepest);
  return (k + blocks - 1) / blocks;
}

INLINE size_t NAME(smaller)(size_t x, size_t y) { return x < y ? x : y; }

// Panels of B

/// Packs a panel of B: `k` rows of `width` values, of which `cols` come from B; the values of the others do not matter.
static void NAME(copy_panel)(const VALUE *b, ptrdiff_t b_row, ptrdiff_t b_col, size_t k, size_t cols, size_t width,
                             VALUE *to) {
  // The last vector of a panel may be partial, but none is empty.
  if (b_col == 1) {
    for (size_t p = 0; p < k; p++, b += b_row, to += width) {
      size_t col = 0;
      for (; col + LANES <= cols; col += LANES) NAME(store)(to + col, NAME(load)(b + col));
      if (col == width) continue;
      NAME(store)(to + col, 0);
      NAME(copy_few)(to + col, b + col, cols - col);
    }
  } else if (b_row == 1 && k >= LANES) {
    for (size_t col = 0; col < width; col += LANES)
      for (size_t p = 0; p < k; p += LANES) {
        // LANES × LANES squares: the last one down overlaps the one before, the last across repeats the last column.
        const size_t row = NAME(smaller)(p, k - LANES);
        VECTOR x[LANES];
        UNROLL for (int t = 0; t < LANES; t++)
            x[t] = NAME(load)(b + (ptrdiff_t)NAME(smaller)(col + (size_t)t, cols - 1) * b_col + row);
        NAME(transpose)(x);
        UNROLL for (int t = 0; t < LANES; t++) NAME(store)(to + (row + (size_t)t) * width + col, x[t]);
      }
  } else {
    for (size_t p = 0; p < k; p++) {
      for (size_t j = 0; j < cols; j++) to[p * width + j] = b[(ptrdiff_t)p * b_row + (ptrdiff_t)j * b_col];
      for (size_t j = cols; j < width; j++) to[p * width + j] = 0;
    }
  }
}

/// The width of the next panel when `cols` columns are left.
INLINE size_t NAME(panel_width)(size_t cols) { return cols <= LANES ? LANES : NAME(panel); }

// Blocks of A

typedef struct {
  const VALUE *start;
  ptrdiff_t row, step;  // strides; one of them is 1
} NAME(block_of_a);

static NAME(block_of_a) NAME(copy_block_of_a)(NAME(block_of_a) a, size_t rows, size_t k, VALUE *to) {
  if (a.row == 1 && a.step != 1) {
    size_t stride = (rows + NAME(line) - 1) / NAME(line) * NAME(line);
    for (size_t p = 0; p < k; p++) {
      const VALUE *from = a.start + (ptrdiff_t)p * a.step;
      VALUE *column = to + p * stride;
      for (size_t i = 0; i < rows; i++) column[i] = from[i];
    }
    return (NAME(block_of_a)){to, 1, (ptrdiff_t)stride};
  }
  // An odd number of cache lines per row puts the rows of a tile into different cache sets.
  size_t stride = ((k + NAME(line) - 1) / NAME(line) | 1) * NAME(line);
  for (size_t i = 0; i < rows; i++) {
    const VALUE *from = a.start + (ptrdiff_t)i * a.row;
    VALUE *row = to + i * stride;
    if (a.step == 1)
      for (size_t p = 0; p < k; p++) row[p] = from[p];
    else
      for (size_t p = 0; p < k; p++) row[p] = from[(ptrdiff_t)p * a.step];
  }
  return (NAME(block_of_a)){to, (ptrdiff_t)stride, 1};
}

/// Whether packing the block would cost more than it saves when `panels` panels read it.
INLINE bool NAME(read_a_in_place)(NAME(block_of_a) a, size_t panels) {
  if (a.row != 1 && a.step != 1) return false;
  ptrdiff_t stride = (a.row == 1 ? a.step : a.row) * VALUE_BYTES;
  bool crowded = stride % 4096 == 0;
  return panels <= (crowded ? 1 : 8);
}

INLINE bool NAME(read_b_in_place)(const gemm_problem *p) {
  if (p->b_col != 1) return false;
  if (p->m <= 2 * TILE_ROWS) return true;
  return p->k * p->n * VALUE_BYTES <= 1 << 20 && (p->b_row * VALUE_BYTES) % 4096 != 0;
}

// Tiles

/// Whether to use tiles of four vectors: if there are few rows, or if four vectors of all rows of B fill at most half
/// of the first-level cache. Then A is read half as often, and a value loaded from it serves four products, not two.
INLINE bool NAME(takes_wide_tiles)(const gemm_problem *p) { return p->m <= WIDE_TILE_ROWS || p->k <= WIDE_TILE_DEPTH; }

/// Multiplies a block of A of `rows` rows by one panel; `w` describes the first tile.
INLINE void NAME(multiply_panel)(NAME(tile_work) w, NAME(block_of_a) a, size_t rows, size_t width) {
  const bool along_k = a.step == 1;
  w.a_stride = along_k ? a.row : a.step;
  const size_t most = width > NAME(panel) ? WIDE_TILE_ROWS : TILE_ROWS;
  size_t tiles = (rows + most - 1) / most, base = rows / tiles, taller = rows % tiles;
  const NAME(tile_function)(*functions)[2] = width == LANES             ? NAME(tiles_1)
                                             : width == NAME(panel) ? NAME(tiles_2)
                                                                        : NAME(tiles_4);
  w.a = a.start;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t height = base + (tile < taller);
    functions[height][along_k](&w);
    w.a += (ptrdiff_t)height * a.row;
    w.c += (ptrdiff_t)height * w.c_row;
    if (w.row_bias) w.row_bias += height;
  }
}

static void NAME(blocks)(const gemm_problem *p) {
  const size_t depth = NAME(block_depth)(p->k);
  const size_t most_rows = NAME(smaller)(p->m, NAME(block_rows)), most_cols = NAME(smaller)(p->n, NAME(block_cols));
  const size_t panels = (most_cols + NAME(panel) - 1) / NAME(panel);
  const bool b_in_place = NAME(read_b_in_place)(p), wide = b_in_place && NAME(takes_wide_tiles)(p);
  const NAME(block_of_a) whole_a = {p->a, p->a_row, p->a_col};
  const bool a_in_place = NAME(read_a_in_place)(whole_a, panels);
  // If B is read in place, only a partial last panel is packed.
  const size_t b_size = depth * (b_in_place ? 1 : panels) * NAME(panel);
  const size_t a_size = a_in_place ? 0 : (most_rows + NAME(line)) * (depth + 2 * NAME(line));
  VALUE *const b_copy = ag_scratch(AG_SCRATCH_GEMM, (a_size + b_size) * VALUE_BYTES), *const a_copy = b_copy + b_size;

  for (size_t col = 0; col < p->n; col += most_cols) {
    size_t cols = NAME(smaller)(p->n - col, most_cols);
    for (size_t at = 0; at < p->k; at += depth) {
      size_t k = NAME(smaller)(p->k - at, depth);
      const VALUE *b = (const VALUE *)p->b + (ptrdiff_t)at * p->b_row + (ptrdiff_t)col * p->b_col;
      const bool last = at + k == p->k;
      for (size_t row = 0; row < p->m; row += most_rows) {
        size_t rows = NAME(smaller)(p->m - row, most_rows);
        NAME(block_of_a) a = whole_a;
        a.start += (ptrdiff_t)row * p->a_row + (ptrdiff_t)at * p->a_col;
        if (!a_in_place) a = NAME(copy_block_of_a)(a, rows, k, a_copy);
        NAME(tile_work) w = {
            .k = k,
            .c_row = p->c_row,
            .accumulate = p->accumulate || at > 0,
            .relu = p->relu && last,
        };
        for (size_t j = 0, width; j < cols; j += width) {
          width = wide && cols - j >= 4 * LANES ? 4 * LANES : NAME(panel_width)(cols - j);
          w.cols = NAME(smaller)(cols - j, width);
          w.c = (VALUE *)p->c + (ptrdiff_t)row * p->c_row + (ptrdiff_t)(col + j);
          w.bias = p->bias && last ? (const VALUE *)p->bias + col + j : NULL;
          w.row_bias = p->row_bias && last ? (const VALUE *)p->row_bias + row : NULL;
          if (b_in_place && w.cols == width) {
            w.b = b + j;
            w.b_stride = p->b_row;
          } else {
            VALUE *panel = b_copy + (b_in_place ? 0 : j * k);
            if (row == 0) NAME(copy_panel)(b + (ptrdiff_t)j * p->b_col, p->b_row, p->b_col, k, w.cols, width, panel);
            w.b = panel;
            w.b_stride = (ptrdiff_t)width;
          }
          NAME(multiply_panel)(w, a, rows, width);
        }
      }
    }
  }
}
