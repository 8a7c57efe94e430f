// Reductions: the division of a block among threads, which depends on the sizes alone.
#include "ag_pool.h"
#include "ag_reduce.h"
#include "reduce_kernels.h"
#include "shared.h"
#include "softmax_kernels.h"

enum {
  RANGE = 32768,       // elements a thread takes at a time
  MAX_SEGMENTS = 16,   // parts of a long axis that are reduced separately
  FEW_TASKS = 8,       // with fewer strips of results than this, a long axis is cut too
};

static const ag_reduce_loops *reduce_loops(void) { return AG_IN_USE(ag_reduce_loops); }

// A task reduces one strip of columns over one segment of the axis:
// task = (outer · segments + segment) · strips + strip.
typedef struct {
  ag_reduce_row row;
  ag_reduce_columns columns;
  size_t size, n, inner, segments, segment_length, strips;
  const char *x;
  char *out;
} reduction;

static void reduce_tasks(void *context, size_t begin, size_t end) {
  const reduction *k = context;
  for (size_t task = begin; task < end; task++) {
    size_t block = task / k->strips, column = task % k->strips * AG_STRIP;
    size_t first = block % k->segments * k->segment_length;
    size_t n = ag_min(k->n - first, k->segment_length);
    size_t width = ag_min(k->inner - column, AG_STRIP);
    const char *x = k->x + ((block / k->segments * k->n + first) * k->inner + column) * k->size;
    char *out = k->out + (block * k->inner + column) * k->size;
    if (k->inner == 1) k->row(n, x, out);
    else k->columns(n, k->inner, width, x, out);
  }
}

static void run_reduction(reduction *k, size_t outer) {
  size_t tasks = outer * k->segments * k->strips;
  size_t per_task = k->segment_length * ag_min(k->inner, AG_STRIP);
  if (tasks * per_task < 2 * RANGE) reduce_tasks(k, 0, tasks);
  else ag_parallel_for(tasks, per_task < RANGE ? RANGE / per_task : 1, reduce_tasks, k);
}

typedef struct {
  ag_reduce_short_rows loop;
  size_t size, n;
  const char *x;
  char *out;
} short_rows;

static void reduce_short_rows(void *context, size_t begin, size_t end) {
  const short_rows *k = context;
  k->loop(end - begin, k->n, k->x + begin * k->n * k->size, k->out + begin * k->size);
}

static void reduce_floats(ag_reduce_op op, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x,
                          void *out) {
  const ag_reduce_loops *loops = reduce_loops();
  if (inner == 1 && n > 0 && n <= AG_SHORT_ROW) {
    short_rows rows = {loops->short_rows[op][type], ag_size(type), n, x, out};
    return ag_parallel_for(outer, RANGE / n, reduce_short_rows, &rows);
  }
  reduction k = {.row = loops->row[op][type],
                 .columns = loops->columns[op][type],
                 .size = ag_size(type),
                 .n = n,
                 .inner = inner,
                 .segments = 1,
                 .segment_length = n,
                 .strips = (inner + AG_STRIP - 1) / AG_STRIP,
                 .x = x,
                 .out = out};
  size_t elements = n * inner;
  if (outer * k.strips >= FEW_TASKS || elements < 2 * RANGE) return run_reduction(&k, outer);

  // Few results of many elements each: first the segments are reduced, then their results.
  double partial[FEW_TASKS * AG_STRIP * MAX_SEGMENTS];
  k.segments = ag_min(elements / RANGE, MAX_SEGMENTS);
  k.segment_length = (n + k.segments - 1) / k.segments;
  k.segments = (n + k.segment_length - 1) / k.segment_length;
  k.out = (char *)partial;
  run_reduction(&k, outer);
  ag_reduce_op merge = op == AG_REDUCE_SUM_SQUARES ? AG_REDUCE_SUM : op;
  reduction last = {.row = loops->row[merge][type],
                    .columns = loops->columns[merge][type],
                    .size = k.size,
                    .n = k.segments,
                    .inner = inner,
                    .segments = 1,
                    .segment_length = k.segments,
                    .strips = k.strips,
                    .x = (const char *)partial,
                    .out = out};
  reduce_tasks(&last, 0, outer * last.strips);
}

void ag_reduce(ag_reduce_op op, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out) {
  if (outer == 0 || inner == 0) return;
  if (type != AG_F32 && type != AG_F64) ag_reduce_integers(op, type, outer, n, inner, x, out);
  else if (op == AG_REDUCE_LOGSUMEXP) ag_logsumexp(type, outer, n, inner, x, out);
  else reduce_floats(op, type, outer, n, inner, x, out);
}

// MARK: argmax and argmin

typedef struct {
  ag_search_row row;
  ag_search_columns columns;
  size_t size, n, inner, strips;
  const char *x;
  int64_t *out;
} searching;

static void search_tasks(void *context, size_t begin, size_t end) {
  const searching *k = context;
  for (size_t task = begin; task < end; task++) {
    size_t block = task / k->strips, column = task % k->strips * AG_STRIP;
    size_t width = ag_min(k->inner - column, AG_STRIP);
    const char *x = k->x + (block * k->n * k->inner + column) * k->size;
    int64_t *out = k->out + block * k->inner + column;
    if (k->inner == 1) k->row(k->n, x, out);
    else k->columns(k->n, k->inner, width, x, out);
  }
}

static void search(bool smallest, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, int64_t *out) {
  if (type != AG_F32 && type != AG_F64) return ag_search_integers(smallest, type, outer, n, inner, x, out);
  searching k = {.row = reduce_loops()->search_row[smallest][type],
                 .columns = reduce_loops()->search_columns[smallest][type],
                 .size = ag_size(type),
                 .n = n,
                 .inner = inner,
                 .strips = (inner + AG_STRIP - 1) / AG_STRIP,
                 .x = x,
                 .out = out};
  size_t per_task = n * ag_min(inner, AG_STRIP);
  ag_parallel_for(outer * k.strips, RANGE / (per_task + 1) + 1, search_tasks, &k);
}

void ag_argmax(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, int64_t *out) {
  search(false, type, outer, n, inner, x, out);
}

void ag_argmin(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, int64_t *out) {
  search(true, type, outer, n, inner, x, out);
}
