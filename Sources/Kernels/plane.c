// Planes of images: normalized in sets, resampled through affine maps, and shifted.
#include "ag_plane.h"

#include <math.h>
#include <string.h>

#include "ag_pool.h"
#include "plane_kernels.h"
#include "scratch.h"
#include "shared.h"

// Elements a thread takes at a time.
enum { RANGE = 32768, RESAMPLED_RANGE = 16384 };

static const ag_plane_loops *plane_loops(void) { return AG_IN_USE(ag_plane_loops); }

// MARK: normalization
// A set goes through all its passes before the next one starts, so that after the first pass it is in the cache. Where
// there are fewer sets than threads, threads share the planes of each.

typedef struct {
  const ag_plane_loops *loops;
  ag_planes shape;
  double epsilon;
  size_t sets, planes;  // the sets, and the planes of each
  const char *x, *dy;   // `dy` only in the derivative
  const void *weight, *bias;
  char *out;
  void *statistics;
  double *sums;  // [samples · channels, 2]
} norm;

/// A set in progress.
typedef struct {
  const norm *norm;
  size_t number;
  double mean, factor;     // subtracted from x, and what the difference is multiplied by
  double mean_g, mean_gz;  // only in the derivative
} set;

static double element(ag_dtype type, const void *values, size_t i) {
  return type == AG_F32 ? (double)((const float *)values)[i] : ((const double *)values)[i];
}

static void set_element(ag_dtype type, void *values, size_t i, double value) {
  if (type == AG_F32) ((float *)values)[i] = (float)value;
  else ((double *)values)[i] = value;
}

/// The index, among all planes, of plane number j of a set.
static size_t plane_of(const set *s, size_t j) {
  return s->norm->shape.groups ? s->number * s->norm->planes + j : j * s->norm->shape.channels + s->number;
}

static double weight_of(const norm *k, size_t plane) {
  return k->weight ? element(k->shape.type, k->weight, plane % k->shape.channels) : 1;
}

static void sum_planes(void *context, size_t begin, size_t end) {
  const set *s = context;
  const norm *k = s->norm;
  const size_t bytes = k->shape.inner * ag_size(k->shape.type);
  for (size_t j = begin; j < end; j++) {
    size_t plane = plane_of(s, j);
    k->loops->sums[k->shape.type](k->shape.inner, k->x + plane * bytes, s->mean, k->dy ? k->dy + plane * bytes : NULL,
                                  k->sums + 2 * plane);
  }
}

static void combine_planes(void *context, size_t begin, size_t end) {
  const set *s = context;
  const norm *k = s->norm;
  const size_t bytes = k->shape.inner * ag_size(k->shape.type);
  for (size_t j = begin; j < end; j++) {
    size_t plane = plane_of(s, j);
    double scale = s->factor * weight_of(k, plane);
    const char *x = k->x + plane * bytes;
    if (k->dy) {
      k->loops->combine[k->shape.type](k->shape.inner, -s->mean_gz * s->factor * s->factor, x, s->mean, scale,
                                       k->dy + plane * bytes, -s->mean_g * s->factor, k->out + plane * bytes);
    } else {
      double bias = k->bias ? element(k->shape.type, k->bias, plane % k->shape.channels) : 0;
      k->loops->combine[k->shape.type](k->shape.inner, scale, x, s->mean, 0, NULL, bias, k->out + plane * bytes);
    }
  }
}

static void for_planes(set *s, ag_task body) {
  ag_parallel_for(s->norm->planes, RANGE / (s->norm->shape.inner + 1) + 1, body, s);
}

/// The total over a set's planes of one of their two sums, times their weights if `weighted`.
static double total(const set *s, size_t which, bool weighted) {
  double sum = 0;
  for (size_t j = 0; j < s->norm->planes; j++) {
    size_t plane = plane_of(s, j);
    sum += s->norm->sums[2 * plane + which] * (weighted ? weight_of(s->norm, plane) : 1);
  }
  return sum;
}

static void normalize_sets(void *context, size_t begin, size_t end) {
  const norm *k = context;
  const double count = (double)(k->planes * k->shape.inner);
  for (size_t number = begin; number < end; number++) {
    set s = {.norm = k, .number = number};
    for_planes(&s, sum_planes);
    set_element(k->shape.type, k->statistics, number, total(&s, 0, false) / count);
    s.mean = element(k->shape.type, k->statistics, number);
    for_planes(&s, sum_planes);
    const double variance = total(&s, 1, false) / count;
    set_element(k->shape.type, k->statistics, k->sets + number, variance);
    s.factor = 1 / sqrt(variance + k->epsilon);
    for_planes(&s, combine_planes);
  }
}

static void derive_sets(void *context, size_t begin, size_t end) {
  const norm *k = context;
  const double count = (double)(k->planes * k->shape.inner);
  for (size_t number = begin; number < end; number++) {
    set s = {.norm = k, .number = number, .mean = element(k->shape.type, k->statistics, number)};
    s.factor = 1 / sqrt(element(k->shape.type, k->statistics, k->sets + number) + k->epsilon);
    for_planes(&s, sum_planes);
    s.mean_g = total(&s, 0, true) / count;
    s.mean_gz = total(&s, 1, true) * s.factor / count;
    for_planes(&s, combine_planes);
  }
}

