// Pooling: the division of planes among threads.
#include "ag_pool.h"
#include "conv_kernels.h"
#include "pool2d_kernels.h"
#include "shared.h"

typedef struct {
  pool2d_work work;
  void (*loop)(const pool2d_work *, size_t begin, size_t end);
} pool2d_task;

static const pool2d_loops *loops_for(ag_dtype type) {
  return &(*AG_IN_USE(pool2d))[type];
}

static pool2d_work work_for(const ag_pool2d *p) {
  pool2d_work w = {.pool = *p};
  w.halves = !p->adaptive && p->kernel_h == 2 && p->kernel_w == 2 && p->stride_h == 2 && p->stride_w == 2 && p->pad_top == 0 &&
             p->pad_left == 0 && p->dilation_h == 1 && p->dilation_w == 1 && 2 * p->out_h <= p->in_h &&
             2 * p->out_w <= p->in_w;
  return w;
}

static void run_planes(void *context, size_t begin, size_t end) {
  const pool2d_task *task = context;
  task->loop(&task->work, begin, end);
}

static void run(const pool2d_work *w, void (*loop)(const pool2d_work *, size_t, size_t)) {
  const ag_pool2d *p = &w->pool;
  pool2d_task task = {*w, loop};
  const size_t kernel_h = p->kernel_h < p->in_h ? p->kernel_h : p->in_h;
  const size_t kernel_w = p->kernel_w < p->in_w ? p->kernel_w : p->in_w;
  size_t values = p->in_h * p->in_w + p->out_h * p->out_w * kernel_h * kernel_w;
  ag_parallel_for(p->planes, conv_grain(p->adaptive ? 32 * values : 4 * values), run_planes, &task);
}

void ag_max_pool2d(ag_dtype type, const ag_pool2d *pool, const void *x, void *y, int32_t *indices) {
  pool2d_work w = work_for(pool);
  w.x = x, w.y = y, w.indices = indices;
  run(&w, loops_for(type)->max_pool);
}

void ag_max_pool2d_backward(ag_dtype type, const ag_pool2d *pool, const int32_t *indices, const void *dy, void *dx) {
  pool2d_work w = work_for(pool);
  w.dy = dy, w.dx = dx, w.indices = (int32_t *)indices;
  run(&w, loops_for(type)->max_pool_backward);
}

void ag_avg_pool2d(ag_dtype type, const ag_pool2d *pool, bool count_padding, double divisor, const void *x, void *y) {
  pool2d_work w = work_for(pool);
  w.count_padding = count_padding, w.divisor = divisor;
  w.x = x, w.y = y;
  run(&w, loops_for(type)->average_pool);
}

void ag_avg_pool2d_backward(ag_dtype type, const ag_pool2d *pool, bool count_padding, double divisor, const void *dy,
                            void *dx) {
  pool2d_work w = work_for(pool);
  w.count_padding = count_padding, w.divisor = divisor;
  w.dy = dy, w.dx = dx;
  run(&w, loops_for(type)->average_pool_backward);
}
