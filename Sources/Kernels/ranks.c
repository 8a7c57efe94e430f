// The element of a given rank in each row (see ag_places.h), by the bytes of its key from the highest: those elements are
// kept whose byte is the one in which the rank falls, in their order, until one is left, or only equal ones.
#include "ag_places.h"
#include "ag_pool.h"
#include "ordered.h"
#include "scratch.h"
#include "shared.h"

enum { RANGE = 16384 };  // elements a thread takes at a time

typedef struct {
  ag_dtype type;
  size_t n;
  const int64_t *ranks;
  const char *x;
  int64_t *out;
} ranking;

#define PLACE_OF_RANK(type, T, Key)                                                        \
  static int64_t place_of_rank_##type(const T *x, size_t n, size_t rank, Key *keys, int64_t *places) { \
    for (size_t i = 0; i < n; i++) keys[i] = ordered_##type(x[i]), places[i] = (int64_t)i; \
    for (int shift = 8 * sizeof(T); shift > 0 && n > 1;) {                                 \
      shift -= 8;                                                                          \
      size_t counts[256] = {0}, byte = 0, kept = 0;                                        \
      for (size_t i = 0; i < n; i++) counts[keys[i] >> shift & 0xff]++;                    \
      while (rank >= counts[byte]) rank -= counts[byte++];                                 \
      if (counts[byte] == n) continue;                                                     \
      for (size_t i = 0; i < n; i++) {                                                     \
        const bool fits = (keys[i] >> shift & 0xff) == byte;                               \
        keys[kept] = keys[i], places[kept] = places[i];                                    \
        kept += fits;                                                                      \
      }                                                                                    \
      n = kept;                                                                            \
    }                                                                                      \
    return places[rank];                                                                   \
  }
PLACE_OF_RANK(f32, float, uint32_t)
PLACE_OF_RANK(f64, double, uint64_t)
PLACE_OF_RANK(i32, int32_t, uint32_t)
PLACE_OF_RANK(i64, int64_t, uint64_t)
PLACE_OF_RANK(u8, uint8_t, uint32_t)

static void rank_rows(void *context, size_t begin, size_t end) {
  const ranking *r = context;
  int64_t *places = ag_scratch(AG_SCRATCH_TASK, 16 * r->n);
  void *keys = places + r->n;
  for (size_t row = begin; row < end; row++) {
    const void *x = r->x + row * r->n * ag_size(r->type);
    const size_t n = r->n, rank = (size_t)r->ranks[row];
    switch (r->type) {
      case AG_F32: r->out[row] = place_of_rank_f32(x, n, rank, keys, places); break;
      case AG_F64: r->out[row] = place_of_rank_f64(x, n, rank, keys, places); break;
      case AG_I32: r->out[row] = place_of_rank_i32(x, n, rank, keys, places); break;
      case AG_I64: r->out[row] = place_of_rank_i64(x, n, rank, keys, places); break;
      default: r->out[row] = place_of_rank_u8(x, n, rank, keys, places); break;
    }
  }
}

void ag_places_of_ranks(ag_dtype type, size_t rows, size_t n, const int64_t *ranks, const void *x, int64_t *out) {
  ranking r = {type, n, ranks, x, out};
  ag_parallel_for(rows, RANGE / n + 1, rank_rows, &r);
}