static void run(norm *k, ag_task body) {
  const ag_planes shape = k->shape;
  k->loops = plane_loops();
  k->sets = shape.groups ? shape.samples * shape.groups : shape.channels;
  k->planes = shape.groups ? shape.channels / shape.groups : shape.samples;
  k->sums = ag_scratch(AG_SCRATCH_CALL, 2 * shape.samples * shape.channels * sizeof(double) + 1);
  if (k->sets < (size_t)ag_thread_count()) body(k, 0, k->sets);
  else ag_parallel_for(k->sets, RANGE / (k->planes * shape.inner + 1) + 1, body, k);
}

void ag_plane_norm(ag_planes planes, double epsilon, const void *x, const void *weight, const void *bias, void *y,
                   void *statistics) {
  norm k = {.shape = planes, .epsilon = epsilon, .x = x, .weight = weight, .bias = bias, .out = y,
            .statistics = statistics};
  run(&k, normalize_sets);
}

void ag_plane_norm_backward(ag_planes planes, double epsilon, const void *x, const void *weight, const void *statistics,
                            const void *dy, void *dx, void *dweight, void *dbias) {
  norm k = {.shape = planes, .epsilon = epsilon, .x = x, .weight = weight, .dy = dy, .out = dx,
            .statistics = (void *)statistics};
  run(&k, derive_sets);
  for (size_t channel = 0; channel < planes.channels; channel++) {
    double of_weight = 0, of_bias = 0;
    for (size_t sample = 0; sample < planes.samples; sample++) {
      const size_t plane = sample * planes.channels + channel;
      const size_t number = planes.groups ? plane / k.planes : channel;
      const double variance = element(planes.type, statistics, k.sets + number);
      of_weight += k.sums[2 * plane + 1] / sqrt(variance + epsilon);
      of_bias += k.sums[2 * plane];
    }
    set_element(planes.type, dweight, channel, of_weight);
    set_element(planes.type, dbias, channel, of_bias);
  }
}

// MARK: resampling

typedef struct {
  const ag_plane_loops *loops;
  ag_images shape;
  const double *maps;
  const char *x;
  char *out;
} resampling;

static void resample_planes(void *context, size_t begin, size_t end) {
  const resampling *k = context;
  const size_t size = ag_size(k->shape.type), row_bytes = k->shape.width * size;
  const size_t stride = row_bytes + AG_FRAME * size, frame_bytes = (k->shape.height + AG_FRAME) * stride;
  char *framed = memset(ag_scratch(AG_SCRATCH_TASK, frame_bytes), 0, frame_bytes);
  for (size_t plane = begin; plane < end; plane++) {
    const size_t offset = plane * k->shape.height * row_bytes;
    for (size_t row = 0; row < k->shape.height; row++)
      memcpy(framed + (row + 1) * stride + size, k->x + offset + row * row_bytes, row_bytes);
    k->loops->resample[k->shape.type](k->shape.height, k->shape.width, k->maps + 6 * (plane / k->shape.channels), framed,
                                      k->out + offset);
  }
}

void ag_plane_resample(ag_images images, const double *maps, const void *x, void *out) {
  resampling k = {plane_loops(), images, maps, x, out};
  ag_parallel_for(images.count * images.channels, RESAMPLED_RANGE / (images.height * images.width + 1) + 1,
                  resample_planes, &k);
}

// MARK: windows

typedef struct {
  ag_images shape;
  const int64_t *corners;
  const char *x;
  char *out;
} windows;

static void cut_planes(void *context, size_t begin, size_t end) {
  const windows *k = context;
  const size_t size = ag_size(k->shape.type), height = k->shape.height, width = k->shape.width;
  for (size_t plane = begin; plane < end; plane++) {
    const int64_t *corner = k->corners + 2 * (plane / k->shape.channels);
    // The columns of the window that lie on the image, which has them `right` columns further to the right.
    const size_t right = (size_t)corner[1], left = 0 - right;
    const size_t first = corner[1] < 0 ? ag_min(left, width) : 0;
    const size_t last = corner[1] > 0 ? width - ag_min(right, width) : width;
    char *out = k->out + plane * height * width * size;
    for (size_t row = 0; row < height; row++, out += width * size) {
      const size_t from = row + (size_t)corner[0];  // wraps around to a large number above the image
      if (from >= height || first >= last) {
        memset(out, 0, width * size);
        continue;
      }
      memset(out, 0, first * size);
      memcpy(out + first * size, k->x + ((plane * height + from) * width + first + right) * size, (last - first) * size);
      memset(out + last * size, 0, (width - last) * size);
    }
  }
}

void ag_plane_window(ag_images images, const int64_t *corners, const void *x, void *out) {
  windows k = {images, corners, x, out};
  ag_parallel_for(images.count * images.channels, RANGE / (images.height * images.width + 1) + 1, cut_planes, &k);
}
