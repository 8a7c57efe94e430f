// Included by optim_impl.h once for each float type: see both_floats.h.
//
// A rule is one loop. Where an option changes the loop, its body is inlined twice, with the option and without: a
// condition inside would prevent vectorization.

#ifndef EACH
/// A rule's constant, rounded to the type.
#define RATE(name) const REAL name = (REAL)r->name

/// Declares the operands of every rule.
#define OPERANDS                                                                                      \
  REAL *p = o->p;                                                                                     \
  const REAL *g = o->g;                                                                               \
  const REAL sign = (REAL)o->sign, decay = (REAL)o->decay, shrink = (REAL)o->shrink

/// For each element: d is the gradient and q the parameter that the rule starts from.
#define EACH(...)                                                                                     \
  AG_LOOP for (size_t i = 0; i < o->n; i++) {                                                         \
    const REAL q = shrink * p[i], d = sign * g[i] + decay * p[i];                                     \
    __VA_ARGS__                                                                                       \
  }

/// A running mean after a new number, computed from the one with the larger weight, so that a small new number is
/// not lost next to a large old one.
#define MEAN(old, new, fresh)                                                                         \
  ((fresh) < (REAL)0.5 ? (old) + (fresh) * ((new) - (old)) : (new) - (1 - (fresh)) * ((new) - (old)))

/// The running mean of the gradient and of its square that Adam and its variants share.
#define MOMENTS                                                                                       \
  const REAL mean = MEAN(m[i], d, fresh1), square = beta2 * v[i] + fresh2 * d * d;                    \
  m[i] = mean;                                                                                        \
  v[i] = square;

#define ROOT(x) __builtin_elementwise_sqrt(x)
#endif

AG_INLINE void FN(sgd_variant)(const ag_optim_step *o, const ag_sgd_rates *r, bool buffered, bool nesterov) {
  OPERANDS;
  REAL *buffer = o->state[0];
  RATE(lr); RATE(keep); RATE(fresh); RATE(momentum);
  EACH({
    REAL move = d;
    if (buffered) {
      buffer[i] = move = keep * buffer[i] + fresh * d;
      if (nesterov) move = d + momentum * move;
    }
    p[i] = q - lr * move;
  })
}

static void FN(sgd)(const ag_optim_step *o, const void *rates) {
  const ag_sgd_rates *r = rates;
  if (!o->state[0]) FN(sgd_variant)(o, r, false, false);
  else if (!r->nesterov) FN(sgd_variant)(o, r, true, false);
  else FN(sgd_variant)(o, r, true, true);
}

AG_INLINE void FN(adam_variant)(const ag_optim_step *o, const ag_adam_rates *r, bool amsgrad) {
  OPERANDS;
  REAL *m = o->state[0], *v = o->state[1], *v_max = o->state[2];
  RATE(fresh1); RATE(beta2); RATE(fresh2); RATE(root_scale); RATE(step_size); RATE(epsilon);
  EACH({
    MOMENTS
    REAL largest = square;
    if (amsgrad) v_max[i] = largest = square < v_max[i] ? v_max[i] : square;
    p[i] = q - step_size * mean / (ROOT(largest) * root_scale + epsilon);
  })
}

static void FN(adam)(const ag_optim_step *o, const void *rates) {
  if (o->state[2]) FN(adam_variant)(o, rates, true);
  else FN(adam_variant)(o, rates, false);
}

static void FN(nadam)(const ag_optim_step *o, const void *rates) {
  const ag_nadam_rates *r = rates;
  OPERANDS;
  REAL *m = o->state[0], *v = o->state[1];
  RATE(fresh1); RATE(beta2); RATE(fresh2); RATE(root_scale); RATE(gradient_size); RATE(mean_size); RATE(epsilon);
  EACH({
    MOMENTS
    p[i] = q - (gradient_size * d + mean_size * mean) / (ROOT(square) * root_scale + epsilon);
  })
}

AG_INLINE void FN(radam_variant)(const ag_optim_step *o, const ag_radam_rates *r, bool rectified) {
  OPERANDS;
  REAL *m = o->state[0], *v = o->state[1];
  RATE(fresh1); RATE(beta2); RATE(fresh2); RATE(step_size); RATE(epsilon);
  EACH({
    MOMENTS
    p[i] = q - (rectified ? step_size * mean / (ROOT(square) + epsilon) : step_size * mean);
  })
}

static void FN(radam)(const ag_optim_step *o, const void *rates) {
  const ag_radam_rates *r = rates;
  if (r->rectified) FN(radam_variant)(o, r, true);
  else FN(radam_variant)(o, r, false);
}

static void FN(adamax)(const ag_optim_step *o, const void *rates) {
  const ag_adamax_rates *r = rates;
  OPERANDS;
  REAL *m = o->state[0], *u = o->state[1];
  RATE(fresh1); RATE(beta2); RATE(step_size); RATE(epsilon);
  EACH({
    const REAL mean = MEAN(m[i], d, fresh1), old = beta2 * u[i], new = __builtin_elementwise_abs(d) + epsilon;
    const REAL largest = old < new ? new : old;
    m[i] = mean;
    u[i] = largest;
    p[i] = q - step_size * mean / largest;
  })
}

static void FN(adagrad)(const ag_optim_step *o, const void *rates) {
  const ag_adagrad_rates *r = rates;
  OPERANDS;
  REAL *sum = o->state[0];
  RATE(lr); RATE(epsilon);
  EACH({
    const REAL total = sum[i] + d * d;
    sum[i] = total;
    p[i] = q - lr * d / (ROOT(total) + epsilon);
  })
}

