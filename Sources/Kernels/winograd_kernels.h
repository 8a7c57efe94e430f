// Winograd's minimal filtering F(4×4, 3×3), F(6×6, 3×3) and F(4×4, 5×5): what winograd.c and its loops for each
// instruction set agree on.
//
// A tile of `step`×`step` outputs needs `side`×`side` inputs, 6×6 or 8×8. Both the tile d and the kernel g are seen as
// polynomials and evaluated at as many points; there the convolution is a product, point by point, and summing over
// channels makes it 36 or 64 matrix products. Along each axis, with matrices that winograd_axis.h defines:
//   forward                 y = Aᵀ ((G g) · (Bᵀ d))
//   and its adjoint         D = A dy;   dg = Gᵀ (D · (Bᵀ d));   dd = B (D · (G g))
// so that D, the transformed gradient, serves both.
//
// Where the output ends amid a tile, the last tile is small: 2 or 4 outputs, and as many fewer of the points. At 14×14
// that saves 16 % of the multiplications.
//
// Transformed values are stored as [points, tiles, channels] (weights: [points, channels, channels]), each point a matrix
// that a product reads in place. The loops hold as many channels as a vector has lanes.
#ifndef WINOGRAD_KERNELS_H
#define WINOGRAD_KERNELS_H
#include "ag_conv.h"

enum { WINOGRAD_MOST_SIDE = 8 };

/// Points of an axis by the least size of a tile that has them: [0] those of every tile, [1] from 6 points on, [2] 8.
static inline size_t winograd_class(size_t point) { return point < 4 ? 0 : point / 2 - 1; }

/// Whether Winograd's way is possible and pays.
bool winograd_takes(const ag_conv2d *conv);

void winograd_forward(const ag_conv2d *conv, const float *x, const float *w, const float *bias, float *y);

/// `dx` or `dw`, and `dbias`, may be NULL; `x` is read for dw only, `w` for dx only.
void winograd_backward(const ag_conv2d *conv, const float *x, const float *w, const float *dy, float *dx, float *dw,
                       float *dbias);

/// Planes of one size, and where tiles lie on them; `image` elements from one image to the next.
typedef struct {
  size_t channels, height, width, image;
  size_t top, left;  // padding
} winograd_planes;

/// Matrices of transformed values, one for each point: elements from point to point and from row to row. Point (i, j)
/// is number side · i + j; tiles that do not have it have no row there.
typedef struct {
  float *start;
  size_t point, row;
} winograd_points;

/// Some rows of tiles of one image. What counts tiles counts those that have points of a class (see winograd_class).
typedef struct {
  size_t image, first_row, rows;
  int last_row, last_col;  // points that the last ones have along the axis
  size_t cols[3];
  size_t above[3];  // rows of tiles of the block before these
  /// Where an input's gradient puts rows that a strip further up, of another part, reaches too: [channels, rows in
  /// common, width]; or NULL, and they are added to what that strip has left.
  float *apart;
  /// Where an output's gradient puts the sums of each row of tiles: [rows, channels in whole vectors]; or NULL.
  float *sums;
  size_t sums_row;
} winograd_strip;

/// The loops of one kind at one level. Each takes a vector of channels from `channel` on, which in `points` is
/// the first column; `work` has room for the points of a row of tiles and for a row of values.
typedef struct {
  size_t lanes, side;
  /// Bᵀ d B, from planes of x.
  void (*input)(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *x,
                winograd_points points, float *work);
  /// Its adjoint, to planes of dx. `bias`, one value a channel, may be NULL.
  void (*input_gradient)(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,
                         const float *bias, float *dx, float *work);
  /// Aᵀ m A + bias, to planes of y.
  void (*output)(winograd_planes planes, const winograd_strip *strip, size_t channel, winograd_points points,
                 const float *bias, float *y, float *work);
  /// Its adjoint, from planes of dy.
  void (*output_gradient)(winograd_planes planes, const winograd_strip *strip, size_t channel, const float *dy,
                          winograd_points points, float *work);
  /// G g Gᵀ for `count` kernels, which lie `kernel_step` elements apart, to neighbouring columns of one row; those of
  /// the next row lie `row_step` further.
  void (*weight)(size_t count, const float *w, size_t kernel_step, size_t row_step, winograd_points points);
  /// Its adjoint, to `count` kernels that lie next to each other, which are added to or stored; those of the next row lie
  /// `row_step` further.
  void (*weight_gradient)(size_t count, winograd_points points, bool add, float *dw, size_t row_step);
} winograd_loops;

/// By level: those for 3×3 with 6 and with 8 points, then those for 5×5. The higher levels exist on x86-64 only.
extern const winograd_loops winograd_baseline[3];
extern const winograd_loops winograd_avx2[3];
extern const winograd_loops winograd_avx512[3];

#endif
