// Sweeps the kernels over awkward sizes. It serves two purposes. Compiled with sanitizers (the script `sanitized`
// beside this file), it finds accesses out of bounds: every operand has its own block, exactly as large as the
// interface requires. With the argument `sums` it compares instruction sets (the script `arm64`): it prints the sums of
// each block that a sweep leaves. Whether the results are right is left to the other tests.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels.h"

static uint64_t state = 1;
static bool prints_sums;

enum { MOST_BLOCKS = 64 };

/// The blocks in use.
static struct {
  ag_dtype type;
  size_t n;
  void *start;
} blocks[MOST_BLOCKS];
static size_t block_count;

static void *block(ag_dtype type, size_t n) {
  static const size_t bytes[] = {[AG_F32] = 4, [AG_F64] = 8, [AG_I32] = 4, [AG_I64] = 8, [AG_U8] = 1, [AG_BOOL] = 1};
  if (block_count == MOST_BLOCKS) abort();
  void *start = calloc(n * bytes[type] + (n == 0), 1);
  blocks[block_count].type = type, blocks[block_count].n = n, blocks[block_count++].start = start;
  return start;
}

/// A block of `n` floats, from −1 up to but not including 1.
static void *numbers(ag_dtype type, size_t n) {
  void *start = block(type, n);
  for (size_t i = 0; i < n; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double x = (double)(state >> 40) / (1 << 23) - 1;
    if (type == AG_F64) ((double *)start)[i] = x;
    else ((float *)start)[i] = (float)x;
  }
  return start;
}

/// A block of `n` indices below `end`.
static int64_t *places(size_t n, size_t end) {
  int64_t *start = block(AG_I64, n);
  for (size_t i = 0; i < n; i++) start[i] = (int64_t)(i * 7 % end);
  return start;
}

static double value_at(ag_dtype type, const void *start, size_t i) {
  switch (type) {
    case AG_F32: return ((const float *)start)[i];
    case AG_F64: return ((const double *)start)[i];
    case AG_I32: return ((const int32_t *)start)[i];
    case AG_I64: return (double)((const int64_t *)start)[i];
    default: return ((const uint8_t *)start)[i];
  }
}

