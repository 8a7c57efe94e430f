// A pool of threads for parallel loops. A region is opened at a gate, workers come in, every thread inside claims
// ranges until none is left, and the caller shuts the gate and waits for the last worker to leave. Workers that find
// the gate shut spin for some microseconds, so that regions in quick succession are handed over in a fraction of one;
// then they yield the processor, then they sleep.
#if defined(__linux__)
#define _GNU_SOURCE  // sched_getaffinity
#endif
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "ag_pool.h"

enum { MAX_THREADS = 1024, SPINS = 1500, YIELDS = 100 };

// The gate is one word, so that entering and shutting cannot miss each other: which region it is (high half), whether
// the gate is open, and how many workers are inside.
#define GATE_REGION (UINT64_C(1) << 32)
#define GATE_OPEN (UINT64_C(1) << 31)
#define GATE_INSIDE (GATE_OPEN - 1)

static _Alignas(128) _Atomic uint64_t gate;

// The open region. Written by the caller before it opens the gate, read by workers that came in.
static _Alignas(128) struct {
  size_t count, grain;
  ag_task body;
  void *context;
  size_t helpers;  // workers that may be inside at once
} region;

static _Alignas(128) _Atomic size_t next_range;

static atomic_bool taken;  // by the thread whose region it is; a second caller works alone meanwhile
static _Thread_local bool inside_region;

static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake_up = PTHREAD_COND_INITIALIZER;
static _Atomic int sleepers;

static int workers;  // threads created; only changed by the thread that has taken the pool

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Spins first and yields later: the thread that is waited for may need this very processor.
static inline void wait_a_little(int turn) {
  if (turn < SPINS)
    relax();
  else
    sched_yield();
}

static void run_range(size_t range) {
  size_t begin = range * region.grain, left = region.count - begin;
  region.body(region.context, begin, left < region.grain ? region.count : begin + region.grain);
}

static void run_ranges(void) {
  size_t ranges = (region.count - 1) / region.grain + 1;
  inside_region = true;
  for (;;) {
    size_t range = atomic_fetch_add_explicit(&next_range, 1, memory_order_relaxed);
    if (range >= ranges) break;
    run_range(range);
  }
  inside_region = false;
}

// Workers

static bool enter(uint64_t seen) {
  while (seen & GATE_OPEN) {
    if (!atomic_compare_exchange_weak_explicit(&gate, &seen, seen + 1, memory_order_acquire, memory_order_acquire))
      continue;
    // Only now that this worker is counted can the region not change any more.
    if ((seen & GATE_INSIDE) < region.helpers) return true;
    atomic_fetch_sub_explicit(&gate, 1, memory_order_release);
    return false;
  }
  return false;
}

static uint64_t wait_for_region_after(uint64_t last) {
  uint64_t seen;
  for (int turn = 0; turn < SPINS + YIELDS; turn++) {
    seen = atomic_load_explicit(&gate, memory_order_acquire);
    if (seen / GATE_REGION != last) return seen;
    wait_a_little(turn);
  }
  // The caller opens the gate and then looks for sleepers; here it is the other way round, so one sees the other.
  pthread_mutex_lock(&sleep_lock);
  atomic_fetch_add(&sleepers, 1);
  while ((seen = atomic_load(&gate)) / GATE_REGION == last) pthread_cond_wait(&wake_up, &sleep_lock);
  atomic_fetch_sub(&sleepers, 1);
  pthread_mutex_unlock(&sleep_lock);
  return seen;
}

static void *work(void *first_region) {
  uint64_t last = (uintptr_t)first_region;
  for (;;) {
    uint64_t seen = wait_for_region_after(last);
    last = seen / GATE_REGION;
    if (!enter(seen)) continue;
    run_ranges();
    atomic_fetch_sub_explicit(&gate, 1, memory_order_release);
  }
  return NULL;
}

// A forked child has none of its parent's workers, and must not find their traces.
static void forget_workers(void) {
  workers = 0;
  atomic_store(&gate, 0);
  atomic_store(&sleepers, 0);
  atomic_store(&taken, inside_region);
  sleep_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  wake_up = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
}

static void create_workers(int wanted) {
  if (workers >= wanted) return;
  static bool fork_handled;
  if (!fork_handled) fork_handled = pthread_atfork(NULL, NULL, forget_workers) == 0;
  // Signals are the program's affair, not a worker's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  uintptr_t current_region = (uintptr_t)(atomic_load(&gate) / GATE_REGION);
  for (pthread_t thread; workers < wanted; workers++) {
    if (pthread_create(&thread, NULL, work, (void *)current_region) != 0) break;
    pthread_detach(thread);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// The caller

static void open_gate(void) {
  uint64_t before = atomic_load_explicit(&gate, memory_order_relaxed);
  atomic_store(&gate, (before & ~(GATE_REGION - 1)) + GATE_REGION + GATE_OPEN);
  if (atomic_load(&sleepers) == 0) return;
  pthread_mutex_lock(&sleep_lock);
  size_t asleep = (size_t)atomic_load(&sleepers), awake = (size_t)workers - asleep;
  for (size_t i = awake; i < region.helpers; i++) pthread_cond_signal(&wake_up);
  pthread_mutex_unlock(&sleep_lock);
}

static void shut_gate(void) {
  uint64_t seen = atomic_fetch_and_explicit(&gate, ~GATE_OPEN, memory_order_acquire);
  for (int turn = 0; seen & GATE_INSIDE; turn += turn < SPINS) {
    wait_a_little(turn);
    seen = atomic_load_explicit(&gate, memory_order_acquire);
  }
}

void ag_parallel_for(size_t count, size_t grain, ag_task body, void *context) {
  if (count == 0) return;
  if (grain == 0) grain = 1;
  int threads = count <= grain || inside_region ? 1 : ag_thread_count();
  if (threads == 1 || atomic_exchange_explicit(&taken, true, memory_order_acquire)) {
    for (size_t begin = 0; begin < count;) {
      size_t end = count - begin < grain ? count : begin + grain;
      body(context, begin, end);
      begin = end;
    }
    return;
  }
  size_t ranges = (count - 1) / grain + 1;
  create_workers(threads - 1);
  region.count = count;
  region.grain = grain;
  region.body = body;
  region.context = context;
  region.helpers = ranges < (size_t)threads ? ranges - 1 : (size_t)threads - 1;
  atomic_store_explicit(&next_range, 0, memory_order_relaxed);
  open_gate();
  run_ranges();
  shut_gate();
  atomic_store_explicit(&taken, false, memory_order_release);
}

// How many threads

static int available_processors(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static int clamped(long threads) {
  return threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : (int)threads;
}

static _Atomic int thread_count;  // 0 until the first question

int ag_thread_count(void) {
  int threads = atomic_load_explicit(&thread_count, memory_order_relaxed);
  if (threads == 0) {
    const char *wanted = getenv("AUTOGRAD_THREADS");
    long number = wanted ? strtol(wanted, NULL, 10) : 0;
    int chosen = clamped(number > 0 ? number : available_processors());
    // Another thread may have set the count in the meantime; then that count holds.
    threads = atomic_compare_exchange_strong(&thread_count, &threads, chosen) ? chosen : threads;
  }
  return threads;
}

void ag_set_thread_count(int threads) { atomic_store(&thread_count, clamped(threads)); }
