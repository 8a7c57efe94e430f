// Shared by the convolution algorithms (conv_columns.c, conv_batches.c, conv_planes.c, winograd.c): the padded image
// that columns and planes are read from, and the loops compiled for each instruction set.
#ifndef CONV_KERNELS_H
#define CONV_KERNELS_H
#include "ag_conv.h"
#include "ag_gemm.h"
#include "shared.h"

/// The layout of a padded image, in which no loop has to check bounds. With a stride s, rows and columns are split into
/// phases (those numbered 0, s, 2s and so on; then 1, s + 1 and so on), each a plane of its own. What a tap of the
/// kernel reads for a row of outputs is then contiguous, and for the next row of outputs it lies `row` elements
/// further: output (r, c) reads element r · row + c + tap_at[tap].
typedef struct {
  ag_conv2d conv;
  size_t row, rows;      // of a phase: elements of a row, and rows
  size_t phase, plane;   // elements; a plane has stride_h · stride_w phases
  size_t taps;           // of the kernel
  const size_t *tap_at;  // where each tap of the first output lies in a plane
} conv_frame;

/// Loops read and write whole vectors, up to this many elements beyond the last plane or column.
enum { CONV_SLACK = 16 };

/// The offsets of the values that taps read, and rows of weights for them.
typedef struct {
  size_t count;
  const ptrdiff_t *at;
  const void *weights;
  size_t row;
} conv_taps;

/// A plane and its convolution with a square kernel without dilation, with the same stride for rows and columns.
typedef struct {
  size_t in_h, in_w, out_h, out_w;
  ptrdiff_t top, left;  // padding; negative values crop
} conv_plane;

/// What the taps of one channel read for some outputs if images are the last axis: for tap t and output p the channel's
/// run number at[t · row + p], of `length` values, or zeros if that number is negative.
typedef struct {
  size_t taps, count, length;
  const ptrdiff_t *at;
  size_t row;
} conv_runs;

/// The loops of one type at one level. `columns` is the im2col matrix: row k holds what tap k % taps of channel k /
/// taps reads for consecutive outputs.
typedef struct {
  /// Copies planes of x into frames, whose padding is zero already.
  void (*enter)(const conv_frame *f, size_t channels, const void *x, void *frames);
  /// Copies planes of dx out of frames.
  void (*leave)(const conv_frame *f, size_t channels, const void *frames, void *dx);
  /// Gathers the rows begin..<end of the columns for the outputs pixel..<pixel + count. Rows are `stride` elements
  /// apart and may be written up to CONV_SLACK beyond `count`.
  void (*gather)(const conv_frame *f, size_t begin, size_t end, size_t pixel, size_t count, const void *frames,
                 void *columns, size_t stride);
  /// The adjoint: adds the first `rows` rows of columns to the frames.
  void (*scatter)(const conv_frame *f, size_t rows, size_t pixel, size_t count, const void *columns, size_t stride,
                  void *frames);
  /// Gathers columns, one row per tap, for channels of `inputs` runs. Touches up to CONV_SLACK
  /// values beyond x and columns.
  void (*gather_runs)(conv_runs runs, size_t channels, const void *x, size_t inputs, void *columns, size_t stride);
  /// The adjoint: adds columns to dx.
  void (*scatter_runs)(conv_runs runs, size_t channels, const void *columns, size_t stride, void *dx, size_t inputs);
  /// to[i] = start + Σ weights[t] · from[i + at[t]] over the taps, for i < n. Does so for `rows` rows of `to`, each
  /// with its own start (0 if NULL) and row of weights. Reads whole vectors.
  void (*correlate)(size_t n, const void *from, conv_taps taps, size_t rows, const void *start, void *to, size_t to_row);
  /// sums[t] += Σ a[i] · b[i + at[t]] over i < n.
  void (*dots)(size_t n, const void *a, const void *b, size_t taps, const ptrdiff_t *at, void *sums);
  /// Copies rows that are `from_row` and `to_row` elements apart.
  void (*copy_rows)(size_t rows, size_t cols, const void *from, size_t from_row, void *to, size_t to_row);
  /// y = start + w ⋆ x, or y += that, for kernels of 3×3, 5×5 and 7×7 with a stride of 1 or 2.
  void (*convolve[3][2])(conv_plane p, const void *x, const void *w, const void *start, bool add, void *y);
  /// dw += the gradient of these kernels.
  void (*kernel_gradient[3][2])(conv_plane p, const void *x, const void *dy, void *dw);
  /// The gradient of x for a stride of 2, stored in dx or added to it. (For a stride of 1 it is a convolution.)
  void (*spread[3])(conv_plane p, const void *dy, const void *w, bool add, void *dx);
  /// The sum of n values in a fixed order.
  double (*sum)(size_t n, const void *x);
} conv_loops;

