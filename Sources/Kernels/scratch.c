#include "scratch.h"

#include <pthread.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

typedef struct {
  void *memory;
  size_t bytes;
} buffer;

enum { SMALL_PAGE = 1 << 12, LARGE_PAGE = 1 << 21, LARGE = 1 << 20 };

static _Thread_local buffer *buffers;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_buffers(void *of_thread) {
  buffer *all = of_thread;
  for (int use = 0; use < AG_SCRATCH_COUNT; use++) free(all[use].memory);
  free(all);
}

static void make_key(void) { pthread_key_create(&key, free_buffers); }

static void make_buffers(void) {
  pthread_once(&once, make_key);
  buffers = calloc(AG_SCRATCH_COUNT, sizeof *buffers);
  if (!buffers) abort();
  pthread_setspecific(key, buffers);  // freed when the thread ends
}

void *ag_scratch(ag_scratch_use use, size_t bytes) {
  if (!buffers) make_buffers();
  buffer *own = &buffers[use];
  if (bytes <= own->bytes) return own->memory;
  const size_t page = bytes < LARGE ? SMALL_PAGE : LARGE_PAGE;
  free(own->memory);
  own->bytes = (bytes + page - 1) / page * page;
  own->memory = aligned_alloc(page, own->bytes);
  if (!own->memory) abort();
#if defined(__linux__)
  // Transforms write dozens of places far apart in turn, more pages than the processor remembers if they are small.
  if (page == LARGE_PAGE) madvise(own->memory, own->bytes, MADV_HUGEPAGE);
#endif
  return own->memory;
}