/// Ends the sweep over one size: prints the sums if asked for, and frees the blocks.
static void finish(const char *sweep) {
  for (size_t b = 0; b < block_count; b++) {
    double sum = 0, magnitudes = 0;
    size_t special = 0;  // infinities and NaN
    for (size_t i = 0; prints_sums && i < blocks[b].n; i++) {
      const double value = value_at(blocks[b].type, blocks[b].start, i) * (double)(i % 7 + 1);
      if (!isfinite(value)) special++;
      else sum += value, magnitudes += fabs(value);
    }
    if (prints_sums)
      printf("%d %zu %.17g %.17g %zu %s\n", blocks[b].type, blocks[b].n, sum, magnitudes, special, sweep);
    free(blocks[b].start);
  }
  block_count = 0;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define EACH(item, list) for (size_t item##_at = 0, item; item##_at < COUNT(list) && (item = list[item##_at], true); item##_at++)

static const size_t sizes[] = {0, 1, 2, 7, 16, 17, 33, 101};

// Sweeps

static void multiply(ag_dtype type, size_t m, size_t n, size_t k, bool a_turned, bool b_turned, bool adds) {
  void *a = numbers(type, m * k), *b = numbers(type, k * n), *c = numbers(type, m * n);
  void *bias = numbers(type, n), *row_bias = numbers(type, m);
  ptrdiff_t a_row = a_turned ? 1 : (ptrdiff_t)k, a_col = a_turned ? (ptrdiff_t)m : 1;
  ptrdiff_t b_row = b_turned ? 1 : (ptrdiff_t)n, b_col = b_turned ? (ptrdiff_t)k : 1;
  ag_epilogue end = {bias, row_bias, AG_ACTIVATION_RELU};
  if (type == AG_F64) ag_gemm_f64(m, n, k, a, a_row, a_col, b, b_row, b_col, c, (ptrdiff_t)n, adds, &end);
  else ag_gemm_f32(m, n, k, a, a_row, a_col, b, b_row, b_col, c, (ptrdiff_t)n, adds, &end);
  finish("products");
}

static void products(ag_dtype type) {
  EACH(m, sizes) EACH(n, sizes) EACH(k, sizes)
    for (int form = 0; form < 4; form++) multiply(type, m, n, k, form & 1, form & 2, form == 3);
  multiply(type, 131, 129, 1031, false, true, true);
  multiply(type, 10, 784, 16, true, false, false);
  multiply(type, 16, 10, 784, false, true, false);
}

static void elements(ag_dtype type) {
  EACH(n, sizes) {
    void *x = numbers(type, n), *y = numbers(type, n), *out = numbers(type, n);
    for (int op = 0; op < AG_UNARY_COUNT; op++) ag_unary((ag_unary_op)op, type, 1, n, x, 0, 1, out);
    for (int op = 0; op < AG_BINARY_COUNT; op++) ag_binary((ag_binary_op)op, type, 1, n, x, 0, 1, y, 0, 1, out);
    ag_accumulate(type, n, 0.5, x, out);
    ag_copy(type, n, 1, x, 1, 0, out, 1, 1);
    ag_copy(type, n, 3, x, 1, 0, block(type, 3 * n), 3, 1);
    finish("elements");
  }
}

static void rows_and_columns(ag_dtype type) {
  EACH(outer, sizes) EACH(inner, sizes) for (size_t n = 1; n < 70; n += 17) {
    size_t count = outer * n * inner;
    void *x = numbers(type, count), *dy = numbers(type, count), *out = numbers(type, count);
    void *one = numbers(type, outer * inner);
    for (int op = AG_REDUCE_SUM; op <= AG_REDUCE_SUM_SQUARES; op++)
      ag_reduce((ag_reduce_op)op, type, outer, n, inner, x, one);
    int64_t *positions = block(AG_I64, outer * inner);
    ag_argmax(type, outer, n, inner, x, positions);
    ag_softmax(type, outer, n, inner, x, out);
    ag_log_softmax(type, outer, n, inner, x, out);
    ag_softmax_backward(type, outer, n, inner, x, dy, out);
    ag_log_softmax_backward(type, outer, n, inner, x, dy, out);
    finish("rows and columns");
  }
  EACH(rows, sizes) EACH(n, sizes) if (n > 0) {
    void *x = numbers(type, rows * n), *dx = numbers(type, rows * n), *losses = numbers(type, rows);
    void *pairs = numbers(type, 2 * rows), *weight = numbers(type, n), *bias = numbers(type, n);
    int64_t *labels = places(rows, n);
    ag_cross_entropy(type, rows, n, x, labels, losses, pairs);
    ag_cross_entropy_backward(type, rows, n, x, labels, pairs, losses, 1, dx);
    ag_row_norm(type, rows, n, 1e-5, true, x, weight, bias, dx, pairs);
    ag_row_norm_backward(type, rows, n, 1e-5, true, x, weight, pairs, x, dx, weight, bias);
    finish("losses and norms of rows");
  }
}

static void norms_of_planes(ag_dtype type) {
  static const size_t groupings[] = {0, 1, 2, 6};
  EACH(inner, sizes) EACH(groups, groupings) for (size_t samples = 0; samples < 3; samples++) {
    ag_planes p = {type, samples, 6, inner, groups};
    size_t n = samples * 6 * inner, sets = groups ? samples * groups : 6;
    void *x = numbers(type, n), *y = numbers(type, n), *weight = numbers(type, 6), *bias = numbers(type, 6);
    void *statistics = numbers(type, 2 * sets);
    ag_plane_norm(p, 1e-5, x, weight, bias, y, statistics);
    ag_plane_norm_backward(p, 1e-5, x, weight, statistics, x, y, weight, bias);
    finish("norms of planes");
  }
}

static void resample(ag_dtype type) {
  EACH(width, sizes) for (size_t height = 0; height < 4; height++) {
    ag_images images = {type, 3, 2, height, width};
    size_t n = 6 * height * width;
    void *x = numbers(type, n), *y = numbers(type, n);
    double maps[] = {1, 0, 0, 0, 1, 0, 0.8, -0.6, 2.5, 0.6, 0.8, -0.5, 3, 1, -1e9, 1, -2, 1e300};
    ag_plane_resample(images, maps, x, y);
    const int64_t corners[] = {0, 1, -2, -200, 3, 200};
    ag_plane_window(images, corners, x, block(type, n));
    finish("resampling");
  }
}

static void convolve(ag_dtype type, ag_conv2d c, bool exact) {
  c.out_h = (c.in_h + 2 * c.pad_top - (c.kernel_h - 1) * c.dilation_h - 1) / c.stride_h + 1;
  c.out_w = (c.in_w + 2 * c.pad_left - (c.kernel_w - 1) * c.dilation_w - 1) / c.stride_w + 1;
  size_t in = c.n * c.in_channels * c.in_h * c.in_w, out = c.n * c.out_channels * c.out_h * c.out_w;
  size_t weights = c.out_channels * (c.in_channels / c.groups) * c.kernel_h * c.kernel_w;
  void *x = numbers(type, in), *w = numbers(type, weights), *b = numbers(type, c.out_channels);
  void *y = numbers(type, out), *dx = numbers(type, in), *dw = numbers(type, weights);
  if (type == AG_F64) {
    ag_conv2d_forward_f64(&c, x, w, b, y, exact);
    ag_conv2d_backward_f64(&c, x, w, y, dx, dw, b, exact);
  } else {
    ag_conv2d_forward_f32(&c, x, w, b, y, exact);
    ag_conv2d_backward_f32(&c, x, w, y, dx, dw, b, exact);
  }
  finish("convolutions");
}

static void convolutions(ag_dtype type) {
  static const size_t channels[][3] = {{1, 1, 1}, {3, 5, 1}, {17, 19, 1}, {32, 16, 1}, {33, 32, 1}, {4, 8, 4}, {6, 6, 6},
                                       {8, 14, 2}};
  static const size_t kernels[][4] = {{1, 1, 1, 0}, {2, 2, 1, 0}, {3, 1, 1, 1}, {3, 2, 1, 1}, {3, 2, 2, 2},
                                      {5, 1, 1, 2}, {2, 1, 1, 1}, {4, 2, 1, 1}};
  static const size_t images[][3] = {{2, 7, 10}, {2, 13, 16}, {19, 4, 5}, {11, 1, 1}};
  for (size_t i = 0; i < COUNT(channels); i++)
    for (size_t j = 0; j < COUNT(kernels); j++)
      for (size_t l = 0; l < COUNT(images); l++) {
        const size_t *ch = channels[i], *k = kernels[j], *x = images[l];
        if (x[1] + 2 * k[3] < (k[0] - 1) * k[2] + 1) continue;  // the kernel is larger
        ag_conv2d c = {.n = x[0], .groups = ch[2], .in_channels = ch[0], .out_channels = ch[1], .in_h = x[1],
                       .in_w = x[2], .kernel_h = k[0], .kernel_w = k[0], .stride_h = k[1], .stride_w = k[1],
                       .dilation_h = k[2], .dilation_w = k[2], .pad_top = k[3], .pad_left = k[3]};
        convolve(type, c, false);
        convolve(type, c, true);
      }
}

static void optimizer_steps(ag_dtype type) {
  EACH(n, sizes) {
    void *p = numbers(type, n), *g = numbers(type, n), *m = numbers(type, n), *v = numbers(type, n);
    ag_optim_step step = {.type = type, .n = n, .p = p, .g = g, .state = {m}, .sign = 1, .decay = 0.1, .shrink = 1};
    ag_sgd_step(&step, (ag_sgd_rates){.lr = 0.1, .keep = 0.9, .fresh = 1, .momentum = 0.9, .nesterov = true});
    step.state[1] = v;
    ag_adam_step(&step, (ag_adam_rates){0.1, 0.9, 0.1, 1, 0.01, 1e-8});
    ag_magnitude(AG_SUM_SQUARES, type, n, p);
    finish("optimizer steps");
  }
}

static void clear_below_diagonal(ag_dtype type, size_t n, void *a) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      if (type == AG_F64) ((double *)a)[i * n + j] = 0;
      else ((float *)a)[i * n + j] = 0;
    }
}

