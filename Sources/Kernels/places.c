// Gathering and scattering along an axis, and triangles of matrices.
#include "ag_places.h"

#include <stdatomic.h>
#include <string.h>

#include "ag_pool.h"
#include "ag_simd.h"
#include "scratch.h"
#include "shared.h"

enum {
  RANGE = 16384,  // elements a thread takes at a time
  STRIP = 64      // columns of a task that adds
};

typedef struct {
  size_t n, inner, m, strips, bands;
  const int64_t *index;
  const size_t *runs;
  const char *x;
  char *out;
  atomic_bool is_wrong;  // an index was out of range
} placing;

// MARK: an index for each element

// These loops may exit early, and clang unrolls such loops only when told to. They are functions of their own, so that
// they do not run out of registers.
#define OWN_LOOP __attribute__((noinline))
#define UNROLLED _Pragma("clang loop unroll_count(4)")

/// The slices begin..<end of `inner` results; slice o·m + k is number k of block o, and a block's slices are processed
/// in one go. Stops at an index out of range.
#define GATHER(name, T)                                                        \
  static OWN_LOOP bool name##_singles(size_t n, size_t m, const int64_t *index, const T *x, T *out) { \
    UNROLLED for (size_t k = 0; k < m; k++) {                                  \
      size_t at = (size_t)index[k];                                            \
      if (at >= n) return false;                                               \
      out[k] = x[at];                                                          \
    }                                                                          \
    return true;                                                               \
  }                                                                            \
  static OWN_LOOP bool name##_slice(size_t n, size_t inner, const int64_t *index, const T *x, T *out) { \
    UNROLLED for (size_t i = 0; i < inner; i++) {                              \
      size_t at = (size_t)index[i];                                            \
      if (at >= n) return false;                                               \
      out[i] = x[at * inner + i];                                              \
    }                                                                          \
    return true;                                                               \
  }                                                                            \
  static void name(void *context, size_t begin, size_t end) {                  \
    placing *p = context;                                                      \
    size_t n = p->n, inner = p->inner, o = begin / p->m, first = begin % p->m, run; \
    bool is_right = true;                                                      \
    for (size_t slice = begin; slice < end; slice += run, o++, first = 0) {     \
      run = ag_min(p->m - first, end - slice);                                 \
      const int64_t *index = p->index + slice * inner;                         \
      const T *x = (const T *)p->x + o * n * inner;                            \
      T *out = (T *)p->out + slice * inner;                                    \
      if (inner == 1) is_right &= name##_singles(n, run, index, x, out);       \
      else                                                                     \
        for (size_t k = 0; k < run; k++, index += inner, out += inner)         \
          is_right &= name##_slice(n, inner, index, x, out);                   \
    }                                                                          \
    if (!is_right) atomic_store_explicit(&p->is_wrong, true, memory_order_relaxed); \
  }
GATHER(gather_1, uint8_t)
GATHER(gather_4, uint32_t)
GATHER(gather_8, uint64_t)

bool ag_gather_axis(ag_dtype type, size_t outer, size_t n, size_t inner, size_t m, const int64_t *index, const void *x,
                    void *out) {
  if (outer * m * inner == 0) return true;
  if (n == 0) return false;
  static const ag_task loops[] = {[1] = gather_1, [4] = gather_4, [8] = gather_8};
  placing p = {.n = n, .inner = inner, .m = m, .index = index, .x = x, .out = out};
  ag_parallel_for(outer * m, RANGE / inner + 1, loops[ag_size(type)], &p);
  return !atomic_load_explicit(&p.is_wrong, memory_order_relaxed);
}

/// Task o·strips + strip changes that strip of columns of block o, so that no two tasks touch the same
/// element. `a` is the element that is there, `b` the new one.
#define SCATTER(name, T, formula)                                              \
  static void name(void *context, size_t begin, size_t end) {                  \
    placing *p = context;                                                      \
    bool is_wrong = false;                                                     \
    for (size_t task = begin; task < end; task++) {                            \
      size_t o = task / p->strips, column = task % p->strips * STRIP;          \
      size_t width = ag_min(STRIP, p->inner - column), start = o * p->m * p->inner + column; \
      T *out = (T *)p->out + o * p->n * p->inner + column;                     \
      if (p->inner == 1) {                                                     \
        const int64_t *index = p->index + start;                               \
        const T *x = (const T *)p->x + start;                                  \
        for (size_t k = 0, n = p->n, m = p->m; k < m; k++) {                   \
          size_t at = (size_t)index[k];                                        \
          is_wrong |= at >= n;                                                 \
          if (at < n) {                                                        \
            T a = out[at], b = x[k];                                           \
            out[at] = formula;                                                 \
          }                                                                    \
        }                                                                      \
        continue;                                                              \
      }                                                                        \
      for (size_t k = 0; k < p->m; k++, start += p->inner) {                   \
        const int64_t *index = p->index + start;                               \
        const T *x = (const T *)p->x + start;                                  \
        for (size_t i = 0; i < width; i++) {                                   \
          bool is_right = (uint64_t)index[i] < p->n;                           \
          is_wrong |= !is_right;                                               \
          if (is_right) {                                                      \
            T *to = out + (size_t)index[i] * p->inner + i, a = *to, b = x[i];  \
            *to = formula;                                                     \
          }                                                                    \
        }                                                                      \
      }                                                                        \
    }                                                                          \
    if (is_wrong) atomic_store_explicit(&p->is_wrong, true, memory_order_relaxed); \
  }
