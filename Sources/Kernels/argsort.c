// The order of each row's elements (see ag_places.h): short rows are sorted by insertion, long ones byte by byte from the
// lowest, where a byte that all keys share costs nothing.
#include "ag_places.h"
#include "ag_pool.h"
#include "ordered.h"
#include "scratch.h"
#include "shared.h"

enum {
  RANGE = 4096,    // elements a thread takes at a time
  SHORT_ROW = 32,  // at most
  DIGITS = 256
};

typedef struct {
  uint64_t key;
  int64_t position;
} item;

typedef struct {
  ag_dtype type;
  size_t n;
  bool descending;
  const char *x;
  int64_t *out;
} sorting;

#define KEYS(T, type)                                                                  \
  for (size_t i = 0; i < s->n; i++) items[i] = (item){ordered_##type(((const T *)x)[i]), (int64_t)i}; \
  break;

/// Fills in a row's items. Returns the bits in which their keys differ.
static uint64_t make_items(const sorting *s, const char *x, item *items) {
  switch (s->type) {
    case AG_F32: KEYS(float, f32)
    case AG_F64: KEYS(double, f64)
    case AG_I32: KEYS(int32_t, i32)
    case AG_I64: KEYS(int64_t, i64)
    default: KEYS(uint8_t, u8)
  }
  uint64_t all = UINT64_MAX, any = 0;
  for (size_t i = 0; i < s->n; i++) {
    if (s->descending) items[i].key = ~items[i].key;
    all &= items[i].key, any |= items[i].key;
  }
  return all ^ any;
}

static void insertion_sort(size_t n, item *items) {
  for (size_t i = 1; i < n; i++) {
    const item moved = items[i];
    size_t hole = i;
    for (; hole > 0 && items[hole - 1].key > moved.key; hole--) items[hole] = items[hole - 1];
    items[hole] = moved;
  }
}

/// Sorts by one digit, stably.
static void sort_by_digit(size_t n, unsigned shift, const item *from, item *to) {
  size_t places[DIGITS] = {0}, sum = 0;
  for (size_t i = 0; i < n; i++) places[from[i].key >> shift & (DIGITS - 1)]++;
  for (size_t digit = 0; digit < DIGITS; digit++) {
    const size_t count = places[digit];
    places[digit] = sum, sum += count;
  }
  for (size_t i = 0; i < n; i++) to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

static void sort_rows(void *context, size_t begin, size_t end) {
  const sorting *s = context;
  item *items = ag_scratch(AG_SCRATCH_TASK, 2 * s->n * sizeof(item)), *other = items + s->n;
  for (size_t row = begin; row < end; row++) {
    const uint64_t differing = make_items(s, s->x + row * s->n * ag_size(s->type), items);
    if (s->n <= SHORT_ROW) insertion_sort(s->n, items);
    for (unsigned shift = 0; s->n > SHORT_ROW && shift < 64; shift += 8) {
      if ((differing >> shift & (DIGITS - 1)) == 0) continue;
      sort_by_digit(s->n, shift, items, other);
      item *sorted = other;
      other = items, items = sorted;
    }
    for (size_t i = 0; i < s->n; i++) s->out[row * s->n + i] = items[i].position;
  }
}

void ag_argsort(ag_dtype type, size_t rows, size_t n, bool descending, const void *x, int64_t *out) {
  sorting s = {type, n, descending, x, out};
  ag_parallel_for(rows, RANGE / n + 1, sort_rows, &s);
}
