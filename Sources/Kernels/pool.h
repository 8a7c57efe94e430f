// What other kernels may know about the pool's workers.
#ifndef AG_POOL_WORKERS_H
#define AG_POOL_WORKERS_H
#include <stdbool.h>

/// Whether the calling thread is one of the pool's.
bool ag_is_worker(void);

/// Keeps the pool idle until `ag_pool_let_go`, so that no worker touches anything; false if a region is running.
bool ag_pool_hold(void);
void ag_pool_let_go(void);

#endif