static void FN(adadelta)(const ag_optim_step *o, const void *rates) {
  const ag_adadelta_rates *r = rates;
  OPERANDS;
  REAL *v = o->state[0], *u = o->state[1];
  RATE(lr); RATE(rho); RATE(fresh); RATE(epsilon);
  EACH({
    const REAL square = rho * v[i] + fresh * d * d;
    const REAL move = ROOT(u[i] + epsilon) / ROOT(square + epsilon) * d;
    v[i] = square;
    u[i] = rho * u[i] + fresh * move * move;
    p[i] = q - lr * move;
  })
}

AG_INLINE void FN(rmsprop_variant)(const ag_optim_step *o, const ag_rmsprop_rates *r, bool centred, bool buffered) {
  OPERANDS;
  REAL *v = o->state[0], *mean = o->state[1], *buffer = o->state[2];
  RATE(lr); RATE(alpha); RATE(fresh); RATE(epsilon); RATE(momentum);
  EACH({
    REAL spread = v[i] = alpha * v[i] + fresh * d * d;
    if (centred) {
      const REAL centre = MEAN(mean[i], d, fresh);
      mean[i] = centre;
      spread -= centre * centre;
      spread = spread < 0 ? 0 : spread;  // can only be negative by rounding
    }
    REAL move = d / (ROOT(spread) + epsilon);
    if (buffered) buffer[i] = move = momentum * buffer[i] + move;
    p[i] = q - lr * move;
  })
}

static void FN(rmsprop)(const ag_optim_step *o, const void *rates) {
  if (o->state[1] && o->state[2]) FN(rmsprop_variant)(o, rates, true, true);
  else if (o->state[1]) FN(rmsprop_variant)(o, rates, true, false);
  else if (o->state[2]) FN(rmsprop_variant)(o, rates, false, true);
  else FN(rmsprop_variant)(o, rates, false, false);
}

static void FN(rprop)(const ag_optim_step *o, const void *rates) {
  const ag_rprop_rates *r = rates;
  OPERANDS;
  REAL *previous = o->state[0], *sizes = o->state[1];
  RATE(up); RATE(down); RATE(least); RATE(most);
  EACH({
    const REAL turn = d * previous[i];
    REAL size = sizes[i] * (turn > 0 ? up : turn < 0 ? down : 1);
    size = size < least ? least : size > most ? most : size;
    const REAL slope = turn < 0 ? 0 : d;
    sizes[i] = size;
    previous[i] = slope;
    p[i] = q - (slope > 0 ? size : slope < 0 ? -size : 0);
  })
}

static void FN(asgd)(const ag_optim_step *o, const void *rates) {
  const ag_asgd_rates *r = rates;
  OPERANDS;
  REAL *average = o->state[0];
  RATE(eta); RATE(mu);
  const REAL pull = (REAL)(1 - r->lambda * r->eta);
  EACH({
    const REAL next = pull * q - eta * d;
    p[i] = next;
    average[i] = mu == 1 ? next : average[i] + mu * (next - average[i]);
  })
}

static void FN(lion)(const ag_optim_step *o, const void *rates) {
  const ag_lion_rates *r = rates;
  OPERANDS;
  REAL *m = o->state[0];
  RATE(lr); RATE(fresh1); RATE(fresh2);
  EACH({
    const REAL way = MEAN(m[i], d, fresh1);
    m[i] = MEAN(m[i], d, fresh2);
    p[i] = q - (way > 0 ? lr : way < 0 ? -lr : 0);
  })
}

static void FN(factored)(size_t n, const void *gradient, const void *row, const void *columns, double sign, double floor,
                         void *update) {
  const REAL *g = gradient, *column = columns;
  const REAL factor = *(const REAL *)row, to = (REAL)sign, least = (REAL)floor;
  REAL *u = update;
  AG_LOOP for (size_t i = 0; i < n; i++) {
    const REAL square = factor * column[i];
    u[i] = to * g[i] / ROOT(square < least ? least : square);
  }
}

/// Converts to double first, so that no square overflows.
AG_INLINE double FN(magnitude_of)(ag_magnitude_kind kind, size_t n, const REAL *x) {
  vd total = 0;
  for (size_t i = 0; i < n; i += AG_LANES) {
    vd v = __builtin_elementwise_abs(__builtin_convertvector(FN(load_upto)(x + i, n - i, 0), vd));
    if (kind == AG_SUM_SQUARES) v *= v;
    // A NaN stays: it is neither less than nor equal to anything.
    if (kind == AG_LARGEST) total = ((v <= total) | (total != total)) ? total : v;
    else total += v;
  }
  if (kind != AG_LARGEST) return sum_lanes_f64(total);
  double largest = 0;
  for (int lane = 0; lane < AG_LANES; lane++)
    if (largest == largest && !(total[lane] <= largest)) largest = total[lane];
  return largest;
}

static double FN(magnitude)(ag_magnitude_kind kind, size_t n, const void *x) {
  switch (kind) {
    case AG_SUM: return FN(magnitude_of)(AG_SUM, n, x);
    case AG_SUM_SQUARES: return FN(magnitude_of)(AG_SUM_SQUARES, n, x);
    default: return FN(magnitude_of)(AG_LARGEST, n, x);
  }
}
