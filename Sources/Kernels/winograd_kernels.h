// Winograd's minimal filtering F(4×4, 2×2), F(4×4, 3×3), F(6×6, 3×3) and F(4×4, 5×5): the interface between winograd.c and
// its loops for each instruction set.
//
// A tile of `step`×`step` outputs needs `side`×`side` inputs, 5×5, 6×6 or 8×8. The tile d and the kernel g are treated as
// polynomials and evaluated at that many points, where a convolution is a pointwise product; summed over channels, that
// is 25, 36 or 64 matrix products. Along each axis, with the matrices defined in winograd_axis.h:
//   forward                 y = Aᵀ ((G g) · (Bᵀ d))
//   and its adjoint         D = A dy;   dg = Gᵀ (D · (Bᵀ d));   dd = B (D · (G g))
// so that D, the transformed gradient, serves both.
//
// Where the output ends in the middle of a tile, the last tile is small: it has 2 or 4 outputs and correspondingly
// fewer points. At 14×14 that saves 16 % of the multiplications.
//
// Transformed values are stored as [points, tiles, channels], weights as [points, channels, channels]: at each point
// there is a matrix that the product reads in place. The loops process as many channels at once as a vector has lanes.
#ifndef WINOGRAD_KERNELS_H
#define WINOGRAD_KERNELS_H
#include "ag_conv.h"

enum { WINOGRAD_MOST_SIDE = 8 };

/// The class of a point along an axis of `side`, by the smallest tile that has it: 0 any tile (of 4 points, or of 3 where
/// `side` is odd), 1 one of 2 more, 2 one of 4 more.
static inline size_t winograd_class(size_t point, size_t side) {
  point += side % 2;
  return point < 4 ? 0 : point / 2 - 1;
}

/// Whether Winograd's method is possible and pays off.
bool winograd_takes(const ag_conv2d *conv);

void winograd_forward(const ag_conv2d *conv, const float *x, const float *w, const float *bias, float *y);

/// `dx` or `dw`, and `dbias`, may be NULL; `x` is read for dw only, `w` for dx only.
void winograd_backward(const ag_conv2d *conv, const float *x, const float *w, const float *dy, float *dx, float *dw,
                       float *dbias);

/// Planes of one size and where tiles lie on them. Images are `image` elements apart.
typedef struct {
  size_t channels, height, width, image;
  size_t top, left;  // padding
} winograd_planes;

/// Matrices of transformed values, one for each point, `point` elements apart, with rows `row` elements apart. Point
/// (i, j) is number side · i + j; tiles that do not have a point have no row in its matrix.
typedef struct {
  float *start;
  size_t point, row;
} winograd_points;

/// Some rows of tiles of one image. Arrays of three count the tiles with points of each class (see winograd_class).
typedef struct {
  size_t image, first_row, rows;
  int last_row, last_col;  // points of the last row's and last column's tiles along that axis
  size_t cols[3];
  size_t above[3];  // rows of tiles that precede these in the block
  /// Where an input's gradient stores the rows that it shares with the part before: [channels, shared rows, width]. If
  /// NULL, it adds them to what the strip above has stored.
  float *apart;
  /// Where an output's gradient stores the sum of each row of tiles: [rows, channels in whole vectors]; or NULL.
  float *sums;
  size_t sums_row;
} winograd_strip;

/// The transforms for one size of kernels and tiles at one level. Each processes a vector of channels from `channel`
/// on, which is the first column of `points`; `work` has room for the points of a row of tiles and for a row of values.
typedef struct {
  size_t lanes, side;
  /// Bᵀ d B, from planes of x.
  void (*input)(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *x,
                winograd_points points, float *work);
  /// Its adjoint, to planes of dx. `bias`, one value per channel, may be NULL.
  void (*input_gradient)(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,
                         const float *bias, float *dx, float *work);
  /// Aᵀ m A + bias, to planes of y.
  void (*output)(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,
                 const float *bias, float *y, float *work);
  /// Its adjoint, from planes of dy.
  void (*output_gradient)(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *dy,
                          winograd_points points, float *work);
  /// G g Gᵀ for `count` kernels, `kernel_step` elements apart, to adjacent columns of one row. The kernels of the next
  /// row, `row_step` further, will be needed soon.
  void (*weight)(size_t count, const float *w, size_t kernel_step, size_t row_step, winograd_points points);
  /// Its adjoint: stores `count` adjacent kernels or adds to them. Those of the next row, `row_step` further, will be
  /// needed soon.
  void (*weight_gradient)(size_t count, winograd_points points, bool add, float *dw, size_t row_step);
} winograd_loops;

/// One table per level: 2×2 with 5 points, 3×3 with 6, 3×3 with 8, 5×5 with 8. The higher levels exist on x86-64 only.
extern const winograd_loops winograd_baseline[4];
extern const winograd_loops winograd_avx2[4];
extern const winograd_loops winograd_avx512[4];

#endif
