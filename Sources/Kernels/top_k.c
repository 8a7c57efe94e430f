// The first k elements of each row in order (see ag_places.h).
#include "ag_places.h"
#include "ag_pool.h"
#include "ordered.h"
#include "shared.h"

enum { RANGE = 16384 };  // elements a thread takes at a time

typedef struct {
  ag_dtype type;
  size_t n, k;
  bool largest;
  const char *x;
  int64_t *out;
} choosing;

/// Sifts the item at `parent` down in a max-heap.
static void sink(uint64_t *heap, size_t count, size_t parent) {
  uint64_t item = heap[parent];
  for (size_t child; (child = 2 * parent + 1) < count; parent = child) {
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[child] <= item) break;
    heap[parent] = heap[child];
  }
  heap[parent] = item;
}

enum {
  LOOK = 8,    // elements tested together
  SORTED = 16  // up to this many items are kept sorted: cheaper than a heap, whose branches are unpredictable
};

/// Inserts an item into a sorted list, whose last item drops out, without branches.
static void insert(uint64_t *sorted, size_t count, uint64_t item) {
  for (size_t i = count - 1; i > 0; i--) {
    const uint64_t before = sorted[i - 1], here = sorted[i];
    const uint64_t lower = __builtin_unpredictable(here < item) ? here : item;
    sorted[i] = __builtin_unpredictable(before > lower) ? before : lower;
  }
  if (item < sorted[0]) sorted[0] = item;
}

/// An item is a key, smallest first in the wanted order, above the position, so that no two items are equal. The k
/// smallest so far are kept sorted or, if k is large, in a max-heap. Most other elements lose to the worst of these,
/// and LOOK neighbours are rejected together by one test, which a NaN always passes.
#define TOP_K(type, T)                                                         \
  static bool some_pass_##type(const T *x, T worst, bool largest) {            \
    int passes = 0;                                                            \
    if (largest) for (size_t i = 0; i < LOOK; i++) passes |= !(x[i] <= worst); \
    else for (size_t i = 0; i < LOOK; i++) passes |= !(x[i] >= worst);         \
    return passes;                                                             \
  }                                                                            \
  static void top_k_##type(const choosing *c, const T *x, uint64_t *items, int64_t *out) { \
    const size_t n = c->n, k = c->k;                                           \
    const bool is_sorted = k <= SORTED;                                        \
    const uint64_t *worst = is_sorted ? items + k - 1 : items;                 \
    const uint32_t flip = c->largest ? UINT32_MAX : 0;                         \
    for (size_t i = 0; i < k; i++) {                                           \
      items[i] = (uint64_t)(ordered_##type(x[i]) ^ flip) << 32 | i;            \
      if (is_sorted) insert(items, i + 1, items[i]);                           \
    }                                                                          \
    for (size_t i = is_sorted ? 0 : k / 2; i-- > 0;) sink(items, k, i);        \
    for (size_t begin = k, end; begin < n; begin = end) {                      \
      end = ag_min(begin + LOOK, n);                                           \
      if (end - begin == LOOK && !some_pass_##type(x + begin, x[*worst & UINT32_MAX], c->largest)) continue; \
      for (size_t i = begin; i < end; i++) {                                   \
        uint64_t item = (uint64_t)(ordered_##type(x[i]) ^ flip) << 32 | i;     \
        if (item > *worst) continue;                                           \
        if (is_sorted) {                                                       \
          insert(items, k, item);                                              \
        } else {                                                               \
          items[0] = item;                                                     \
          sink(items, k, 0);                                                   \
        }                                                                      \
      }                                                                        \
    }                                                                          \
    for (size_t left = is_sorted ? 1 : k; left-- > 1;) {                       \
      uint64_t last = items[left];                                             \
      items[left] = items[0];                                                  \
      items[0] = last;                                                         \
      sink(items, left, 0);                                                    \
    }                                                                          \
    for (size_t i = 0; i < k; i++) out[i] = (int64_t)(items[i] & UINT32_MAX);  \
  }
TOP_K(f32, float)
TOP_K(i32, int32_t)
TOP_K(u8, uint8_t)

static void top_k_rows(void *context, size_t begin, size_t end) {
  const choosing *c = context;
  for (size_t r = begin; r < end; r++) {
    const char *x = c->x + r * c->n * ag_size(c->type);
    int64_t *out = c->out + r * c->k;
    // The items are kept in the memory of the results.
    uint64_t *items = (uint64_t *)out;
    switch (c->type) {
      case AG_F32: top_k_f32(c, (const float *)x, items, out); break;
      case AG_I32: top_k_i32(c, (const int32_t *)x, items, out); break;
      default: top_k_u8(c, (const uint8_t *)x, items, out); break;
    }
  }
}

void ag_top_k(ag_dtype type, size_t rows, size_t n, size_t k, bool largest, const void *x, int64_t *out) {
  choosing c = {type, n, k, largest, x, out};
  ag_parallel_for(rows, RANGE / n + 1, top_k_rows, &c);
}
