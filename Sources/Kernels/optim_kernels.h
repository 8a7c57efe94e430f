// The loops of the fused optimizer steps, and the tables that hold them.
#ifndef AG_OPTIM_KERNELS_H
#define AG_OPTIM_KERNELS_H
#include "ag_optim.h"

/// The list of all rules.
#define AG_OPTIM_RULES(RULE) \
  RULE(sgd) RULE(adam) RULE(nadam) RULE(radam) RULE(adamax) RULE(adagrad) RULE(adadelta) RULE(rmsprop) RULE(rprop) \
  RULE(asgd) RULE(lion)

/// `rates` points to the rule's own constants.
typedef void (*ag_optim_loop)(const ag_optim_step *step, const void *rates);
/// u = sign·g / √max(row·column, floor) along one row.
typedef void (*ag_factored_loop)(size_t n, const void *g, const void *row, const void *column, double sign, double floor,
                                 void *u);
typedef double (*ag_magnitude_loop)(ag_magnitude_kind kind, size_t n, const void *x);

/// Indexed by float type.
typedef struct {
#define RULE(name) ag_optim_loop name[2];
  AG_OPTIM_RULES(RULE)
#undef RULE
  ag_factored_loop factored[2];
  ag_magnitude_loop magnitude[2];
} ag_optim_loops;

extern const ag_optim_loops ag_optim_loops_baseline, ag_optim_loops_avx2, ag_optim_loops_avx512;

#endif
