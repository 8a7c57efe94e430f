// A tile of C that stays in registers: `rows` rows of `vectors` vectors. One function for each size, from one body.

/// The work of one tile.
typedef struct {
  size_t k;
  const VALUE *a;
  ptrdiff_t a_stride;  // between rows if A is read along k, else between steps of k
  const VALUE *b;
  ptrdiff_t b_stride;
  VALUE *c;
  ptrdiff_t c_row;
  size_t cols;          // columns of C to write, at most the tile's
  const VALUE *bias;    // NULL before the last block of k
  bool accumulate, relu;
} NAME(tile_work);

#define MOST_VECTORS 4

INLINE void NAME(copy_rows)(VALUE *to, ptrdiff_t to_row, const VALUE *from, ptrdiff_t from_row, int rows, size_t cols) {
  size_t whole = cols & ~(size_t)(2 * LANES - 1);
  for (int i = 0; i < rows; i++, to += to_row, from += from_row) {
    for (size_t j = 0; j < whole; j += LANES) NAME(store)(to + j, NAME(load)(from + j));
    NAME(copy_few)(to + whole, from + whole, cols - whole);
  }
}

INLINE void NAME(tile)(const NAME(tile_work) *w, const int rows, const int vectors, const bool along_k) {
  VECTOR sum[TILE_ROWS][MOST_VECTORS];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = 0;
  // Three rows share a pointer: that is as far as the address arithmetic of one instruction goes.
  const VALUE *a[(TILE_ROWS + 2) / 3], *b = w->b;
  const ptrdiff_t a_stride = w->a_stride, b_stride = w->b_stride;
  UNROLL for (int i = 0; i < rows; i += 3) a[i / 3] = along_k ? w->a + i * a_stride : w->a + i;
  // C is far away by now, and its rows may all want the same set of the cache.
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
      __builtin_prefetch(w->c + i * w->c_row + v * LANES);
  for (size_t left = w->k; left > 0; left--) {
    VECTOR right[MOST_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) right[v] = NAME(load)(b + v * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      VECTOR one = (VECTOR)a[i / 3][along_k ? i % 3 * a_stride : i % 3];
      UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = NAME(multiply_add)(one, right[v], sum[i][v]);
    }
    UNROLL for (int i = 0; i < rows; i += 3) a[i / 3] += along_k ? 1 : a_stride;
    b += b_stride;
  }
  VALUE *c = w->c;
  ptrdiff_t c_row = w->c_row;
  const VALUE *bias = w->bias;
  // A tile that sticks out of C on the right is finished in a place of its own.
  VALUE own_c[TILE_ROWS * MOST_VECTORS * LANES], own_bias[MOST_VECTORS * LANES];
  const bool sticks_out = w->cols < (size_t)vectors * LANES;
  if (sticks_out) {
    c = own_c;
    c_row = vectors * LANES;
    if (w->accumulate) NAME(copy_rows)(c, c_row, w->c, w->c_row, rows, w->cols);
    if (bias) {
      NAME(copy_rows)(own_bias, 0, bias, 0, 1, w->cols);
      bias = own_bias;
    }
  }
  if (w->accumulate)
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
        sum[i][v] += NAME(load)(c + i * c_row + v * LANES);
  if (bias)
    UNROLL for (int v = 0; v < vectors; v++) {
      VECTOR added = NAME(load)(bias + v * LANES);
      UNROLL for (int i = 0; i < rows; i++) sum[i][v] += added;
    }
  if (w->relu)
    UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = NAME(relu)(sum[i][v]);
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
      NAME(store)(c + i * c_row + v * LANES, sum[i][v]);
  if (sticks_out) NAME(copy_rows)(w->c, w->c_row, c, c_row, rows, w->cols);
}

typedef void (*NAME(tile_function))(const NAME(tile_work) *);

#define TILE(rows, vectors)                                                        \
  static void NAME(tile_along_k_##rows##x##vectors)(const NAME(tile_work) * w) {   \
    NAME(tile)(w, rows, vectors, true);                                            \
  }                                                                                \
  static void NAME(tile_along_m_##rows##x##vectors)(const NAME(tile_work) * w) {   \
    NAME(tile)(w, rows, vectors, false);                                           \
  }
#define TILE_ENTRY(rows, vectors) \
  [rows] = {NAME(tile_along_m_##rows##x##vectors), NAME(tile_along_k_##rows##x##vectors)},

#define UP_TO_2(f, vectors) f(1, vectors) f(2, vectors)
#define UP_TO_3(f, vectors) UP_TO_2(f, vectors) f(3, vectors)
#define UP_TO_4(f, vectors) UP_TO_3(f, vectors) f(4, vectors)
#define UP_TO_5(f, vectors) UP_TO_4(f, vectors) f(5, vectors)
#define UP_TO_6(f, vectors) UP_TO_5(f, vectors) f(6, vectors)
#define UP_TO_12(f, vectors) \
  UP_TO_6(f, vectors) f(7, vectors) f(8, vectors) f(9, vectors) f(10, vectors) f(11, vectors) f(12, vectors)
#define UP_TO_14(f, vectors) UP_TO_12(f, vectors) f(13, vectors) f(14, vectors)
#define CALL_UP_TO(rows, f, vectors) UP_TO_##rows(f, vectors)
#define UP_TO(rows, f, vectors) CALL_UP_TO(rows, f, vectors)

UP_TO(TILE_ROWS, TILE, 1)
UP_TO(TILE_ROWS, TILE, 2)
UP_TO(WIDE_TILE_ROWS, TILE, 4)

// By number of rows, then by whether A is read along k.
static const NAME(tile_function) NAME(tiles_1)[TILE_ROWS + 1][2] = {UP_TO(TILE_ROWS, TILE_ENTRY, 1)};
static const NAME(tile_function) NAME(tiles_2)[TILE_ROWS + 1][2] = {UP_TO(TILE_ROWS, TILE_ENTRY, 2)};
static const NAME(tile_function) NAME(tiles_4)[WIDE_TILE_ROWS + 1][2] = {UP_TO(WIDE_TILE_ROWS, TILE_ENTRY, 4)};
