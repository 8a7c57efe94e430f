#ifndef AG_OPTIM_H
#define AG_OPTIM_H
#include "ag_types.h"

// Optimizer steps over n dense elements: one pass over memory, in place. Float types only. The constants of a rule are
// double and are rounded to the type once; they include what changes from step to step (bias corrections).

/// What a step changes. Every rule sees d = sign·g + decay·p in place of the gradient, and starts from shrink·p.
/// `state` holds the rule's running values, in the order its comment names them.
typedef struct {
  ag_dtype type;
  size_t n;
  void *p;
  const void *g;
  void *state[3];
  double sign, decay, shrink;
} ag_optim_step;

/// buffer = keep·buffer + fresh·d; p −= lr·buffer, or with `nesterov` lr·(d + momentum·buffer). Without a buffer
/// (state[0] NULL) p −= lr·d.
typedef struct { double lr, keep, fresh, momentum; bool nesterov; } ag_sgd_rates;
void ag_sgd_step(const ag_optim_step *step, ag_sgd_rates rates);

/// m += fresh1·(d − m); v = beta2·v + fresh2·d²; p −= step_size · m / (√v·root_scale + epsilon).
/// With v_max (else NULL) the largest v so far takes v's place. State: m, v, v_max.
typedef struct { double fresh1, beta2, fresh2, root_scale, step_size, epsilon; } ag_adam_rates;
void ag_adam_step(const ag_optim_step *step, ag_adam_rates rates);

/// m, v as in Adam; p −= (gradient_size·d + mean_size·m) / (√v·root_scale + epsilon). State: m, v.
typedef struct { double fresh1, beta2, fresh2, root_scale, gradient_size, mean_size, epsilon; } ag_nadam_rates;
void ag_nadam_step(const ag_optim_step *step, ag_nadam_rates rates);

/// m, v as in Adam; p −= step_size·m / (√v + epsilon) if `rectified`, else step_size·m. State: m, v.
typedef struct { double fresh1, beta2, fresh2, step_size, epsilon; bool rectified; } ag_radam_rates;
void ag_radam_step(const ag_optim_step *step, ag_radam_rates rates);

/// m as in Adam; u = max(beta2·u, |d| + epsilon); p −= step_size·m / u. State: m, u.
typedef struct { double fresh1, beta2, step_size, epsilon; } ag_adamax_rates;
void ag_adamax_step(const ag_optim_step *step, ag_adamax_rates rates);

/// sum += d²; p −= lr·d / (√sum + epsilon). State: sum.
typedef struct { double lr, epsilon; } ag_adagrad_rates;
void ag_adagrad_step(const ag_optim_step *step, ag_adagrad_rates rates);

/// v = rho·v + fresh·d²; move = √(u + epsilon) / √(v + epsilon) · d;
/// u = rho·u + fresh·move²; p −= lr·move. State: v, u.
typedef struct { double lr, rho, fresh, epsilon; } ag_adadelta_rates;
void ag_adadelta_step(const ag_optim_step *step, ag_adadelta_rates rates);

/// v = alpha·v + fresh·d²; with a mean (else NULL) mean += fresh·(d − mean), spread = v − mean², else spread = v;
/// move = d / (√spread + epsilon); with a buffer (else NULL) move = buffer = momentum·buffer + move; p −= lr·move.
/// State: v, mean, buffer.
typedef struct { double lr, alpha, fresh, epsilon, momentum; } ag_rmsprop_rates;
void ag_rmsprop_step(const ag_optim_step *step, ag_rmsprop_rates rates);

/// size *= up where d keeps its sign, down where it flips, within least...most; where it flips, d = 0;
/// p −= sign(d)·size; previous = d. State: previous, size.
typedef struct { double up, down, least, most; } ag_rprop_rates;
void ag_rprop_step(const ag_optim_step *step, ag_rprop_rates rates);

/// p = p·(1 − lambda·eta) − eta·d; average += mu·(p − average), or average = p where mu is 1. State: average.
typedef struct { double eta, lambda, mu; } ag_asgd_rates;
void ag_asgd_step(const ag_optim_step *step, ag_asgd_rates rates);

/// p −= lr·sign(m + fresh1·(d − m)); m += fresh2·(d − m). State: m.
typedef struct { double lr, fresh1, fresh2; } ag_lion_rates;
void ag_lion_step(const ag_optim_step *step, ag_lion_rates rates);

/// u = sign·g / √max(row·column, floor) in each of `matrices` blocks [rows, columns], which have `rows` and `columns`
/// factors of their own: Adafactor's update.
void ag_factored_scale(ag_dtype type, size_t matrices, size_t rows, size_t columns, const void *g, const void *row,
                       const void *column, double sign, double floor, void *u);

/// Σ |x|, Σ x², or the largest |x|, which is NaN if any x is.
typedef enum : uint8_t { AG_SUM, AG_SUM_SQUARES, AG_LARGEST } ag_magnitude_kind;

/// In one pass, summed in double.
double ag_magnitude(ag_magnitude_kind kind, ag_dtype type, size_t n, const void *x);

#endif
