#ifndef AG_OPTIM_H
#define AG_OPTIM_H
#include "ag_types.h"

// One optimizer step over n dense elements, one pass over memory, in place. Float types only.
// The arithmetic is PyTorch 2.13's; hyperparameters are double and rounded to the type once.

/// g += weight_decay·p; if `momentum` ≠ 0: buffer = first ? g : momentum·buffer + (1 − dampening)·g;
/// g = nesterov ? g + momentum·buffer : buffer; p −= lr·g. `buffer` may be NULL when momentum is 0.
void ag_sgd_step(ag_dtype type, size_t n, void *p, const void *g, void *buffer, double lr, double momentum,
                 double dampening, double weight_decay, bool nesterov, bool first, bool maximize);

/// PyTorch's Adam and AdamW. `step` counts from 1. v_max is NULL unless AMSGrad. With `decoupled`
/// p *= 1 − lr·weight_decay first; otherwise g += weight_decay·p.
void ag_adam_step(ag_dtype type, size_t n, void *p, const void *g, void *m, void *v, void *v_max, double lr,
                  double beta1, double beta2, double epsilon, double weight_decay, bool decoupled, bool maximize,
                  uint64_t step);

#endif