static void factorization_loops(ag_dtype type) {
  EACH(size, sizes) {
    size_t n = size < 2 ? 2 : size > 80 ? 80 : size, first = n / 3;
    void *v = numbers(type, n), *w = numbers(type, n), *x = numbers(type, n), *a = numbers(type, n * n);
    void *c = numbers(type, 2 * n), *s = numbers(type, 2 * n);
    if (type == AG_F64) ag_update_and_multiply_f64(first, n, v, w, x, a, c);
    else ag_update_and_multiply_f32(first, n, v, w, x, a, c);
    clear_below_diagonal(type, n, a);  // it may hold anything
    if (type == AG_F64) ag_rotate_rows_f64(n - 1, n, c, s, a);
    else ag_rotate_rows_f32(n - 1, n, c, s, a);
    finish("factorizations");
  }
}

static void curves(ag_dtype type) {
  static const double parameters[] = {0.25, 0.5, 1.5};
  EACH(n, sizes) for (int kind = 0; kind < AG_CURVE_COUNT; kind++) {
    void *x = numbers(type, n), *dy = numbers(type, n), *out = numbers(type, n), *dx = numbers(type, n);
    if (kind < AG_CURVE_LOG_SIGMOID) ag_curve((ag_curve_kind)kind, type, n, parameters, x, out);
    ag_curve_backward((ag_curve_kind)kind, type, n, parameters, x, dy, dx);
    finish("curves");
  }
}