/// One table per level: float, then double. The higher levels exist on x86-64 only.
extern const conv_loops conv_baseline[2];
extern const conv_loops conv_avx2[2];
extern const conv_loops conv_avx512[2];

/// The loops for the instruction set in use.
const conv_loops *conv_loops_for(ag_dtype type);

/// The frame of a convolution, which must have outputs; fills `tap_at`, one element per tap.
conv_frame conv_frame_for(const ag_conv2d *conv, size_t *tap_at);

/// Bytes of `channels` frames.
size_t conv_frame_bytes(const conv_frame *f, size_t channels, ag_dtype type);

/// Whether the image is its own matrix of columns.
bool conv_is_pointwise(const ag_conv2d *conv);

/// How many items, of the given number of multiplications each, are worth a thread.
size_t conv_grain(size_t multiplications);

/// Into how many parts, each with a gradient of `bytes` of its own, the images are divided; by the sizes alone.
size_t conv_parts(const ag_conv2d *conv, size_t bytes);

/// C = A · B or C += A · B for either type; c_row is the length of a row of C. `end` may be NULL.
void conv_multiply(ag_dtype type, size_t m, size_t n, size_t k, const void *a, size_t a_row, size_t a_col, const void *b,
                   size_t b_row, size_t b_col, void *c, size_t c_row, bool accumulate, const ag_epilogue *end);

/// A convolution without the taps that never meet the image, and where the rest lies in the whole kernel.
typedef struct {
  ag_conv2d conv;
  bool crops;                 // whether there are such taps
  size_t kernel_h, kernel_w;  // of the whole kernel
  size_t first_row, first_col;
} conv_crop;

/// The convolution must have inputs and outputs.
conv_crop conv_crop_for(const ag_conv2d *whole);

/// The weights that are kept, and memory for their gradient, both in working memory (AG_SCRATCH_OPERANDS). Without `w`
/// the weights are not filled in.
const void *conv_crop_weight(ag_dtype type, const conv_crop *crop, const void *w);
void *conv_cropped_gradient(ag_dtype type, const conv_crop *crop);

/// Writes that gradient to `dw`, with zeros for the taps that were cut off.
void conv_widen_gradient(ag_dtype type, const conv_crop *crop, void *kept, void *dw);

// The algorithms. Pointers to what is not wanted are NULL.

void conv_columns_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y);
void conv_columns_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                           void *dx, void *dw);

/// For few outputs of an image, and many images.
bool conv_takes_batches(const ag_conv2d *conv);
void conv_batches_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                          void *y);
void conv_batches_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                           void *dx, void *dw);

/// For floats and a stride of 2, by transformed tiles.
bool conv_takes_phases(const ag_conv2d *conv);
void conv_phases_forward(const ag_conv2d *conv, const float *x, const float *w, const float *bias, float *y);
void conv_phases_backward(const ag_conv2d *conv, const float *x, const float *w, const float *dy, float *dx, float *dw);

/// For few channels in each group.
void conv_planes_forward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *bias,
                         void *y);
void conv_planes_backward(ag_dtype type, const ag_conv2d *conv, const void *x, const void *w, const void *dy,
                          void *dx, void *dw);

#endif
