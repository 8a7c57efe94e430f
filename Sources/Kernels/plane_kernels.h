// The inner loops over a plane, and the tables that hold them.
#ifndef AG_PLANE_KERNELS_H
#define AG_PLANE_KERNELS_H
#include <stddef.h>

/// Zeros in each row and column of a frame: one before the plane, two after it.
enum { AG_FRAME = 3 };

/// Indexed by float type.
typedef struct {
  /// With t = x − shift: Σ y and Σ y·t or, without `y`, Σ t and Σ t².
  void (*sums[2])(size_t n, const void *x, double shift, const void *y, double sums[2]);
  /// out = a · (x − shift) + b · y + c, without b · y if `y` is NULL.
  void (*combine[2])(size_t n, double a, const void *x, double shift, double b, const void *y, double c, void *out);
  /// Reads a plane through a map, out of a copy of it within a frame of zeros.
  void (*resample[2])(size_t height, size_t width, const double map[6], const void *framed, void *out);
} ag_plane_loops;

extern const ag_plane_loops ag_plane_loops_baseline, ag_plane_loops_avx2, ag_plane_loops_avx512;

#endif
