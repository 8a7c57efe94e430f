#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ag_level.h"

static ag_level best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    return AG_LEVEL_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return AG_LEVEL_AVX2;
#endif
  return AG_LEVEL_BASELINE;
}

static ag_level choose_level(void) {
  ag_level best = best_level();
  const char *wanted = getenv("AUTOGRAD_ISA");
  if (!wanted) return best;
  for (int level = AG_LEVEL_BASELINE; level < best; level++)
    if (strcmp(wanted, ag_level_name((ag_level)level)) == 0) return (ag_level)level;
  return best;
}

ag_level ag_current_level(void) {
  // Two threads may both compute it, with the same result.
  static _Atomic int chosen = -1;
  int level = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (level < 0) {
    level = choose_level();
    atomic_store_explicit(&chosen, level, memory_order_relaxed);
  }
  return (ag_level)level;
}

size_t ag_worth_a_thread(ag_dtype type) {
  const int doublings = ag_current_level() - (type == AG_F64);  // of the number of lanes, from float at baseline
  return (size_t)1 << (19 + doublings);
}

const char *ag_level_name(ag_level level) {
  switch (level) {
    case AG_LEVEL_AVX512: return "avx512";
    case AG_LEVEL_AVX2: return "avx2";
    default: break;
  }
#if defined(__aarch64__)
  return "neon";
#else
  return "baseline";
#endif
}
