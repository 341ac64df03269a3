// SPDX-License-Identifier: Apache-2.0
// Values and gradients against those that make_references.py computed in long double. REAL is the
// program's floatX; every comparison is relative, except below SMALLEST.
#include <math.h>

#include "../../artifact/Inputs/check.h"
#include "branch.h"
#include "forms.h"
#include "logistic.h"
#include "recurrent.h"
#include "references.inc"
#include "softmax.h"

#ifdef F64
typedef double real;
#define UNIT 1.2e-16
#define SMALLEST 1e-305
#else
typedef float real;
#define UNIT 6e-8
#define SMALLEST 1e-36
#endif

enum { kMost = 4096 };
static unsigned char* ws;
static size_t ws_bytes = 1 << 20;
static int faults;
static double worst;

// Copies references into the program's type; the inputs are exact in both.
static const real* in(real* to, const double* from, int n) {
  for (int i = 0; i < n; ++i) to[i] = (real)from[i];
  return to;
}

// At most `units` roundings off; `scale`: what was added up, where that is more than the result.
static void compare(const char* what, const real* got, const double* expected, int n, double units,
                    double scale) {
  for (int i = 0; i < n; ++i) {
    const double e = (double)(real)expected[i];
    const double off = fabs((double)got[i] - e);
    const double allowed = units * UNIT * (fabs(e) + scale) + SMALLEST;
    if (off / allowed > worst && e == e) worst = off / allowed;
    if (off <= allowed || (double)got[i] == e) continue;
    fprintf(stderr, "%s[%d] is %.17g, not %.17g\n", what, i, (double)got[i], expected[i]);
    ++faults;
  }
}

