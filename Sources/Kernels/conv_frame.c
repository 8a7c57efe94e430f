// Shared by the convolution algorithms: loops, frames, products, and the division of work.
#include "conv_kernels.h"

const conv_loops *conv_loops_for(ag_dtype type) { return &(*AG_IN_USE(conv))[type]; }

conv_frame conv_frame_for(const ag_conv2d *conv, size_t *tap_at) {
  conv_frame f = {.conv = *conv, .taps = conv->kernel_h * conv->kernel_w, .tap_at = tap_at};
  f.rows = conv->out_h + (conv->kernel_h - 1) * conv->dilation_h / conv->stride_h;
  f.row = conv->out_w + (conv->kernel_w - 1) * conv->dilation_w / conv->stride_w;
  f.phase = f.rows * f.row;
  f.plane = conv->stride_h * conv->stride_w * f.phase;
  for (size_t r = 0; r < conv->kernel_h; r++)
    for (size_t c = 0; c < conv->kernel_w; c++) {
      const size_t y = r * conv->dilation_h, x = c * conv->dilation_w;
      const size_t phase = y % conv->stride_h * conv->stride_w + x % conv->stride_w;
      *tap_at++ = phase * f.phase + y / conv->stride_h * f.row + x / conv->stride_w;
    }
  return f;
}

size_t conv_frame_bytes(const conv_frame *f, size_t channels, ag_dtype type) {
  size_t bytes = (channels * f->plane + CONV_SLACK) * ag_size(type);
  return (bytes + 63) / 64 * 64;
}

bool conv_is_pointwise(const ag_conv2d *c) {
  return c->kernel_h == 1 && c->kernel_w == 1 && c->stride_h == 1 && c->stride_w == 1 && c->pad_top == 0 &&
         c->pad_left == 0 && c->in_h == c->out_h && c->in_w == c->out_w;
}

size_t conv_grain(size_t multiplications) { return ag_worth_a_thread(AG_F32) / (multiplications + 1) + 1; }

size_t conv_parts(const ag_conv2d *conv, size_t bytes) {
  enum { MOST_PARTS = 8, MOST_BYTES = 4 << 20 };
  size_t parts = MOST_BYTES / (bytes + 1);
  if (parts > MOST_PARTS) parts = MOST_PARTS;
  if (parts > conv->n) parts = conv->n;
  return parts > 0 ? parts : 1;
}

void conv_multiply(ag_dtype type, size_t m, size_t n, size_t k, const void *a, size_t a_row, size_t a_col, const void *b,
                   size_t b_row, size_t b_col, void *c, size_t c_row, bool accumulate, const ag_epilogue *end) {
  if (type == AG_F64)
    ag_gemm_f64(m, n, k, a, (ptrdiff_t)a_row, (ptrdiff_t)a_col, b, (ptrdiff_t)b_row, (ptrdiff_t)b_col, c,
                (ptrdiff_t)c_row, accumulate, end);
  else
    ag_gemm_f32(m, n, k, a, (ptrdiff_t)a_row, (ptrdiff_t)a_col, b, (ptrdiff_t)b_row, (ptrdiff_t)b_col, c,
                (ptrdiff_t)c_row, accumulate, end);
}
