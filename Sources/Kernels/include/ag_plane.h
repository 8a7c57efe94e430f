#ifndef AG_PLANE_H
#define AG_PLANE_H
#include "ag_types.h"

/// A dense [samples, channels, inner] of planes of `inner` elements, in sets that are normalized together: `groups`
/// groups of consecutive channels in each sample or, with 0 groups, each channel over all samples.
typedef struct {
  ag_dtype type;  // a float type
  size_t samples, channels, inner, groups;
} ag_planes;

/// y = (x − mean) / √(variance + ε) · weight + bias; `weight` and `bias` are [channels] or NULL. `statistics`, [2,
/// sets], gets the means and the (biased) variances.
void ag_plane_norm(ag_planes planes, double epsilon, const void *x, const void *weight, const void *bias, void *y,
                   void *statistics);

/// The gradients of x, weight and bias. With g = dy · weight, f = 1 / √(variance + ε) and z = (x − mean) · f: dx =
/// f · (g − mean(g) − z · mean(g · z)), dweight = Σ dy · z, dbias = Σ dy.
void ag_plane_norm_backward(ag_planes planes, double epsilon, const void *x, const void *weight, const void *statistics,
                            const void *dy, void *dx, void *dweight, void *dbias);

/// A dense [count, channels, height, width] of images; height and width are below 2³¹ − 3.
typedef struct {
  ag_dtype type;  // a float type
  size_t count, channels, height, width;
} ag_images;

/// Each image resampled through its own affine map, one of `maps` [count, 2, 3]: pixel (column, row) is read at M ·
/// (column − center − s, row − center − s') + center, where M is the first two columns of the map and (s, s') its
/// third; bilinear between pixels, with zeros around the image.
void ag_plane_resample(ag_images images, const double *maps, const void *x, void *out);

/// Each image shifted by whole pixels of its own, `corners` [count, 2]: pixel (row, column) comes from (row +
/// corners[i, 0], column + corners[i, 1]), or is zero outside the image.
void ag_plane_window(ag_images images, const int64_t *corners, const void *x, void *out);

#endif
