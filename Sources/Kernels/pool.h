// What the other kernels may know of the pool's workers.
#ifndef AG_POOL_WORKERS_H
#define AG_POOL_WORKERS_H
#include <stdbool.h>

/// Whether the calling thread is one of the pool's.
bool ag_is_worker(void);

/// Keeps the pool from working until it is let go; false if a region is running. Meanwhile no worker touches anything.
bool ag_pool_hold(void);
void ag_pool_let_go(void);

#endif
