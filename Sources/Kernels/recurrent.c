// Recurrent cells over whole sequences. The rows of the batch are divided among threads, each of which takes its rows
// through all steps; a step is a product with the weights and the cell's own loop.
#include "ag_recurrent.h"

#include <string.h>

#include "ag_gemm.h"
#include "ag_pool.h"
#include "elementwise_grid.h"
#include "recurrent_kernels.h"
#include "scratch.h"

enum {
  PANEL = 32,              // columns of a packed panel of the weights
  WORTH_A_RANGE = 1 << 21  // multiplications
};

static const ag_cell_loops *cell_loops(void) { return AG_IN_USE(ag_cell_loops); }

static size_t gates_of(ag_cell cell) { return cell == AG_LSTM ? 4 : cell == AG_GRU ? 3 : 1; }

// Products with the weights

/// A matrix [k, n] packed into panels of PANEL columns (the last may be narrower), because it is read at every step,
/// and rows whose distance is a power of two would share a few cache sets.
typedef struct {
  ag_dtype type;
  size_t k, n;
  const char *panels;
} packed;

static packed pack(ag_dtype type, size_t k, size_t n, const void *from, ptrdiff_t row, ptrdiff_t col, char *to) {
  packed matrix = {type, k, n, to};
  for (size_t j = 0; j < n; j += PANEL) {
    size_t width = ag_min(n - j, PANEL), size = ag_size(type);
    ag_operand panel = {(const char *)from + (ptrdiff_t)j * col * (ptrdiff_t)size, row, col, size};
    ag_gather(panel, k, width, to);
    to += k * width * size;
  }
  return matrix;
}

/// c [m, n] = a · b, or c += a · b with `accumulate`; plus `bias` unless it is NULL.
static void multiply(const packed *b, size_t m, const char *a, char *c, bool accumulate, const char *bias) {
  const size_t size = ag_size(b->type), k = b->k, n = b->n;
  for (size_t j = 0; j < n; j += PANEL) {
    const size_t width = ag_min(n - j, PANEL);
    const char *panel = b->panels + j * k * size;
    const ag_epilogue epilogue = {.bias = bias ? bias + j * size : NULL};
    if (b->type == AG_F32)
      ag_gemm_f32(m, width, k, (const float *)a, (ptrdiff_t)k, 1, (const float *)panel, (ptrdiff_t)width, 1,
                  (float *)(c + j * size), (ptrdiff_t)n, accumulate, &epilogue);
    else
      ag_gemm_f64(m, width, k, (const double *)a, (ptrdiff_t)k, 1, (const double *)panel, (ptrdiff_t)width, 1,
                  (double *)(c + j * size), (ptrdiff_t)n, accumulate, &epilogue);
  }
}

// Rows through the steps

typedef struct {
  const ag_recurrence *of;
  ag_cell_rows cell;
  packed weight;
  size_t gates, size;
  const char *x, *dh, *dc_last;
  char *h, *c, *kept, *dx, *dproduct, *dh0, *dc0;
} sequence;

static size_t rows_per_range(const ag_recurrence *of) {
  size_t row = of->steps * of->hidden * of->hidden * gates_of(of->cell) + 1;
  return row >= WORTH_A_RANGE ? 16 : (16 * WORTH_A_RANGE - 1) / row + 1;
}

static const char *at(const void *p, size_t elements, size_t size) {
  return p ? (const char *)p + elements * size : NULL;
}

/// The operands and results of one step for the rows from `begin` on.
static ag_cell_work step_work(const sequence *s, size_t step, bool first, size_t begin) {
  const ag_recurrence *of = s->of;
  const size_t n = of->hidden, row = step * of->batch + begin, before = of->reversed ? row + of->batch : row - of->batch;
  const size_t gates = s->gates * n, size = s->size;
  return (ag_cell_work){
      .hidden = n,
      .gates = s->gates,
      .mask = of->mask ? of->mask + row : NULL,
      .x = at(s->x, row * gates, size),
      .h_before = first ? at(of->h0, begin * n, size) : at(s->h, before * n, size),
      .c_before = first ? at(of->c0, begin * n, size) : at(s->c, before * n, size),
      .h = (char *)at(s->h, row * n, size),
      .c = (char *)at(s->c, row * n, size),
      .kept = (char *)at(s->kept, row * AG_KEPT_GATES * n, size),
      .dh = at(s->dh, row * n, size),
      .dx = (char *)at(s->dx, row * gates, size),
      .dproduct = (char *)at(s->dproduct, row * gates, size),
  };
}

