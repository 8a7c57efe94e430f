// The public element-wise functions of one and two operands: they choose a loop and hand it to the grid walker.
#include "ag_elementwise.h"

#include "ag_pool.h"
#include "elementwise_grid.h"
#include "elementwise_kernels.h"

static const ag_float_loops *float_loops(void) { return AG_IN_USE(ag_float_loops); }

static void unary_body(const void *loop, size_t n, const void *const operands[], unsigned scalars, void *out) {
  (void)scalars;
  (*(const ag_unary_loop *)loop)(n, operands[0], out);
}

static void binary_body(const void *loop, size_t n, const void *const operands[], unsigned scalars, void *out) {
  (*(const ag_binary_loop *)loop)(n, operands[0], operands[1], (ag_scalars)scalars, out);
}

static bool is_float(ag_dtype type) { return type == AG_F32 || type == AG_F64; }

/// Whether a grid is one dense run of elements.
static bool is_dense(size_t rows, size_t cols, ptrdiff_t row, ptrdiff_t col) {
  return (col == 1 || cols == 1) && (row == (ptrdiff_t)cols || rows == 1);
}

/// Whether the op takes more than a few instructions per element.
static bool is_heavy_unary(ag_unary_op op) {
  return !(op <= AG_RELU || op == AG_RECIPROCAL || op == AG_SQRT || (op >= AG_FLOOR && op <= AG_TRUNC));
}

static bool is_heavy_binary(ag_binary_op op) {
  return op == AG_POW || op == AG_ATAN2 || op == AG_POW_SLOPE || op == AG_POW_LOG_SLOPE ||
         (op >= AG_FMOD && op <= AG_FLOOR_DIVIDE) || op == AG_GCD || op == AG_LCM;
}

bool ag_unary(ag_unary_op op, ag_dtype type, size_t rows, size_t cols, const void *x, ptrdiff_t x_row,
              ptrdiff_t x_col, void *out) {
  ag_unary_loop loop = is_float(type) ? float_loops()->unary[op][type] : ag_integer_unary_loop(op, type);
  if (!loop) return false;
  if (rows * cols < ag_range(true) && is_dense(rows, cols, x_row, x_col)) {
    loop(rows * cols, x, out);
    return true;
  }
  ag_walk_grid((ag_grid){.rows = rows,
                         .cols = cols,
                         .operand_count = 1,
                         .operands = {{x, x_row, x_col, ag_size(type)}},
                         .out = out,
                         .out_size = ag_size(type),
                         .heavy = is_heavy_unary(op),
                         .body = unary_body,
                         .context = &loop});
  return true;
}

bool ag_binary(ag_binary_op op, ag_dtype type, size_t rows, size_t cols, const void *a, ptrdiff_t a_row,
               ptrdiff_t a_col, const void *b, ptrdiff_t b_row, ptrdiff_t b_col, void *out) {
  ag_binary_loop loop = is_float(type) ? float_loops()->binary[op][type] : ag_integer_binary_loop(op, type);
  if (!loop) return false;
  if (rows * cols == 0) return true;  // loops may look at the first element
  if (rows * cols < ag_range(true) && is_dense(rows, cols, a_row, a_col) && is_dense(rows, cols, b_row, b_col)) {
    loop(rows * cols, a, b, AG_NO_SCALAR, out);
    return true;
  }
  bool gives_bool = op >= AG_EQ || type == AG_BOOL;
  ag_walk_grid((ag_grid){.rows = rows,
                         .cols = cols,
                         .operand_count = 2,
                         .operands = {{a, a_row, a_col, ag_size(type)}, {b, b_row, b_col, ag_size(type)}},
                         .scalars_allowed = is_float(type) ? AG_FIRST_SCALAR | AG_SECOND_SCALAR : 0,
                         .out = out,
                         .out_size = gives_bool ? 1 : ag_size(type),
                         .heavy = is_heavy_binary(op),
                         .body = binary_body,
                         .context = &loop});
  return true;
}

typedef struct {
  ag_dtype type;
  double alpha;
  const char *x;
  char *out;
} accumulation;

static void accumulate_range(void *context, size_t begin, size_t end) {
  const accumulation *work = context;
  size_t n = end - begin;
  const void *x = work->x + begin * ag_size(work->type);
  void *out = work->out + begin * ag_size(work->type);
#define ACCUMULATE_INTEGERS(T, Unsigned)                                                   \
  {                                                                                        \
    Unsigned alpha = (Unsigned)(int64_t)work->alpha, *sums = out;                          \
    for (size_t i = 0; i < n; i++) sums[i] = (Unsigned)(sums[i] + alpha * ((const Unsigned *)x)[i]); \
    break;                                                                                 \
  }
  switch (work->type) {
    case AG_F32: float_loops()->accumulate_f32(n, (float)work->alpha, x, out); break;
    case AG_F64: float_loops()->accumulate_f64(n, work->alpha, x, out); break;
    case AG_I32: ACCUMULATE_INTEGERS(int32_t, uint32_t)
    case AG_I64: ACCUMULATE_INTEGERS(int64_t, uint64_t)
    case AG_U8: ACCUMULATE_INTEGERS(uint8_t, uint8_t)
    case AG_BOOL: break;
  }
}

void ag_accumulate(ag_dtype type, size_t n, double alpha, const void *x, void *out) {
  accumulation work = {type, alpha, x, out};
  size_t range = ag_range(false);
  if (n < 2 * range) accumulate_range(&work, 0, n);
  else ag_parallel_for(n, range, accumulate_range, &work);
}

typedef struct {
  accumulation first;
  size_t cols;
  ptrdiff_t out_row;
} row_accumulation;

static void accumulate_rows(void *context, size_t begin, size_t end) {
  const row_accumulation *work = context;
  const size_t size = ag_size(work->first.type);
  for (size_t row = begin; row < end; row++) {
    accumulation of_row = work->first;
    of_row.x += row * work->cols * size;
    of_row.out += (ptrdiff_t)row * work->out_row * (ptrdiff_t)size;
    accumulate_range(&of_row, 0, work->cols);
  }
}

void ag_accumulate_rows(ag_dtype type, size_t rows, size_t cols, const void *x, void *out, ptrdiff_t out_row) {
  if (rows == 1) return ag_accumulate(type, cols, 1, x, out);
  row_accumulation work = {{type, 1, x, out}, cols, out_row};
  ag_parallel_for(rows, ag_range(false) / (cols + 1) + 1, accumulate_rows, &work);
}

typedef struct {
  ag_dtype type;
  double weight;
  const char *a, *b;
  char *out;
} mixture;

static void lerp_range(void *context, size_t begin, size_t end) {
  const mixture *work = context;
  size_t at = begin * ag_size(work->type);
  float_loops()->lerp[work->type](end - begin, work->weight, work->a + at, work->b + at, work->out + at);
}

void ag_lerp(ag_dtype type, size_t n, double weight, const void *a, const void *b, void *out) {
  mixture work = {type, weight, a, b, out};
  ag_parallel_for(n, ag_range(false), lerp_range, &work);
}