#define SCATTERS(type, T)                            \
  SCATTER(add_##type, T, a + b)                      \
  SCATTER(multiply_##type, T, a *b)                  \
  SCATTER(max_##type, T, b > a || b != b ? b : a)    \
  SCATTER(min_##type, T, b < a || b != b ? b : a)    \
  SCATTER(put_##type, T, ((void)a, b))
SCATTERS(f32, float)
SCATTERS(f64, double)

/// Runs a body over strips of columns of each block.
static void run_strips(ag_task body, placing *p, size_t outer) {
  p->strips = (p->inner + STRIP - 1) / STRIP;
  size_t size = p->m * ag_min(p->inner, STRIP);
  ag_parallel_for(outer * p->strips, RANGE / (size + 1) + 1, body, p);
}

bool ag_scatter_axis(ag_scatter_op op, ag_dtype type, size_t outer, size_t n, size_t inner, size_t m,
                     const int64_t *index, const void *x, void *out) {
  static const ag_task loops[][2] = {
      {add_f32, add_f64}, {multiply_f32, multiply_f64}, {max_f32, max_f64}, {min_f32, min_f64}, {put_f32, put_f64}};
  placing p = {.n = n, .inner = inner, .m = m, .index = index, .x = x, .out = out};
  run_strips(loops[op][type == AG_F64], &p, outer);
  return !atomic_load_explicit(&p.is_wrong, memory_order_relaxed);
}

// MARK: an index for each slice

enum { FEW = 8 };  // blocks, or places per run: with fewer, finding runs costs more than it saves

/// For each of the m places, how many follow it consecutively, itself included; NULL where few do, as in a random
/// index. In an index that pads an axis nearly all do.
static const size_t *find_runs(size_t outer, size_t m, const int64_t *places) {
  if (outer < FEW || m < FEW) return NULL;
  size_t breaks = 1;
  for (size_t k = 1; k < m; k++) breaks += places[k] != places[k - 1] + 1;
  if (breaks > m / FEW) return NULL;
  size_t *runs = ag_scratch(AG_SCRATCH_CALL, m * sizeof *runs);
  runs[m - 1] = 1;
  for (size_t k = m - 1; k-- > 0;) runs[k] = places[k + 1] == places[k] + 1 ? runs[k + 1] + 1 : 1;
  return runs;
}

/// The slices begin..<end of the result; slice o·m + k is number k of block o, and a block's
/// slices are processed in one go.
#define SELECT(name, T)                                                        \
  static void name(void *context, size_t begin, size_t end) {                  \
    const placing *p = context;                                                \
    const size_t *runs = p->runs;                                              \
    size_t inner = p->inner, o = begin / p->m, first = begin % p->m, run, length; \
    for (size_t slice = begin; slice < end; slice += run, o++, first = 0) {    \
      run = ag_min(p->m - first, end - slice);                                 \
      const int64_t *index = p->index + first;                                 \
      const T *x = (const T *)p->x + o * p->n * inner;                         \
      T *out = (T *)p->out + slice * inner;                                    \
      if (inner == 1 && !runs)                                                 \
        for (size_t k = 0; k < run; k++) out[k] = x[index[k]];                 \
      else                                                                     \
        for (size_t k = 0; k < run; k += length) {                             \
          length = runs ? ag_min(runs[first + k], run - k) : 1;                \
          memcpy(out + k * inner, x + (size_t)index[k] * inner, length * inner * sizeof(T)); \
        }                                                                      \
    }                                                                          \
  }
SELECT(select_1, uint8_t)
SELECT(select_4, uint32_t)
SELECT(select_8, uint64_t)

void ag_index_select(ag_dtype type, size_t outer, size_t n, size_t inner, size_t m, const int64_t *places,
                     const void *x, void *out) {
  if (outer * m * inner == 0) return;
  placing p = {.n = n, .inner = inner, .m = m, .index = places, .x = x, .out = out};
  p.runs = find_runs(outer, m, places);
  size_t size = ag_size(type);
  ag_parallel_for(outer * m, RANGE / inner + 1, size == 1 ? select_1 : size == 4 ? select_4 : select_8, &p);
}

#define INDEX_ADD(name, T)                                                     \
  /* To one block, an element a place. */                                      \
  static void name##_singles(const placing *p, const T *x, T *out) {           \
    const int64_t *index = p->index;                                           \
    size_t m = p->m, length;                                                   \
    if (p->runs)                                                               \
      for (size_t k = 0; k < m; k += length) {                                 \
        T *start = out + index[k];                                             \
        length = p->runs[k];                                                   \
        AG_LOOP for (size_t i = 0; i < length; i++) start[i] += x[k + i];      \
      }                                                                        \
    else                                                                       \
      for (size_t k = 0; k < m; k++) out[index[k]] += x[k];                    \
  }                                                                            \
  /* Task o·bands + band adds to that band of places of block o. */            \
  static void name(void *context, size_t begin, size_t end) {                  \
    const placing *p = context;                                                \
    const size_t inner = p->inner, height = (p->n + p->bands - 1) / p->bands;  \
    for (size_t task = begin; task < end; task++) {                            \
      const size_t o = task / p->bands, first = task % p->bands * height;      \
      const T *x = (const T *)p->x + o * p->m * inner;                         \
      T *out = (T *)p->out + o * p->n * inner;                                 \
      if (inner == 1) {                                                        \
        name##_singles(p, x, out);                                             \
        continue;                                                              \
      }                                                                        \
      for (size_t k = 0; k < p->m; k++, x += inner) {                          \
        const size_t place = (size_t)p->index[k];                              \
        if (place - first >= height) continue;                                 \
        T *row = out + place * inner;                                          \
        AG_LOOP for (size_t i = 0; i < inner; i++) row[i] += x[i];             \
      }                                                                        \
    }                                                                          \
  }
INDEX_ADD(index_add_f32, float)
INDEX_ADD(index_add_f64, double)

void ag_index_add(ag_dtype type, size_t outer, size_t n, size_t inner, size_t m, const int64_t *places, const void *x,
                  void *out) {
  enum { MOST_BANDS = 16, WIDE = 64 };
  placing p = {.n = n, .inner = inner, .m = m, .index = places, .x = x, .out = out};
  if (inner == 1) p.runs = find_runs(outer, m, places);
  // Every band goes through all places, which matters the less the wider the slices are. In each loop a thread adds to
  // the rows that it wrote in the one before, which are in its cache.
  p.bands = ag_min(ag_min(inner / WIDE + 1, MOST_BANDS), n + (n == 0));
  ag_parallel_for(outer * p.bands, RANGE / (m * inner / p.bands + 1) + 1,
                  type == AG_F32 ? index_add_f32 : index_add_f64, &p);
}

size_t ag_true_places(size_t n, const uint8_t *x, int64_t *places) {
  // Writes every place, but counts only the true ones: a branch on data without a pattern would be mispredicted.
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    places[count] = (int64_t)i;
    count += x[i] != 0;
  }
  return count;
}

// MARK: triangles

typedef struct {
  size_t rows, cols, size;
  ptrdiff_t offset;
  bool lower;
  const char *x;
  char *out;
} triangle;

static void triangle_rows(void *context, size_t begin, size_t end) {
  const triangle *t = context;
  size_t width = t->cols * t->size;
  for (size_t row = begin; row < end; row++) {
    // How much of the row lies before the diagonal that separates the two parts.
    ptrdiff_t edge = (ptrdiff_t)(row % t->rows) + t->offset + (t->lower ? 1 : 0);
    size_t left = edge < 0 ? 0 : ag_min((size_t)edge, t->cols) * t->size;
    const char *x = t->x + row * width;
    char *out = t->out + row * width;
    if (t->lower) {
      memcpy(out, x, left);
      memset(out + left, 0, width - left);
    } else {
      memset(out, 0, left);
      memcpy(out + left, x + left, width - left);
    }
  }
}

void ag_triangle(ag_dtype type, size_t batch, size_t rows, size_t cols, ptrdiff_t offset, bool lower, const void *x,
                 void *out) {
  triangle t = {rows, cols, ag_size(type), offset, lower, x, out};
  ag_parallel_for(batch * rows, RANGE / (cols + 1) + 1, triangle_rows, &t);
}

// MARK: slices between zeros

typedef struct {
  size_t width, start, count, size;  // elements of a row, and those of x in it; bytes per element
  const char *x;
  char *out;
} placed_rows;

/// The elements begin..<end of the result.
static void place_range(void *context, size_t begin, size_t end) {
  const placed_rows *p = context;
  for (size_t at = begin, n; at < end; at += n) {
    const size_t row = at / p->width, column = at % p->width, last = p->start + p->count;
    const bool inside = column >= p->start && column < last;
    n = ag_min(end - at, (column < p->start ? p->start : inside ? last : p->width) - column);
    char *out = p->out + at * p->size;
    if (inside && !p->x) continue;
    if (inside) memcpy(out, p->x + (row * p->count + column - p->start) * p->size, n * p->size);
    else memset(out, 0, n * p->size);
  }
}

void ag_place_slice(ag_dtype type, size_t outer, size_t n, size_t inner, size_t start, size_t count, const void *x,
                    void *out) {
  placed_rows p = {n * inner, start * inner, count * inner, ag_size(type), x, out};
  ag_parallel_for(outer * n * inner, 2 * RANGE, place_range, &p);
}
