// Binary search. Some values are looked for side by side, because each step waits for what the one before has read.
#include "ag_search.h"

#include "ag_pool.h"
#include "ag_simd.h"
#include "shared.h"

enum {
  BESIDE = 8,   // values
  RANGE = 2048  // values a thread takes at a time
};

typedef struct {
  size_t n, m;
  bool own;
  const char *sorted, *values;
  int64_t *out;
} searching;

// Keeps the compiler from branching on a truth value, which no processor could predict.
#define AS_NUMBER(x) __asm__("" : "+r"(x))

/// `comparison` is that of an element with the value which shows that the place is not behind the element.
#define SEARCH(name, T, comparison)                                                                   \
  AG_INLINE void name##_some(size_t count, size_t n, const T *sorted, const T *values, int64_t *out) { \
    const T *from[BESIDE];                                                                            \
    for (size_t v = 0; v < count; v++) from[v] = sorted;                                              \
    for (size_t left = n; left > 1; left -= left / 2)                                                 \
      for (size_t v = 0; v < count; v++) {                                                            \
        size_t behind = !(from[v][left / 2 - 1] comparison values[v]);                                \
        AS_NUMBER(behind);                                                                            \
        from[v] += left / 2 & -behind;                                                                \
      }                                                                                               \
    for (size_t v = 0; v < count; v++) {                                                              \
      size_t behind = n > 0 && !(*from[v] comparison values[v]);                                      \
      AS_NUMBER(behind);                                                                              \
      out[v] = from[v] - sorted + (ptrdiff_t)behind;                                                  \
    }                                                                                                 \
  }                                                                                                   \
  static void name(void *context, size_t begin, size_t end) {                                         \
    const searching *s = context;                                                                     \
    for (size_t i = begin, count; i < end; i += count) {                                              \
      size_t row = i / s->m;                                                                          \
      count = ag_min(BESIDE, ag_min(end, (row + 1) * s->m) - i);                                      \
      const T *sorted = (const T *)s->sorted + (s->own ? row * s->n : 0), *values = (const T *)s->values + i; \
      if (count == BESIDE) name##_some(BESIDE, s->n, sorted, values, s->out + i);                     \
      else name##_some(count, s->n, sorted, values, s->out + i);                                      \
    }                                                                                                 \
  }
#define SEARCHES(type, T) SEARCH(left_##type, T, >=) SEARCH(right_##type, T, >)
SEARCHES(f32, float)
SEARCHES(f64, double)
SEARCHES(i32, int32_t)
SEARCHES(i64, int64_t)
SEARCHES(u8, uint8_t)

void ag_search_sorted(ag_dtype type, size_t rows, size_t n, size_t m, bool own, bool right, const void *sorted,
                      const void *values, int64_t *out) {
  static const ag_task loops[2][AG_DTYPE_COUNT] = {
      {[AG_F32] = left_f32, [AG_F64] = left_f64, [AG_I32] = left_i32, [AG_I64] = left_i64, [AG_U8] = left_u8,
       [AG_BOOL] = left_u8},
      {[AG_F32] = right_f32, [AG_F64] = right_f64, [AG_I32] = right_i32, [AG_I64] = right_i64, [AG_U8] = right_u8,
       [AG_BOOL] = right_u8}};
  searching s = {n, m, own, sorted, values, out};
  ag_parallel_for(rows * m, RANGE, loops[right][type], &s);
}
