// Sweeps the kernels over awkward sizes, to be compiled with sanitizers (see the script `run` beside this): every operand
// has a block of its own, exactly as large as the interface asks for, so that an access next to it is seen. What the
// results are is the other tests' affair.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels.h"

static uint64_t state = 1;

/// A block of `n` numbers of a float type, from −1 up to 1.
static void *numbers(ag_dtype type, size_t n) {
  void *block = malloc(n * (type == AG_F64 ? sizeof(double) : sizeof(float)) + (n == 0));
  for (size_t i = 0; i < n; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double x = (double)(state >> 40) / (1 << 23) - 1;
    if (type == AG_F64) ((double *)block)[i] = x;
    else ((float *)block)[i] = (float)x;
  }
  return block;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define EACH(item, list) for (size_t item##_at = 0, item; item##_at < COUNT(list) && (item = list[item##_at], true); item##_at++)

static const size_t sizes[] = {0, 1, 2, 7, 16, 17, 33, 101};

static void multiply(ag_dtype type, size_t m, size_t n, size_t k, bool a_turned, bool b_turned, bool adds) {
  void *a = numbers(type, m * k), *b = numbers(type, k * n), *c = numbers(type, m * n);
  void *bias = numbers(type, n), *row_bias = numbers(type, m);
  ptrdiff_t a_row = a_turned ? 1 : (ptrdiff_t)k, a_col = a_turned ? (ptrdiff_t)m : 1;
  ptrdiff_t b_row = b_turned ? 1 : (ptrdiff_t)n, b_col = b_turned ? (ptrdiff_t)k : 1;
  ag_epilogue end = {bias, row_bias, AG_ACTIVATION_RELU};
  if (type == AG_F64) ag_gemm_f64(m, n, k, a, a_row, a_col, b, b_row, b_col, c, (ptrdiff_t)n, adds, &end);
  else ag_gemm_f32(m, n, k, a, a_row, a_col, b, b_row, b_col, c, (ptrdiff_t)n, adds, &end);
  free(a), free(b), free(c), free(bias), free(row_bias);
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
    free(x), free(y), free(out);
  }
}

static void rows_and_columns(ag_dtype type) {
  EACH(outer, sizes) EACH(inner, sizes) for (size_t n = 1; n < 70; n += 17) {
    size_t count = outer * n * inner;
    void *x = numbers(type, count), *dy = numbers(type, count), *out = numbers(type, count);
    void *one = numbers(type, outer * inner);
    for (int op = AG_REDUCE_SUM; op <= AG_REDUCE_SUM_SQUARES; op++)
      ag_reduce((ag_reduce_op)op, type, outer, n, inner, x, one);
    int64_t *positions = malloc(outer * inner * sizeof(int64_t) + 1);
    ag_argmax(type, outer, n, inner, x, positions);
    ag_softmax(type, outer, n, inner, x, out);
    ag_log_softmax(type, outer, n, inner, x, out);
    ag_softmax_backward(type, outer, n, inner, x, dy, out);
    ag_log_softmax_backward(type, outer, n, inner, x, dy, out);
    free(x), free(dy), free(out), free(one), free(positions);
  }
  EACH(rows, sizes) EACH(n, sizes) if (n > 0) {
    void *x = numbers(type, rows * n), *dx = numbers(type, rows * n), *losses = numbers(type, rows);
    void *pairs = numbers(type, 2 * rows), *weight = numbers(type, n), *bias = numbers(type, n);
    int64_t *labels = malloc(rows * sizeof(int64_t) + 1);
    for (size_t r = 0; r < rows; r++) labels[r] = (int64_t)(r % n);
    ag_cross_entropy(type, rows, n, x, labels, losses, pairs);
    ag_cross_entropy_backward(type, rows, n, x, labels, pairs, losses, 1, dx);
    ag_row_norm(type, rows, n, 1e-5, true, x, weight, bias, dx, pairs);
    ag_row_norm_backward(type, rows, n, 1e-5, true, x, weight, pairs, x, dx, weight, bias);
    free(x), free(dx), free(losses), free(pairs), free(weight), free(bias), free(labels);
  }
}

static void planes(ag_dtype type) {
  static const size_t groupings[] = {0, 1, 2, 6};
  EACH(inner, sizes) EACH(groups, groupings) for (size_t samples = 0; samples < 3; samples++) {
    ag_planes p = {type, samples, 6, inner, groups};
    size_t n = samples * 6 * inner, sets = groups ? samples * groups : 6;
    void *x = numbers(type, n), *y = numbers(type, n), *weight = numbers(type, 6), *bias = numbers(type, 6);
    void *statistics = numbers(type, 2 * sets);
    ag_plane_norm(p, 1e-5, x, weight, bias, y, statistics);
    ag_plane_norm_backward(p, 1e-5, x, weight, statistics, x, y, weight, bias);
    free(x), free(y), free(weight), free(bias), free(statistics);
  }
}

static void resample(ag_dtype type) {
  EACH(width, sizes) for (size_t height = 0; height < 4; height++) {
    ag_images images = {type, 3, 2, height, width};
    size_t n = 6 * height * width;
    void *x = numbers(type, n), *y = numbers(type, n);
    double maps[] = {1, 0, 0, 0, 1, 0, 0.8, -0.6, 2.5, 0.6, 0.8, -0.5, 3, 1, -1e9, 1, -2, 1e300};
    ag_plane_resample(images, maps, x, y);
    free(x), free(y);
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
  free(x), free(w), free(b), free(y), free(dx), free(dw);
}

static void convolutions(ag_dtype type) {
  static const size_t channels[][3] = {{1, 1, 1}, {3, 5, 1}, {17, 19, 1}, {32, 16, 1}, {33, 32, 1}, {4, 8, 4}, {6, 6, 6},
                                       {8, 14, 2}};
  static const size_t kernels[][4] = {{1, 1, 1, 0}, {2, 2, 1, 0}, {3, 1, 1, 1}, {3, 2, 1, 1}, {3, 2, 2, 2},
                                      {5, 1, 1, 2}};
  static const size_t images[][3] = {{2, 7, 10}, {2, 13, 16}, {11, 4, 5}, {11, 1, 1}};
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
    free(p), free(g), free(m), free(v);
  }
}

static void factorization_loops(ag_dtype type) {
  EACH(size, sizes) {
    size_t n = size < 2 ? 2 : size > 80 ? 80 : size, first = n / 3;
    void *v = numbers(type, n), *w = numbers(type, n), *x = numbers(type, n), *a = numbers(type, n * n);
    void *c = numbers(type, 2 * n), *s = numbers(type, 2 * n);
    if (type == AG_F64) {
      ag_update_and_multiply_f64(first, n, v, w, x, a, c);
      ag_rotate_rows_f64(n - 1, n, c, s, a);
    } else {
      ag_update_and_multiply_f32(first, n, v, w, x, a, c);
      ag_rotate_rows_f32(n - 1, n, c, s, a);
    }
    free(v), free(w), free(x), free(a), free(c), free(s);
  }
}

int main(void) {
  for (int type = AG_F32; type <= AG_F64; type++) {
    products((ag_dtype)type);
    elements((ag_dtype)type);
    rows_and_columns((ag_dtype)type);
    planes((ag_dtype)type);
    resample((ag_dtype)type);
    convolutions((ag_dtype)type);
    optimizer_steps((ag_dtype)type);
    factorization_loops((ag_dtype)type);
  }
  ag_scratch_trim();
  printf("kernels under sanitizers: %s, %d threads: clean\n", ag_level_name(ag_current_level()), ag_thread_count());
}
