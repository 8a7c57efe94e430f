#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "ag_memory.h"
#include "pool.h"

typedef struct {
  void *memory;
  size_t bytes;
  atomic_bool stale;  // to be released when its thread next asks for this use
} buffer;

/// One thread's buffers, in a list of all threads'.
typedef struct thread_buffers {
  buffer of[AG_SCRATCH_COUNT];
  bool of_worker;
  struct thread_buffers *next, **link;
} thread_buffers;

enum { SMALL_PAGE = 1 << 12, LARGE_PAGE = 1 << 21, LARGE = 1 << 20 };

static _Thread_local thread_buffers *own;
static thread_buffers *all;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic size_t total;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static _Noreturn void out_of_memory(size_t bytes) {
  fprintf(stderr, "out of memory: %zu bytes to work with\n", bytes);
  abort();
}

static void release(buffer *b) {
  free(b->memory);
  atomic_fetch_sub_explicit(&total, b->bytes, memory_order_relaxed);
  b->memory = NULL;
  b->bytes = 0;
  atomic_store_explicit(&b->stale, false, memory_order_relaxed);
}

static void end_thread(void *of_thread) {
  thread_buffers *ended = of_thread;
  pthread_mutex_lock(&all_lock);
  *ended->link = ended->next;
  if (ended->next) ended->next->link = ended->link;
  pthread_mutex_unlock(&all_lock);
  for (int use = 0; use < AG_SCRATCH_COUNT; use++) release(&ended->of[use]);
  free(ended);
}

static void make_key(void) { pthread_key_create(&key, end_thread); }

static void begin_thread(void) {
  pthread_once(&once, make_key);
  own = calloc(1, sizeof *own);
  if (!own) out_of_memory(sizeof *own);
  own->of_worker = ag_is_worker();
  pthread_mutex_lock(&all_lock);
  own->next = all;
  own->link = &all;
  if (all) all->link = &own->next;
  all = own;
  pthread_mutex_unlock(&all_lock);
  pthread_setspecific(key, own);
}

void *ag_scratch(ag_scratch_use use, size_t bytes) {
  if (!own) begin_thread();
  buffer *b = &own->of[use];
  if (bytes <= b->bytes && !atomic_load_explicit(&b->stale, memory_order_relaxed)) return b->memory;
  release(b);
  // Transforms write to dozens of distant addresses in turn, more small pages than the TLB holds.
  const size_t page = bytes < LARGE ? SMALL_PAGE : LARGE_PAGE;
  b->bytes = (bytes + page - 1) / page * page;
  b->memory = ag_fresh_memory(b->bytes);
  if (!b->memory) out_of_memory(b->bytes);
  atomic_fetch_add_explicit(&total, b->bytes, memory_order_relaxed);
  return b->memory;
}

size_t ag_scratch_bytes(void) { return atomic_load_explicit(&total, memory_order_relaxed); }

void ag_scratch_trim(void) {
  const bool workers_idle = ag_pool_hold();
  pthread_mutex_lock(&all_lock);
  for (thread_buffers *thread = all; thread; thread = thread->next) {
    const bool idle = thread == own || (thread->of_worker && workers_idle);
    for (int use = 0; use < AG_SCRATCH_COUNT; use++)
      if (idle) release(&thread->of[use]);
      else atomic_store_explicit(&thread->of[use].stale, true, memory_order_relaxed);
  }
  pthread_mutex_unlock(&all_lock);
  if (workers_idle) ag_pool_let_go();
}
