// Exercises the thread pool and its threads' working memory under the thread sanitizer (see the script `sanitized`
// beside this file). It includes the pool's source, so that the ways of waiting can be counted: counts, not times, show
// that a thread waiting for one that has no processor gives up its own.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static _Atomic size_t pauses, yields;

static void counted_pause(void) { atomic_fetch_add_explicit(&pauses, 1, memory_order_relaxed); }

static int counted_yield(void) {
  atomic_fetch_add_explicit(&yields, 1, memory_order_relaxed);
  return sched_yield();
}

#define __builtin_ia32_pause counted_pause
#define sched_yield counted_yield
#include "../../Sources/Kernels/pool.c"
#undef sched_yield
#include "../../Sources/Kernels/memory.c"
#include "../../Sources/Kernels/scratch.c"

static void check(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "pool: %s\n", what);
  exit(1);
}

// Regions

enum { MOST_ITEMS = 1000, THREADS = 4 };

/// Not atomic: making a thread's writes visible to later readers is the pool's task.
typedef struct {
  int visits[MOST_ITEMS];
} items;

static void visit(void *all, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) ((items *)all)->visits[i]++;
}

static void visit_some(items *all, size_t count, size_t grain) {
  for (size_t i = 0; i < count; i++) all->visits[i] = 0;
  ag_parallel_for(count, grain, visit, all);
  ag_parallel_for(count, grain + 1, visit, all);
  for (size_t i = 0; i < count; i++) check(all->visits[i] == 2, "an item is visited twice or never");
}

static void *visit_often(void *unused) {
  items mine;
  for (size_t count = 0; count < MOST_ITEMS; count += 7) visit_some(&mine, count, 1 + count % 60);
  return unused;
}

static void visit_nested(void *all, size_t begin, size_t end) {
  for (size_t part = begin; part < end; part++) ag_parallel_for(10, 3, visit, (int *)all + 10 * part);
}

static void callers_at_once(void *(*call)(void *)) {
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) check(pthread_create(&threads[i], NULL, call, NULL) == 0, "no thread");
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
}

static void regions(void) {
  for (int threads = 1; threads <= THREADS; threads++) {
    ag_set_thread_count(threads);
    visit_often(NULL);
  }
  callers_at_once(visit_often);
  items all = {};
  ag_parallel_for(MOST_ITEMS / 10, 1, visit_nested, &all);
  for (size_t i = 0; i < MOST_ITEMS; i++) check(all.visits[i] == 1, "an item of a nested region is visited twice or never");
}

// Working memory

static void use_memory(void *unused, size_t begin, size_t end) {
  (void)unused;
  for (size_t i = begin; i < end; i++) {
    size_t bytes = 1000 * (1 + i % 9);
    char *memory = ag_scratch(AG_SCRATCH_GEMM, bytes);
    for (size_t at = 0; at < bytes; at += 500) memory[at] = (char)i;
    for (size_t at = 0; at < bytes; at += 500) check(memory[at] == (char)i, "another thread writes to working memory");
  }
}

static void *use_and_trim(void *unused) {
  for (int turn = 0; turn < 100; turn++) {
    ag_parallel_for(20, 1, use_memory, NULL);
    ag_scratch_trim();
  }
  return unused;
}

static void working_memory(void) {
  callers_at_once(use_and_trim);
  use_and_trim(NULL);
  check(ag_scratch_bytes() == 0, "working memory is kept after a trim");
}

// Waiting

static _Atomic bool worker_has_begun;

/// The caller's range does not end before the worker has begun the other range; otherwise the caller might take both.
/// The worker's range does not end before the caller, which waits for it, has yielded its processor.
static void await_yield(void *unused, size_t begin, size_t end) {
  (void)begin, (void)end, (void)unused;
  if (!ag_is_worker()) {
    while (!atomic_load(&worker_has_begun)) sched_yield();
  } else {
    size_t before = atomic_load(&yields);
    atomic_store(&worker_has_begun, true);
    while (atomic_load(&yields) == before) sched_yield();
  }
}

/// With a single worker, since the yields of a second one would count as well.
static void wait_for_a_worker(void) {
  ag_set_thread_count(2);
  for (int turn = 0; turn < 40; turn++) {
    atomic_store(&worker_has_begun, false);
    ag_parallel_for(2, 1, await_yield, NULL);
    // In every second turn the worker is asleep and has to be woken.
    while (turn % 2 && atomic_load(&sleepers) < workers) sched_yield();
  }
}

static void await_child(pid_t child) {
  int status;
  check(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child failed");
}

/// Yields the processor to another thread within a range.
static void visit_in_turn(void *all, size_t begin, size_t end) {
  sched_yield();
  visit(all, begin, end);
}

/// Regions in quick succession by eight threads of two processes, all bound to one processor. A waiting thread must not
/// hold the processor for the rest of its time slice: the pauses of each wait are bounded, to some microseconds.
static void crowd(void) {
#if defined(__linux__)
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  check(sched_setaffinity(0, sizeof one, &one) == 0, "cannot be bound to one processor");
#endif
  pid_t other = fork();
  check(other >= 0, "cannot fork");
  enum { REGIONS = 500 };
  items all = {};
  ag_set_thread_count(THREADS);
  for (size_t i = 0; i < REGIONS; i++) ag_parallel_for(100, 9, visit_in_turn, &all);
  for (size_t i = 0; i < 100; i++) check(all.visits[i] == REGIONS, "an item is visited twice or never");
  check(atomic_load(&pauses) <= 2000 * REGIONS * THREADS, "waiting threads keep the processor");
  if (other == 0) exit(0);
  await_child(other);
}

/// Forks and binds to one processor before any other thread exists.
int main(void) {
  alarm(60);  // in case a wait never ends
  pid_t child = fork();
  check(child >= 0, "cannot fork");
  if (child == 0) {
    crowd();
    return 0;
  }
  await_child(child);
  wait_for_a_worker();
  regions();
  working_memory();
  puts("pool: done");
  return 0;
}
