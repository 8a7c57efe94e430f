// Softmax, its relatives and cross entropy: how rows and columns are cut among threads.
#include "ag_pool.h"
#include "shared.h"
#include "softmax_kernels.h"

enum {
  RANGE = 8192,  // elements a thread takes at a time
  STRIP = 64,    // columns a loop takes at a time
};

static const ag_softmax_loops *softmax_loops(void) { return AG_IN_USE(ag_softmax_loops); }

typedef struct {
  ag_softmax_rows rows;
  ag_softmax_columns columns;
  size_t size, n, inner, strips;
  const char *x, *dy;
  char *out;
  bool one_result;  // a row or column gives one element
} softmax;

static const char *offset(const char *p, size_t bytes) { return p ? p + bytes : NULL; }

static void run_rows(void *context, size_t begin, size_t end) {
  const softmax *k = context;
  size_t at = begin * k->n * k->size;
  k->rows(end - begin, k->n, k->x + at, offset(k->dy, at), k->out + (k->one_result ? begin * k->size : at));
}

/// One task per strip of columns.
static void run_columns(void *context, size_t begin, size_t end) {
  const softmax *k = context;
  for (size_t task = begin; task < end; task++) {
    size_t outer = task / k->strips, column = task % k->strips * STRIP;
    size_t width = ag_min(k->inner - column, STRIP);
    size_t at = (outer * k->n * k->inner + column) * k->size;
    size_t result = k->one_result ? (outer * k->inner + column) * k->size : at;
    k->columns(k->n, k->inner, width, k->x + at, offset(k->dy, at), k->out + result);
  }
}

/// `count` items of about `size` elements each.
static void run(ag_task body, void *context, size_t count, size_t size) {
  if (count * size < 2 * RANGE) body(context, 0, count);
  else ag_parallel_for(count, size < RANGE ? RANGE / size : 1, body, context);
}

static void run_softmax(ag_softmax_kind kind, ag_dtype type, size_t outer, size_t n, size_t inner, const void *x,
                        const void *dy, void *out) {
  if (outer == 0 || inner == 0) return;
  softmax k = {.rows = softmax_loops()->rows[kind][type],
               .columns = softmax_loops()->columns[kind][type],
               .size = ag_size(type),
               .n = n,
               .inner = inner,
               .strips = (inner + STRIP - 1) / STRIP,
               .x = x,
               .dy = dy,
               .out = out,
               .one_result = kind == AG_LOGSUMEXP};
  if (inner == 1) run(run_rows, &k, outer, n);
  else run(run_columns, &k, outer * k.strips, n * ag_min(inner, STRIP));
}

void ag_softmax(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out) {
  run_softmax(AG_SOFTMAX, type, outer, n, inner, x, NULL, out);
}

void ag_log_softmax(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out) {
  run_softmax(AG_LOG_SOFTMAX, type, outer, n, inner, x, NULL, out);
}

void ag_logsumexp(ag_dtype type, size_t outer, size_t n, size_t inner, const void *x, void *out) {
  run_softmax(AG_LOGSUMEXP, type, outer, n, inner, x, NULL, out);
}

void ag_softmax_backward(ag_dtype type, size_t outer, size_t n, size_t inner, const void *y, const void *dy,
                         void *dx) {
  run_softmax(AG_SOFTMAX_BACKWARD, type, outer, n, inner, y, dy, dx);
}

void ag_log_softmax_backward(ag_dtype type, size_t outer, size_t n, size_t inner, const void *y, const void *dy,
                             void *dx) {
  run_softmax(AG_LOG_SOFTMAX_BACKWARD, type, outer, n, inner, y, dy, dx);
}

typedef struct {
  ag_cross_entropy_rows rows;
  ag_cross_entropy_work work;
} cross_entropy;

static void run_cross_entropy(void *context, size_t begin, size_t end) {
  const cross_entropy *k = context;
  k->rows(&k->work, begin, end);
}

void ag_cross_entropy(ag_dtype type, size_t rows, size_t classes, const void *x, const int64_t *labels, void *losses,
                      void *log_sums) {
  cross_entropy k = {softmax_loops()->cross_entropy[type],
                     {.classes = classes, .x = x, .labels = labels, .losses = losses, .log_sums = log_sums}};
  run(run_cross_entropy, &k, rows, classes);
}

void ag_cross_entropy_backward(ag_dtype type, size_t rows, size_t classes, const void *x, const int64_t *labels,
                               const void *log_sums, const void *dlosses, ptrdiff_t dlosses_step, void *dx) {
  cross_entropy k = {softmax_loops()->cross_entropy_backward[type],
                     {.classes = classes,
                      .x = x,
                      .labels = labels,
                      .log_sums = (void *)log_sums,
                      .dlosses = dlosses,
                      .dlosses_step = dlosses_step,
                      .dx = dx}};
  run(run_cross_entropy, &k, rows, classes);
}