#define COMPARE(name, result, n, units, scale) \
  compare(#name "." #result, result, name##_##result, n, units, scale)

static void logistic_regression(void) {
  static real x[kMost], y[kMost], w[kMost], p[kMost], xent[kMost], gw[kMost], J[1], gb[1];
  STATUS(THX_OK, logistic_loss(logistic_N, logistic_F, in(x, logistic_x, 37 * 21),
                               in(y, logistic_y, 37), in(w, logistic_w, 21), (real)logistic_b[0], p,
                               xent, J, gw, gb, ws, ws_bytes, NULL));
  COMPARE(logistic, p, 37, 40, 0);
  COMPARE(logistic, xent, 37, 40, 1);
  COMPARE(logistic, J, 1, 40, 0);
  COMPARE(logistic, gw, 21, 20, 2);
  COMPARE(logistic, gb, 1, 20, 1);
  // Up to |z| = 1000: finite, and relatively right, though exp(1000) is not.
  STATUS(THX_OK, logistic_loss(extreme_N, extreme_F, in(x, extreme_x, 66), in(y, extreme_y, 66),
                               in(w, extreme_w, 1), (real)extreme_b[0], p, xent, J, gw, gb, ws,
                               ws_bytes, NULL));
  for (int i = 0; i < 66; ++i) CHECK(isfinite(p[i]) && isfinite(xent[i]));
  COMPARE(extreme, p, 66, 8, 0);
  COMPARE(extreme, xent, 66, 8, 0);
  COMPARE(extreme, J, 1, 40, 0);
  COMPARE(extreme, gw, 1, 20, 1000);
  COMPARE(extreme, gb, 1, 20, 1);
}

static void softmax_regression(void) {
  static real x[kMost], W[kMost], b[kMost], p[kMost], nll[kMost], gW[kMost], gb[kMost], J[1];
  STATUS(THX_OK, softmax_loss(softmax_N, softmax_F, softmax_C, in(x, softmax_x, 19 * 13), softmax_y,
                              in(W, softmax_W, 13 * 5), in(b, softmax_b, 5), p, nll, J, gW, gb, ws,
                              ws_bytes, NULL));
  COMPARE(softmax, p, 19 * 5, 60, 0);
  COMPARE(softmax, nll, 19, 40, 1);
  COMPARE(softmax, J, 1, 40, 0);
  COMPARE(softmax, gW, 13 * 5, 40, 1);
  COMPARE(softmax, gb, 5, 40, 1);
  STATUS(THX_OK,
         softmax_loss(steep_N, steep_F, steep_C, in(x, steep_x, 6), steep_y, in(W, steep_W, 3),
                      in(b, steep_b, 3), p, nll, J, gW, gb, ws, ws_bytes, NULL));
  for (int i = 0; i < 6; ++i) CHECK(isfinite(nll[i]));
  COMPARE(steep, p, 18, 8, 0);
  COMPARE(steep, nll, 6, 8, 0);
  COMPARE(steep, J, 1, 20, 0);
  COMPARE(steep, gW, 3, 40, 1);
  COMPARE(steep, gb, 3, 40, 1);
}

static void stable_forms(void) {
  static real z[kMost], a[kMost], sigmoid[kMost], sigmoid_2[kMost], softplus[kMost],
      log_sigmoid[kMost], log_one_minus[kMost], expm1_[kMost], log1p_[kMost], slope[kMost],
      lse[kMost], p[kMost], log_p[kMost], lse_slope[kMost];
  STATUS(THX_OK, forms_scalars(forms_N, in(z, forms_z, 66), sigmoid, sigmoid_2, softplus,
                               log_sigmoid, log_one_minus, NULL, NULL, slope, ws, ws_bytes, NULL));
  COMPARE(forms, sigmoid, 66, 8, 0);
  compare("forms.sigmoid_2", sigmoid_2, forms_sigmoid, 66, 8, 0);
  COMPARE(forms, softplus, 66, 8, 0);
  COMPARE(forms, log_sigmoid, 66, 8, 0);
  COMPARE(forms, log_one_minus, 66, 8, 0);
  compare("forms.slope", slope, forms_sigmoid, 66, 8, 0);
  STATUS(THX_OK, forms_scalars(tiny_N, in(z, tiny_z, 7), NULL, NULL, NULL, NULL, NULL, expm1_,
                               log1p_, NULL, ws, ws_bytes, NULL));
  compare("tiny.expm1", expm1_, tiny_expm1, 7, 8, 0);
  compare("tiny.log1p", log1p_, tiny_log1p, 7, 8, 0);
  STATUS(THX_OK, forms_rows(forms_ROWS, forms_C, in(a, forms_a, 24), lse, p, log_p, lse_slope, ws,
                            ws_bytes, NULL));
  COMPARE(forms, lse, 8, 8, 0);
  COMPARE(forms, p, 24, 8, 0);
  COMPARE(forms, log_p, 24, 8, 0);
  compare("forms.lse_slope", lse_slope, forms_p, 24, 8, 0);
}

static void conditional(void) {
  static real a[kMost], r[1], ga[kMost], gc[1];
  STATUS(THX_OK, branch_f(positive_N, (real)positive_c[0], in(a, positive_a, 23), r, ga, gc, ws,
                          ws_bytes, NULL));
  COMPARE(positive, r, 1, 20, 0);
  COMPARE(positive, ga, 23, 4, 0);
  CHECK(gc[0] == 0);
  STATUS(THX_OK, branch_f(negative_N, (real)negative_c[0], in(a, negative_a, 23), r, ga, gc, ws,
                          ws_bytes, NULL));
  COMPARE(negative, r, 1, 20, 0);
  COMPARE(negative, ga, 23, 8, 0);
  COMPARE(negative, gc, 1, 20, 0);
}

static void loop_and_back(void) {
  static real xs[kMost], h0[kMost], W[kMost], J[1], last[kMost], ys[kMost], gW[kMost], gh[kMost],
      gx[kMost];
  STATUS(THX_OK, recurrent_f(recurrent_T, recurrent_K, in(xs, recurrent_xs, 17 * 6),
                             in(h0, recurrent_h0, 6), in(W, recurrent_W, 36), J, last, ys, gW, gh,
                             gx, ws, ws_bytes, NULL));
  COMPARE(recurrent, J, 1, 80, 0);
  COMPARE(recurrent, last, 6, 80, 1);
  COMPARE(recurrent, ys, 17 * 6, 160, 1);
  COMPARE(recurrent, gW, 36, 160, 4);
  COMPARE(recurrent, gh, 6, 160, 1);
  COMPARE(recurrent, gx, 17 * 6, 160, 1);
  // No step at all: the last carry is the first.
  STATUS(THX_OK,
         recurrent_f(0, recurrent_K, NULL, h0, W, J, last, NULL, gW, gh, NULL, ws, ws_bytes, NULL));
  for (int i = 0; i < 6; ++i) CHECK(last[i] == h0[i] && gh[i] == 1);
  for (int i = 0; i < 36; ++i) CHECK(gW[i] == 0);
}

int main(void) {
  ws = (unsigned char*)aligned_memory(ws_bytes);
  logistic_regression();
  softmax_regression();
  stable_forms();
  conditional();
  loop_and_back();
  if (faults != 0) return 1;
  printf("as computed with NumPy; the worst took %.0f %% of what is allowed\n", 100 * worst);
  return 0;
}