static void pool(ag_dtype type, ag_pool2d p) {
  p.out_h = (p.in_h + 2 * p.pad_top - (p.kernel_h - 1) * p.dilation_h - 1) / p.stride_h + 1;
  p.out_w = (p.in_w + 2 * p.pad_left - (p.kernel_w - 1) * p.dilation_w - 1) / p.stride_w + 1;
  const size_t in = p.planes * p.in_h * p.in_w, out = p.planes * p.out_h * p.out_w;
  void *x = numbers(type, in), *y = numbers(type, out), *dx = numbers(type, in);
  int32_t *indices = block(AG_I32, out);
  ag_max_pool2d(type, &p, x, y, indices);
  ag_max_pool2d_backward(type, &p, indices, y, dx);
  finish("maxima of windows");
  if (p.dilation_h > 1) return;
  for (int count_padding = 0; count_padding < 2; count_padding++) {
    x = numbers(type, in), y = numbers(type, out), dx = numbers(type, in);
    ag_avg_pool2d(type, &p, count_padding, 0, x, y);
    ag_avg_pool2d_backward(type, &p, count_padding, 0, y, dx);
    finish("averages of windows");
  }
}

static void pools(ag_dtype type) {
  static const size_t windows[][4] = {{2, 2, 0, 1}, {3, 2, 1, 1}, {3, 1, 1, 1}, {2, 1, 1, 2}, {5, 3, 2, 1}};
  EACH(width, sizes) for (size_t height = 7; height < 20; height += 6)
    for (size_t i = 0; i < COUNT(windows); i++) {
      const size_t *w = windows[i];
      if (width + 2 * w[2] < (w[0] - 1) * w[3] + 1) continue;  // the window is wider
      pool(type, (ag_pool2d){.planes = 5, .in_h = height, .in_w = width, .kernel_h = w[0], .kernel_w = w[0],
                             .stride_h = w[1], .stride_w = w[1], .pad_top = w[2], .pad_left = w[2], .pad_bottom = w[2],
                             .pad_right = w[2], .dilation_h = w[3], .dilation_w = w[3]});
    }
}

static void recurrences(ag_dtype type) {
  static const size_t gates[] = {[AG_RNN_TANH] = 1, [AG_RNN_RELU] = 1, [AG_LSTM] = 4, [AG_GRU] = 3};
  EACH(hidden, sizes) for (int cell = AG_RNN_TANH; cell <= AG_GRU; cell++) {
    enum { STEPS = 3, BATCH = 5 };
    const size_t size = STEPS * BATCH * hidden, wide = gates[cell] * hidden;
    ag_recurrence r = {.type = type, .cell = (ag_cell)cell, .reversed = cell & 1, .steps = STEPS, .batch = BATCH,
                       .hidden = hidden, .weight = numbers(type, wide * hidden), .h0 = numbers(type, BATCH * hidden)};
    if (cell == AG_LSTM) r.c0 = numbers(type, BATCH * hidden);
    if (cell == AG_GRU) r.bias = numbers(type, wide);
    void *x = numbers(type, STEPS * BATCH * wide), *h = block(type, size), *c = block(type, size);
    void *kept = block(type, AG_KEPT_GATES * size), *dx = block(type, STEPS * BATCH * wide);
    void *dproduct = block(type, STEPS * BATCH * wide), *dh0 = block(type, BATCH * hidden);
    ag_recurrent(&r, x, h, c, kept);
    ag_recurrent_backward(&r, h, c, kept, numbers(type, size), NULL, dx, cell == AG_GRU ? dproduct : NULL, dh0,
                          cell == AG_LSTM ? block(type, BATCH * hidden) : NULL);
    finish("recurrences");
  }
}

