// Optimizer steps: the choice of loops, and the division of long vectors among threads.
#include "ag_pool.h"
#include "optim_kernels.h"
#include "scratch.h"
#include "shared.h"

enum { RANGE = 16384 };  // elements a thread takes at a time

static const ag_optim_loops *optim_loops(void) { return AG_IN_USE(ag_optim_loops); }

typedef struct {
  const ag_optim_step *step;
  const void *rates;
  ag_optim_loop loop;
} step_work;

static void step_range(void *context, size_t begin, size_t end) {
  const step_work *w = context;
  ag_optim_step part = *w->step;
  size_t at = begin * ag_size(part.type);
  part.n = end - begin;
  part.p = (char *)part.p + at;
  part.g = (const char *)part.g + at;
  for (int s = 0; s < 3; s++)
    if (part.state[s]) part.state[s] = (char *)part.state[s] + at;
  w->loop(&part, w->rates);
}

static void run(const ag_optim_step *step, const void *rates, const ag_optim_loop loops[2]) {
  ag_optim_loop loop = loops[step->type];
  if (step->n < 2 * RANGE) loop(step, rates);
  else ag_parallel_for(step->n, RANGE, step_range, &(step_work){.step = step, .rates = rates, .loop = loop});
}

#define RULE(name) \
  void ag_##name##_step(const ag_optim_step *step, ag_##name##_rates rates) { run(step, &rates, optim_loops()->name); }
AG_OPTIM_RULES(RULE)
#undef RULE

typedef struct {
  ag_factored_loop loop;
  size_t rows, columns, size;
  const char *g, *row, *column;
  char *u;
  double sign, floor;
} factored_work;

static void factored_rows(void *context, size_t begin, size_t end) {
  const factored_work *w = context;
  for (size_t r = begin; r < end; r++) {
    size_t at = r * w->columns * w->size;
    w->loop(w->columns, w->g + at, w->row + r * w->size, w->column + r / w->rows * w->columns * w->size, w->sign,
            w->floor, w->u + at);
  }
}

void ag_factored_scale(ag_dtype type, size_t matrices, size_t rows, size_t columns, const void *g, const void *row,
                       const void *column, double sign, double floor, void *u) {
  factored_work work = {.loop = optim_loops()->factored[type], .rows = rows, .columns = columns,
                        .size = ag_size(type), .g = g, .row = row, .column = column, .u = u, .sign = sign,
                        .floor = floor};
  size_t all = matrices * rows;
  if (all * columns < 2 * RANGE) factored_rows(&work, 0, all);
  else ag_parallel_for(all, columns < RANGE ? RANGE / columns : 1, factored_rows, &work);
}

typedef struct {
  ag_magnitude_kind kind;
  ag_magnitude_loop loop;
  const char *x;
  size_t size;
  double *parts;
} magnitude_work;

static void magnitude_range(void *context, size_t begin, size_t end) {
  const magnitude_work *w = context;
  for (; begin < end; begin += RANGE) {
    size_t n = ag_min(end - begin, RANGE);
    w->parts[begin / RANGE] = w->loop(w->kind, n, w->x + begin * w->size);
  }
}

double ag_magnitude(ag_magnitude_kind kind, ag_dtype type, size_t n, const void *x) {
  const ag_magnitude_loop *loops = optim_loops()->magnitude;
  if (n <= RANGE) return loops[type](kind, n, x);
  size_t parts = (n + RANGE - 1) / RANGE;
  magnitude_work work = {.kind = kind, .loop = loops[type], .x = x, .size = ag_size(type),
                         .parts = ag_scratch(AG_SCRATCH_CALL, parts * sizeof(double))};
  ag_parallel_for(n, RANGE, magnitude_range, &work);
  return loops[AG_F64](kind == AG_LARGEST ? AG_LARGEST : AG_SUM, parts, work.parts);
}