static size_t step_of_turn(const ag_recurrence *of, size_t turn) { return of->reversed ? of->steps - 1 - turn : turn; }

static void forward_rows(void *context, size_t begin, size_t end) {
  const sequence *s = context;
  const ag_recurrence *of = s->of;
  const size_t rows = end - begin, products = rows * s->gates * of->hidden * s->size, state = rows * of->hidden * s->size;
  char *product = ag_scratch(AG_SCRATCH_TASK, products + state), *zeros = memset(product + products, 0, state);
  for (size_t turn = 0; turn < of->steps; turn++) {
    ag_cell_work work = step_work(s, step_of_turn(of, turn), turn == 0, begin);
    // A state of zeros contributes nothing but the bias.
    if (work.h_before || of->bias) {
      multiply(&s->weight, rows, work.h_before ? work.h_before : zeros, product, false, of->bias);
      work.product = product;
    }
    s->cell(&work, rows);
  }
}

/// The carries are stored in dh0 and dc0, and in the end are the gradients of the initial state.
static void backward_rows(void *context, size_t begin, size_t end) {
  const sequence *s = context;
  const ag_recurrence *of = s->of;
  const size_t rows = end - begin, start = begin * of->hidden * s->size, bytes = rows * of->hidden * s->size;
  memset(s->dh0 + start, 0, bytes);
  if (s->dc0 && s->dc_last) memcpy(s->dc0 + start, s->dc_last + start, bytes);
  else if (s->dc0) memset(s->dc0 + start, 0, bytes);
  for (size_t turn = of->steps; turn-- > 0;) {
    ag_cell_work work = step_work(s, step_of_turn(of, turn), turn == 0, begin);
    work.dh_carry = s->dh0 + start;
    work.dc_carry = s->dc0 ? s->dc0 + start : NULL;
    s->cell(&work, rows);
    if (work.h_before) multiply(&s->weight, rows, work.dproduct ? work.dproduct : work.dx, work.dh_carry, true, NULL);
  }
}

void ag_recurrent(const ag_recurrence *of, const void *x, void *h, void *c, void *kept) {
  const size_t gates = gates_of(of->cell), n = of->hidden, size = ag_size(of->type);
  sequence s = {.of = of, .cell = cell_loops()->forward[of->cell][of->type], .gates = gates, .size = size, .x = x, .h = h,
                .c = c, .kept = kept};
  char *panels = ag_scratch(AG_SCRATCH_CALL, gates * n * n * size);
  s.weight = pack(of->type, n, gates * n, of->weight, 1, (ptrdiff_t)n, panels);
  ag_parallel_for(of->batch, rows_per_range(of), forward_rows, &s);
}

void ag_recurrent_backward(const ag_recurrence *of, const void *h, const void *c, const void *kept, const void *dh,
                           const void *dc_last, void *dx, void *dproduct, void *dh0, void *dc0) {
  const size_t gates = gates_of(of->cell), n = of->hidden, size = ag_size(of->type);
  sequence s = {.of = of, .cell = cell_loops()->backward[of->cell][of->type], .gates = gates, .size = size,
                .h = (char *)h, .c = (char *)c, .kept = (char *)kept, .dh = dh, .dc_last = dc_last, .dx = dx,
                .dproduct = dproduct, .dh0 = dh0, .dc0 = dc0};
  char *panels = ag_scratch(AG_SCRATCH_CALL, gates * n * n * size);
  s.weight = pack(of->type, gates * n, n, of->weight, (ptrdiff_t)n, 1, panels);
  ag_parallel_for(of->batch, rows_per_range(of), backward_rows, &s);
}
