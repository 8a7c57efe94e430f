#ifndef AG_POOL_H
#define AG_POOL_H
#include "ag_types.h"

/// Work on the items `begin..<end`.
typedef void (*ag_task)(void *context, size_t begin, size_t end);

/// Calls `body` for consecutive ranges of `grain` items (the last may be shorter) that cover `0..<count`.
/// How the items are cut into ranges depends on `count` and `grain` alone, never on the number of threads, so a
/// body that combines within its range gives the same bits however many threads there are.
/// Runs on the calling thread if there is one range, one thread, the caller is itself inside a parallel region or works
/// alone, or another caller's region is running.
void ag_parallel_for(size_t count, size_t grain, ag_task body, void *context);

/// The number of threads that share parallel regions, the caller included. Default: AUTOGRAD_THREADS, else the
/// processors that this process may use.
int ag_thread_count(void);

/// Sets that number; at least 1. Must not be called inside a parallel region.
void ag_set_thread_count(int threads);

/// Sets whether the calling thread runs its regions by itself from now on; returns the previous setting.
bool ag_work_alone(bool alone);

#endif
