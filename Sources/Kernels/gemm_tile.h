// The micro-kernel: a tile of C that stays in registers, `rows` rows of `vectors` vectors. One body serves all sizes.

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
  const VALUE *bias, *row_bias;  // NULL before the last block of k
  bool accumulate, relu;
} NAME(tile_work);

#define MOST_VECTORS 4

INLINE void NAME(tile)(const NAME(tile_work) *w, const int rows, const int vectors, const bool along_k) {
  VECTOR sum[TILE_ROWS][MOST_VECTORS];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = 0;
  // Three rows share a pointer, as many as one addressing mode reaches: base, base + stride, base + 2 · stride.
  const VALUE *a[(TILE_ROWS + 2) / 3], *b = w->b;
  const ptrdiff_t a_stride = w->a_stride, b_stride = w->b_stride;
  UNROLL for (int i = 0; i < rows; i += 3) a[i / 3] = along_k ? w->a + i * a_stride : w->a + i;
  // By now C may have left the cache, and its rows may all compete for the same cache set.
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
  VALUE *const c = w->c;
  const ptrdiff_t c_row = w->c_row;
  // If the tile extends past the right edge of C, its last vector is read and written in part.
  const size_t in_last = w->cols - (size_t)(vectors - 1) * LANES;
#define LOAD(p, v) ((v) < vectors - 1 || in_last == LANES ? NAME(load)(p) : NAME(load_first)(p, in_last))
#define EACH_VECTOR UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++)
  if (w->accumulate) EACH_VECTOR sum[i][v] += LOAD(c + i * c_row + v * LANES, v);
  if (w->bias)
    UNROLL for (int v = 0; v < vectors; v++) {
      VECTOR added = LOAD(w->bias + v * LANES, v);
      UNROLL for (int i = 0; i < rows; i++) sum[i][v] += added;
    }
  if (w->row_bias) EACH_VECTOR sum[i][v] += w->row_bias[i];
  if (w->relu) EACH_VECTOR sum[i][v] = NAME(relu)(sum[i][v]);
  if (in_last == LANES) {
    EACH_VECTOR NAME(store)(c + i * c_row + v * LANES, sum[i][v]);
  } else {
    UNROLL for (int i = 0; i < rows; i++) {
      UNROLL for (int v = 0; v < vectors - 1; v++) NAME(store)(c + i * c_row + v * LANES, sum[i][v]);
      NAME(store_first)(c + i * c_row + (vectors - 1) * LANES, in_last, sum[i][vectors - 1]);
    }
  }
#undef LOAD
#undef EACH_VECTOR
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

// Indexed by the number of rows, then by whether A is read along k.
static const NAME(tile_function) NAME(tiles_1)[TILE_ROWS + 1][2] = {UP_TO(TILE_ROWS, TILE_ENTRY, 1)};
static const NAME(tile_function) NAME(tiles_2)[TILE_ROWS + 1][2] = {UP_TO(TILE_ROWS, TILE_ENTRY, 2)};
static const NAME(tile_function) NAME(tiles_4)[WIDE_TILE_ROWS + 1][2] = {UP_TO(WIDE_TILE_ROWS, TILE_ENTRY, 4)};
