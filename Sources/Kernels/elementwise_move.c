// Functions that choose, convert, copy or set elements without arithmetic. They are limited by memory bandwidth, so the
// baseline instruction set is enough.
#include "ag_elementwise.h"
#include "ag_pool.h"
#include "ag_simd.h"
#include "elementwise_grid.h"

enum { RANGE_BYTES = 128 * 1024 };  // what a thread takes at a time

// MARK: where

#define WHERE(T)                                                           \
  {                                                                        \
    const T *a = operands[1], *b = operands[2];                            \
    T *result = out;                                                       \
    AG_LOOP for (size_t i = 0; i < n; i++) {                               \
      T x = a[i], y = b[i];                                                \
      result[i] = condition[i] ? x : y;                                    \
    }                                                                      \
    break;                                                                 \
  }

static void where_body(const void *context, size_t n, const void *const operands[], unsigned scalars, void *out) {
  (void)scalars;
  const uint8_t *condition = operands[0];
  switch (*(const size_t *)context) {
    case 1: WHERE(uint8_t)
    case 4: WHERE(uint32_t)
    default: WHERE(uint64_t)
  }
}

void ag_where(ag_dtype type, size_t rows, size_t cols, const uint8_t *condition, ptrdiff_t c_row, ptrdiff_t c_col,
              const void *a, ptrdiff_t a_row, ptrdiff_t a_col, const void *b, ptrdiff_t b_row, ptrdiff_t b_col,
              void *out) {
  size_t size = ag_size(type);
  ag_walk_grid((ag_grid){.rows = rows,
                         .cols = cols,
                         .operand_count = 3,
                         .operands = {{(const char *)condition, c_row, c_col, 1},
                                      {a, a_row, a_col, size},
                                      {b, b_row, b_col, size}},
                         .out = out,
                         .out_size = size,
                         .body = where_body,
                         .context = &size});
}

// MARK: cast

typedef void (*cast_loop)(size_t n, const void *from, void *to);

#define CAST(name, From, To, formula)                      \
  static void name(size_t n, const void *from, void *to) { \
    const From *in = from;                                 \
    To *out = to;                                          \
    for (size_t i = 0; i < n; i++) {                       \
      From x = in[i];                                      \
      out[i] = (To)(formula);                              \
    }                                                      \
  }
