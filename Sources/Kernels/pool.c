// A thread pool for parallel loops. The caller opens a region at a gate, workers enter, every thread inside claims
// ranges until none is left, and the caller shuts the gate and waits for the last worker to leave. Each thread begins
// with its own share of the ranges, the same in every region, so that it finds what it wrote in one loop in its cache
// in the next. A thread that is done helps the others. Workers that find the gate shut spin for some microseconds, so
// that regions in quick succession are handed over in a fraction of a microsecond; then they yield the processor, then
// they sleep.
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
#include "pool.h"
#include "shared.h"

enum { MAX_THREADS = 1024, MAX_SHARES = 64, SPINS = 1500, YIELDS = 100 };

// The gate is one word, so that entering and shutting it cannot race: the number of the region (high half), whether the
// gate is open, and how many workers are inside.
#define GATE_REGION (UINT64_C(1) << 32)
#define GATE_OPEN (UINT64_C(1) << 31)
#define GATE_INSIDE (GATE_OPEN - 1)

static _Alignas(128) _Atomic uint64_t gate;

// The open region. Written by the caller before it opens the gate, read by workers that have entered.
static _Alignas(128) struct {
  size_t count, grain;
  ag_task body;
  void *context;
  size_t helpers;  // workers that may be inside at once
  size_t shares;
} region;

/// A share of the open region's ranges: the next one to be claimed, and the end.
static struct {
  _Alignas(128) _Atomic size_t next;
  size_t end;
} shares[MAX_SHARES];

static atomic_bool taken;  // by the thread whose region is open; another caller works alone meanwhile
static _Thread_local bool inside_region, is_worker, works_alone;

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

// Spins first and yields later, because the awaited thread may need this very processor.
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

/// Divides the ranges into a share for each thread.
static void divide(size_t ranges) {
  region.shares = ag_min(region.helpers + 1, MAX_SHARES);
  const size_t size = ranges / region.shares, larger = ranges % region.shares;
  for (size_t i = 0, begin = 0; i < region.shares; i++) {
    atomic_store_explicit(&shares[i].next, begin, memory_order_relaxed);
    shares[i].end = begin += size + (i < larger);
  }
}

static void run_ranges(size_t thread) {
  inside_region = true;
  for (size_t i = 0, share = thread % region.shares; i < region.shares; i++) {
    for (;;) {
      size_t range = atomic_fetch_add_explicit(&shares[share].next, 1, memory_order_relaxed);
      if (range >= shares[share].end) break;
      run_range(range);
    }
    if (++share == region.shares) share = 0;
  }
  inside_region = false;
}

// Workers

static bool enter(uint64_t seen) {
  while (seen & GATE_OPEN) {
    if (!atomic_compare_exchange_weak_explicit(&gate, &seen, seen + 1, memory_order_acquire, memory_order_acquire))
      continue;
    // Only once this worker is counted can the region no longer change under it.
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
  // The caller opens the gate, then looks for sleepers; this worker counts itself as a sleeper, then looks at the gate.
  // So at least one of them notices the other.
  pthread_mutex_lock(&sleep_lock);
  atomic_fetch_add(&sleepers, 1);
  while ((seen = atomic_load(&gate)) / GATE_REGION == last) pthread_cond_wait(&wake_up, &sleep_lock);
  atomic_fetch_sub(&sleepers, 1);
  pthread_mutex_unlock(&sleep_lock);
  return seen;
}

/// What a worker starts with: the number of the latest region, and its own, from 1 on (the caller is 0).
typedef struct {
  uint64_t region;
  size_t thread;
} beginning;

static void *work(void *started) {
  beginning *start = started;
  uint64_t last = start->region;
  const size_t thread = start->thread;
  free(start);
  is_worker = true;
  for (;;) {
    uint64_t seen = wait_for_region_after(last);
    last = seen / GATE_REGION;
    if (!enter(seen)) continue;
    run_ranges(thread);
    atomic_fetch_sub_explicit(&gate, 1, memory_order_release);
  }
  return NULL;
}

// A forked child has none of its parent's workers and must forget them.
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
  // Workers block all signals: those are for the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const uint64_t current_region = atomic_load(&gate) / GATE_REGION;
  for (pthread_t thread; workers < wanted; workers++) {
    beginning *start = malloc(sizeof *start);
    if (!start) break;
    *start = (beginning){current_region, (size_t)workers + 1};
    if (pthread_create(&thread, NULL, work, start) != 0) {
      free(start);
      break;
    }
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
  int threads = count <= grain || inside_region || works_alone ? 1 : ag_thread_count();
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
  divide(ranges);
  open_gate();
  run_ranges(0);
  shut_gate();
  atomic_store_explicit(&taken, false, memory_order_release);
}

bool ag_work_alone(bool alone) {
  bool before = works_alone;
  works_alone = alone;
  return before;
}

bool ag_is_worker(void) { return is_worker; }

bool ag_pool_hold(void) { return !atomic_exchange_explicit(&taken, true, memory_order_acquire); }

void ag_pool_let_go(void) { atomic_store_explicit(&taken, false, memory_order_release); }

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

static _Atomic int thread_count;  // 0 until first asked for

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