static void distances(ag_dtype type) {
  EACH(m, sizes) EACH(n, sizes) EACH(d, sizes) for (int p = 1; p < 3; p++) {
    void *x = numbers(type, m * d), *y = numbers(type, n * d), *between = block(type, m * n);
    ag_distances(type, p, m, n, d, x, y, between);
    ag_distances_backward(type, p, m, n, d, x, y, between, block(type, m * d));
    finish("distances");
  }
}

static void along_axes(ag_dtype type) {
  EACH(outer, sizes) EACH(inner, sizes) for (size_t n = 1; n < 40; n += 19) {
    const size_t count = outer * n * inner;
    void *x = numbers(type, count), *a = numbers(type, count);
    for (int op = AG_SCAN_SUM; op <= AG_SCAN_RECURRENCE; op++)
      ag_scan((ag_scan_op)op, type, outer, n, inner, op & 1, x, a, block(type, count));
    const int64_t *each = places(count, n), *some = places(n, n);
    int64_t *runs = block(AG_I64, n);  // of consecutive indices
    for (size_t k = 0; k < n; k++) runs[k] = (int64_t)((k + 5) % n);
    ag_gather_axis(type, outer, n, inner, n, each, x, block(type, count));
    for (int op = AG_SCATTER_ADD; op <= AG_SCATTER_PUT; op++)
      ag_scatter_axis((ag_scatter_op)op, type, outer, n, inner, n, each, x, block(type, count));
    ag_taps taps = {outer, n, n, 2, inner, places(outer * n * 2, n)};
    void *weights = numbers(type, outer * n * 2);
    ag_taps_sum(type, &taps, x, weights, block(type, count));
    ag_taps_spread(type, &taps, x, weights, block(type, count));
    ag_taps_dot(type, &taps, x, a, block(type, outer * n * 2));
    ag_search_sorted(type, outer, n, inner, true, n & 1, x, a, block(AG_I64, outer * inner));
    ag_argsort(type, outer * inner, n, n & 1, x, block(AG_I64, count));
    ag_places_of_ranks(type, outer, n, places(outer, n), numbers(type, outer * n), block(AG_I64, outer));
    for (int largest = 0; largest < 2; largest++)
      ag_running_extreme(type, outer, n, inner, largest, x, block(type, count), block(AG_I64, count));
    ag_index_select(type, outer, n, inner, n, some, x, block(type, count));
    ag_index_add(type, outer, n, inner, n, some, x, block(type, count));
    ag_index_select(type, outer, n, inner, n, runs, x, block(type, count));
    ag_index_add(type, outer, n, inner, n, runs, x, block(type, count));
    finish("places along axes");
    x = numbers(type, count);
    void *scale = numbers(type, n), *shift = numbers(type, n), *y = block(type, count);
    ag_channel_affine(type, outer, n, inner, x, scale, shift, y);
    ag_channel_affine_backward(type, outer, n, inner, x, scale, y, block(type, count), block(type, n), block(type, n));
    finish("channels");
  }
}

static void random_numbers(ag_dtype type) {
  EACH(n, sizes) {
    enum { SEED = 5, OFFSET = 1 << 20 };
    ag_random_uniform(type, n, SEED, OFFSET, -1, 2, block(type, n));
    ag_random_normal(type, n, SEED, OFFSET, 0, 1, block(type, n));
    ag_random_bernoulli(type, n, SEED, OFFSET, 0.3, 1, block(type, n));
    ag_random_integers(AG_I64, n, SEED, OFFSET, -3, 1000, block(AG_I64, n));
    void *y = block(type, n);
    uint8_t *mask = block(AG_BOOL, n);
    ag_dropout(type, n, SEED, OFFSET, 0.7, numbers(type, n), y, mask);
    ag_dropout_backward(type, n, 0.7, mask, y, block(type, n));
    finish("random numbers");
  }
}

int main(int argc, char **argv) {
  prints_sums = argc > 1 && strcmp(argv[1], "sums") == 0;
  static void (*const sweeps[])(ag_dtype type) = {
      products, elements,      rows_and_columns, norms_of_planes, resample,       convolutions, optimizer_steps,
      curves,   pools,         recurrences,      distances,       along_axes,     random_numbers,
      factorization_loops,
  };
  for (int type = AG_F32; type <= AG_F64; type++)
    for (size_t i = 0; i < COUNT(sweeps); i++) sweeps[i]((ag_dtype)type);
  ag_scratch_trim();
  if (!prints_sums) printf("kernels swept: %s, %d threads: clean\n", ag_level_name(ag_current_level()), ag_thread_count());
}