// The upper limits are the first values out of range: powers of two, which every float type represents exactly.
#define SATURATED(x, low, limit, high) (x >= limit ? high : x > low ? (int64_t)x : x <= low ? low : 0)
#define CASTS_FROM_FLOAT(type, T)                                                       \
  CAST(type##_to_i32, T, int32_t, SATURATED(x, INT32_MIN, (T)0x1p31, INT32_MAX))        \
  CAST(type##_to_i64, T, int64_t, SATURATED(x, INT64_MIN, (T)0x1p63, INT64_MAX))        \
  CAST(type##_to_u8, T, uint8_t, SATURATED(x, 0, (T)256, 255))
#define CASTS_FROM_INTEGER(type, T)      \
  CAST(type##_to_i32, T, int32_t, x)     \
  CAST(type##_to_i64, T, int64_t, x)     \
  CAST(type##_to_u8, T, uint8_t, x)
#define CASTS_FROM_ANY(type, T)          \
  CAST(type##_to_f32, T, float, x)       \
  CAST(type##_to_f64, T, double, x)      \
  CAST(type##_to_bool, T, uint8_t, x != 0)

CASTS_FROM_ANY(f32, float)
CASTS_FROM_ANY(f64, double)
CASTS_FROM_ANY(i32, int32_t)
CASTS_FROM_ANY(i64, int64_t)
CASTS_FROM_ANY(u8, uint8_t)
CASTS_FROM_FLOAT(f32, float)
CASTS_FROM_FLOAT(f64, double)
CASTS_FROM_INTEGER(i32, int32_t)
CASTS_FROM_INTEGER(i64, int64_t)
CASTS_FROM_INTEGER(u8, uint8_t)

#define ROW(type) \
  {type##_to_f32, type##_to_f64, type##_to_i32, type##_to_i64, type##_to_u8, type##_to_bool}
static const cast_loop cast_loops[AG_DTYPE_COUNT][AG_DTYPE_COUNT] = {
    [AG_F32] = ROW(f32), [AG_F64] = ROW(f64), [AG_I32] = ROW(i32),
    [AG_I64] = ROW(i64), [AG_U8] = ROW(u8),   [AG_BOOL] = ROW(u8)};

static void cast_body(const void *loop, size_t n, const void *const operands[], unsigned scalars, void *out) {
  (void)scalars;
  (*(const cast_loop *)loop)(n, operands[0], out);
}

void ag_cast(ag_dtype from, ag_dtype to, size_t rows, size_t cols, const void *x, ptrdiff_t x_row, ptrdiff_t x_col,
             void *out) {
  ag_walk_grid((ag_grid){.rows = rows,
                         .cols = cols,
                         .operand_count = 1,
                         .operands = {{x, x_row, x_col, ag_size(from)}},
                         .out = out,
                         .out_size = ag_size(to),
                         .body = cast_body,
                         .context = &cast_loops[from][to]});
}

// MARK: copy

typedef struct {
  size_t size, rows, cols;
  const char *x;
  ptrdiff_t x_row, x_col;
  char *out;
  ptrdiff_t out_row, out_col;
} copying;

// In blocks of 16 × 16, one side of a transposition runs along cache lines while the other touches only 16 of them.
enum { BLOCK = 16 };
// At most NARROW columns are copied one column after another, TALL rows at a time.
enum { NARROW = 6, TALL = 256 };

typedef uint32_t four __attribute__((ext_vector_type(4)));

/// 4 × 4 elements in registers: out[r·out_step + c] = x[c·x_step + r].
static inline void transpose_registers(const uint32_t *x, ptrdiff_t x_step, uint32_t *out, ptrdiff_t out_step) {
  four a, b, c, d;
  memcpy(&a, x, sizeof a);
  memcpy(&b, x + x_step, sizeof b);
  memcpy(&c, x + 2 * x_step, sizeof c);
  memcpy(&d, x + 3 * x_step, sizeof d);
  four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
  memcpy(out, &a, sizeof a);
  memcpy(out + out_step, &b, sizeof b);
  memcpy(out + 2 * out_step, &c, sizeof c);
  memcpy(out + 3 * out_step, &d, sizeof d);
}

/// BLOCK × BLOCK elements. Each cache line of a row is stored at once, which is faster where rows compete for the same
/// cache sets.
static inline void transpose_block(const uint32_t *x, ptrdiff_t x_step, uint32_t *out, ptrdiff_t out_step) {
  for (int r = 0; r < BLOCK; r += 4) {
    uint32_t lines[4][BLOCK];
    for (int c = 0; c < BLOCK; c += 4) transpose_registers(x + c * x_step + r, x_step, &lines[0][c], BLOCK);
    for (int i = 0; i < 4; i++) memcpy(out + (r + i) * out_step, lines[i], sizeof lines[i]);
  }
}

/// out[r·out_step + c] = x[c·x_step + r], in blocks. At the edges the last 4 × 4 elements overlap those before.
static void transpose_words(size_t rows, size_t cols, const uint32_t *x, ptrdiff_t x_step, uint32_t *out,
                            ptrdiff_t out_step) {
  for (size_t r0 = 0; r0 < rows; r0 += BLOCK)
    for (size_t c0 = 0; c0 < cols; c0 += BLOCK) {
      const size_t r1 = ag_min(r0 + BLOCK, rows), c1 = ag_min(c0 + BLOCK, cols);
      if (r0 + BLOCK == r1 && c0 + BLOCK == c1) {
        transpose_block(x + (ptrdiff_t)c0 * x_step + r0, x_step, out + (ptrdiff_t)r0 * out_step + c0, out_step);
      } else if (rows >= 4 && cols >= 4) {
        for (size_t r = r0; r < r1; r += 4)
          for (size_t c = c0; c < c1; c += 4) {
            const ptrdiff_t row = (ptrdiff_t)ag_min(r, rows - 4), col = (ptrdiff_t)ag_min(c, cols - 4);
            transpose_registers(x + col * x_step + row, x_step, out + row * out_step + col, out_step);
          }
      } else {
        for (size_t r = r0; r < r1; r++)
          for (size_t c = c0; c < c1; c++)
            out[(ptrdiff_t)r * out_step + (ptrdiff_t)c] = x[(ptrdiff_t)c * x_step + (ptrdiff_t)r];
      }
    }
}

#define COPY_BLOCKS(T)                                                                            \
  for (size_t r0 = begin; r0 < end; r0 += BLOCK)                                                  \
    for (size_t c0 = 0; c0 < k->cols; c0 += BLOCK)                                                \
      for (size_t r = r0; r < end && r < r0 + BLOCK; r++) {                                       \
        const T *x = (const T *)k->x + (ptrdiff_t)r * k->x_row;                                   \
        T *out = (T *)k->out + (ptrdiff_t)r * k->out_row;                                         \
        for (size_t c = c0; c < k->cols && c < c0 + BLOCK; c++)                                   \
          out[(ptrdiff_t)c * k->out_col] = x[(ptrdiff_t)c * k->x_col];                            \
      }

// For grids whose two strides are both smaller along rows than across them. Reversed rows have a loop
// of their own, which vectorizes.
#define COPY_ROWS(T)                                                                              \
  for (size_t r = begin; r < end; r++) {                                                          \
    const T *x = (const T *)k->x + (ptrdiff_t)r * k->x_row;                                       \
    T *out = (T *)k->out + (ptrdiff_t)r * k->out_row;                                             \
    if (k->x_col == -1 && k->out_col == 1)                                                        \
      for (size_t c = 0; c < k->cols; c++) out[c] = x[-(ptrdiff_t)c];                             \
    else                                                                                          \
      for (size_t c = 0; c < k->cols; c++) out[(ptrdiff_t)c * k->out_col] = x[(ptrdiff_t)c * k->x_col]; \
  }

// For a few columns: the loop over rows is the inner one, over few enough rows at a time that they are still in
// the cache for the next column.
#define COPY_COLUMNS(T)                                                                           \
  for (size_t r0 = begin; r0 < end; r0 += TALL)                                                   \
    for (size_t c = 0, r1 = ag_min(r0 + TALL, end); c < k->cols; c++) {                           \
      const ptrdiff_t x_row = k->x_row, out_row = k->out_row;                                     \
      const T *x = (const T *)k->x + (ptrdiff_t)c * k->x_col;                                     \
      T *out = (T *)k->out + (ptrdiff_t)c * k->out_col;                                           \
      for (size_t r = r0; r < r1; r++) out[(ptrdiff_t)r * out_row] = x[(ptrdiff_t)r * x_row];     \
    }

#define COPY(T)                         \
  {                                     \
    if (is_narrow) COPY_COLUMNS(T)      \
    else if (is_along) COPY_ROWS(T)     \
    else COPY_BLOCKS(T)                 \
    break;                              \
  }

static ptrdiff_t magnitude(ptrdiff_t step) { return step < 0 ? -step : step; }

static void copy_rows(void *context, size_t begin, size_t end) {
  const copying *k = context;
  const bool is_narrow = k->cols <= NARROW && end - begin > k->cols;
  if (k->x_col == 1 && k->out_col == 1 && !is_narrow) {
    for (size_t r = begin; r < end; r++)
      memcpy(k->out + (ptrdiff_t)r * k->out_row * (ptrdiff_t)k->size,
             k->x + (ptrdiff_t)r * k->x_row * (ptrdiff_t)k->size, k->cols * k->size);
    return;
  }
  if (k->size == 4 && !is_narrow && ((k->x_row == 1 && k->out_col == 1) || (k->x_col == 1 && k->out_row == 1))) {
    const uint32_t *x = (const uint32_t *)k->x + (ptrdiff_t)begin * k->x_row;
    uint32_t *out = (uint32_t *)k->out + (ptrdiff_t)begin * k->out_row;
    if (k->x_row == 1) transpose_words(end - begin, k->cols, x, k->x_col, out, k->out_row);
    else transpose_words(k->cols, end - begin, x, k->x_row, out, k->out_col);
    return;
  }
  bool is_along = k->rows == 1 ||
                  (magnitude(k->x_col) < magnitude(k->x_row) && magnitude(k->out_col) < magnitude(k->out_row));
  switch (k->size) {
    case 1: COPY(uint8_t)
    case 4: COPY(uint32_t)
    default: COPY(uint64_t)
  }
}

static void copy_bytes(void *context, size_t begin, size_t end) {
  const copying *k = context;
  memcpy(k->out + begin, k->x + begin, end - begin);
}

/// Part of a single row.
static void copy_columns(void *context, size_t begin, size_t end) {
  copying part = *(const copying *)context;
  part.cols = end - begin;
  part.x += (ptrdiff_t)begin * part.x_col * (ptrdiff_t)part.size;
  part.out += (ptrdiff_t)begin * part.out_col * (ptrdiff_t)part.size;
  copy_rows(&part, 0, 1);
}

void ag_copy(ag_dtype type, size_t rows, size_t cols, const void *x, ptrdiff_t x_row, ptrdiff_t x_col, void *out,
             ptrdiff_t out_row, ptrdiff_t out_col) {
  if (rows == 0 || cols == 0) return;
  copying k = {ag_size(type), rows, cols, x, x_row, x_col, out, out_row, out_col};
  size_t bytes = rows * cols * k.size;
  ptrdiff_t width = (ptrdiff_t)cols;
  if (x_col == 1 && out_col == 1 && (rows == 1 || (x_row == width && out_row == width))) {
    if (bytes < 4 * RANGE_BYTES) memcpy(out, x, bytes);
    else ag_parallel_for(bytes, RANGE_BYTES, copy_bytes, &k);
  } else if (bytes < 2 * RANGE_BYTES) {
    copy_rows(&k, 0, rows);
  } else if (rows == 1) {
    ag_parallel_for(cols, RANGE_BYTES / k.size, copy_columns, &k);
  } else {
    size_t grain = RANGE_BYTES / (cols * k.size);
    ag_parallel_for(rows, (grain / BLOCK + 1) * BLOCK, copy_rows, &k);
  }
}

typedef struct {
  copying first;
  const ptrdiff_t *starts;
} copying_grids;

static void copy_grids(void *context, size_t begin, size_t end) {
  const copying_grids *g = context;
  for (size_t grid = begin; grid < end; grid++) {
    copying k = g->first;
    k.x += g->starts[2 * grid] * (ptrdiff_t)k.size;
    k.out += g->starts[2 * grid + 1] * (ptrdiff_t)k.size;
    copy_rows(&k, 0, k.rows);
  }
}

void ag_copy_grids(ag_dtype type, size_t grids, const ptrdiff_t *starts, size_t rows, size_t cols, const void *x,
                   ptrdiff_t x_row, ptrdiff_t x_col, void *out, ptrdiff_t out_row, ptrdiff_t out_col) {
  copying_grids g = {{ag_size(type), rows, cols, x, x_row, x_col, out, out_row, out_col}, starts};
  size_t bytes = rows * cols * g.first.size;
  if (bytes == 0) return;
  if (bytes < RANGE_BYTES) return ag_parallel_for(grids, RANGE_BYTES / bytes, copy_grids, &g);
  for (size_t grid = 0; grid < grids; grid++)
    ag_copy(type, rows, cols, g.first.x + starts[2 * grid] * (ptrdiff_t)g.first.size, x_row, x_col,
            g.first.out + starts[2 * grid + 1] * (ptrdiff_t)g.first.size, out_row, out_col);
}

// MARK: fill and arange

typedef struct {
  size_t size;
  uint64_t value;
  char *out;
} filling;

static void fill_range(void *context, size_t begin, size_t end) {
  const filling *f = context;
  char *out = f->out + begin * f->size;
  size_t n = end - begin;
  switch (f->size) {
    case 1: memset(out, (int)f->value, n); break;
    case 4: for (size_t i = 0; i < n; i++) ((uint32_t *)out)[i] = (uint32_t)f->value; break;
    default: for (size_t i = 0; i < n; i++) ((uint64_t *)out)[i] = f->value; break;
  }
}

void ag_fill(ag_dtype type, size_t n, const void *value, void *out) {
  filling f = {.size = ag_size(type), .out = out};
  switch (f.size) {
    case 1: f.value = *(const uint8_t *)value; break;
    case 4: f.value = *(const uint32_t *)value; break;
    default: f.value = *(const uint64_t *)value; break;
  }
  if (n * f.size < 4 * RANGE_BYTES) fill_range(&f, 0, n);
  else ag_parallel_for(n, RANGE_BYTES / f.size, fill_range, &f);
}

void ag_arange(ag_dtype type, size_t n, double start, double by, void *out) {
#pragma clang fp contract(off)  // the same bits where the compiler would contract to FMA, as on arm64
  enum { CHUNK = 256 };
  double values[CHUNK];
  for (size_t begin = 0; begin < n; begin += CHUNK) {
    size_t count = ag_min(n - begin, CHUNK);
    for (size_t i = 0; i < count; i++) values[i] = start + (double)(begin + i) * by;
    cast_loops[AG_F64][type](count, values, (char *)out + begin * ag_size(type));
  }
}
