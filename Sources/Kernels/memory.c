#include "ag_memory.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

void *ag_fresh_memory(size_t bytes) {
  enum { CACHE_LINE = 64, LARGE_PAGE = 1 << 21 };
  void *memory = NULL;
  if (posix_memalign(&memory, CACHE_LINE, bytes) != 0) return NULL;
#if defined(__linux__)
  const uintptr_t begin = ((uintptr_t)memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
  const uintptr_t end = ((uintptr_t)memory + bytes) / LARGE_PAGE * LARGE_PAGE;
  if (begin < end) madvise((void *)begin, end - begin, MADV_HUGEPAGE);  // a hint: nothing is lost without large pages
#endif
  return memory;
}
