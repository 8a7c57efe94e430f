#include "scratch.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct {
  void *memory;
  size_t bytes;
} buffer;

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
  free(own->memory);
  own->bytes = (bytes + 65535) / 65536 * 65536;
  own->memory = aligned_alloc(64, own->bytes);
  if (!own->memory) abort();
  return own->memory;
}
