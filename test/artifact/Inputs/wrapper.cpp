// SPDX-License-Identifier: Apache-2.0
// A C++ application on the generated wrappers; without exceptions it asks for statuses.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// clang-format off: the macros come after the library and before all that is generated
#include "hostile.h"
#include "fallible.hpp"
#include "logreg.hpp"
#include "oddities.hpp"
#include "seeds.hpp"
#include "softmax_regression.hpp"
// clang-format on
#undef N
#undef F
#undef C

#define CHECK(condition)                                                           \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                                \
    }                                                                              \
  } while (0)

namespace {

// The status of a call, thrown or answered.
template <class Call>
thx_status status_of(Call call, std::string* text = nullptr) {
#if THX_EXCEPTIONS
  try {
    return call();
  } catch (const thx::error& error) {
    if (text != nullptr) *text = error.what();
    return error.status();
  }
#else
  (void)text;
  return call();
#endif
}

void check_text(const std::string& text, const char* part) {
#if THX_EXCEPTIONS
  if (text.find(part) == std::string::npos) std::fprintf(stderr, "%s\n", text.c_str());
  CHECK(text.find(part) != std::string::npos);
#else
  (void)text, (void)part;
#endif
}

constexpr std::size_t kF = 3, kN = 5;

void logistic(const std::string& path) {
  std::vector<float> x(kN * kF, 0.25f);
  std::array<float, kN> y = {0, 1, 0, 1, 1};
  std::uint8_t prediction[kN] = {9, 9, 9, 9, 9};
  std::vector<float> xent(kN);
  Logreg model(/*F=*/kF, /*N_max=*/kN);
  CHECK(model.status() == THX_OK && model.w().size() == kF && model.b().size() == 1);
  CHECK(model.train(x, y, prediction, xent) == THX_OK);
  CHECK(prediction[0] <= 1 && xent[4] > 0);
  CHECK(model.train(x, y, nullptr, nullptr) == THX_OK);
  CHECK(model.train({x.data(), 2 * kF}, {y.data(), 2}, {prediction, 2}, nullptr) == THX_OK);

  const Logreg& constant = model;
  const thx::workspace ws = constant.predict_workspace(kN);
  CHECK(constant.predict(x, prediction, ws) == THX_OK);
  CHECK(constant.w().data() == model.w().data());

  // A wrong shape names the argument.
  std::string text;
  CHECK(status_of([&] { return model.train({x.data(), kF * kN - 1}, y, prediction, xent); },
                  &text) == THX_E_DIM);
  check_text(text, "logreg_train: `x` has 14 elements, f32[N, F] needs 12");
  CHECK(status_of([&] { return model.train(x, {y.data(), 4}, prediction, xent); }, &text) ==
        THX_E_DIM);
  check_text(text, "`y` has 4 elements, f32[N] needs 5");
  CHECK(status_of([&] { return model.train(x, y, prediction, {xent.data(), 4}); }, &text) ==
        THX_E_DIM);
  check_text(text, "`xent`");
  CHECK(status_of([&] { return model.train(x, y, prediction, {x.data(), kN}); }, &text) ==
        THX_E_ALIAS);
  check_text(text, "THX_E_ALIAS (argument `xent`)");
  CHECK(status_of([&] { return constant.predict(x, prediction, thx::workspace()); }) ==
            THX_E_NULL ||
        constant.predict_workspace(kN).size() == 0);

  CHECK(model.save(path.c_str()) == THX_OK);
  Logreg loaded(kF, kN);
  CHECK(loaded.load(path.c_str()) == THX_OK);
  for (std::size_t i = 0; i < kF; ++i) CHECK(loaded.w()[i] == model.w()[i]);
  CHECK(loaded.b()[0] == model.b()[0]);
  Logreg wider(kF + 1, kN);
  CHECK(status_of([&] { return wider.load(path.c_str()); }, &text) == THX_E_ABI);
  check_text(text, "logreg_load: THX_E_ABI");
  CHECK(status_of([&] { return wider.load((path + ".missing").c_str()); }) == THX_E_IO);

  Logreg moved(std::move(loaded));
  CHECK(moved.train(x, y, prediction, xent) == THX_OK);
}

void impossible_models() {
  CHECK(status_of([] { return Logreg(-1, 5).status(); }) == THX_E_DIM);
  CHECK(status_of([] { return Logreg(3, -5).status(); }) == THX_E_DIM);
  CHECK(status_of([] { return Logreg(INT64_MAX, 5).status(); }) == THX_E_DIM);
  // More than there is memory: an answer, no crash.
  CHECK(status_of([] { return Logreg(INT64_C(1) << 45, 0).status(); }) == THX_E_WORKSPACE);
}

void softmax() {
  std::vector<float> x(kN * kF, 0.5f), p(kN * 2);
  std::vector<std::int64_t> y = {0, 1, 1, 0, 1};
  float J = 0;
  std::string text;
  SoftmaxRegression model(/*F=*/kF, /*C=*/2, /*N_max=*/kN);
  CHECK(model.train(x, y, 0.5f, &J) == THX_OK && J > 0);
  CHECK(model.train(x, y, 0.5f, nullptr) == THX_OK);
  CHECK(model.W_().size() == kF * 2 && model.b().size() == 2);
  const thx::workspace ws = model.predict_workspace(kN);
  CHECK(model.predict(x, p, ws) == THX_OK && p[0] + p[1] > 0.999f && p[0] + p[1] < 1.001f);
  y[2] = 2;
  CHECK(status_of([&] { return model.train(x, y, 0.5f, &J); }, &text) == THX_E_INDEX);
  check_text(text, "softmax_regression_train: THX_E_INDEX (argument `y`)");
}

// Names that are words of C++, or that the wrapper uses itself.
void odd_names() {
  std::vector<float> one(kN, 1.0f), ones(kN * 2, 1.0f), out(kN), third(2);
  float total = 0;
  Oddities model(/*F=*/2, /*N_max=*/kN, /*I_max=*/kN);
  CHECK(model.status() == THX_OK && model.class_().size() == 2 && model.memory().size() == 3);
  CHECK(model.new_(one, ones, 1.0f, 2.0f, one, 1, 0.5, &total, out) == THX_OK);
  CHECK(total == kN + 2 * kN + 3 + kN + 0.5f + 1 && out[4] == 2.0f);
  CHECK(model.default_()[0] == 1 + total && model.class_()[1] == 0.5f - 0.5f * kN);
  float again = 0;  // any byte but 0 is true
  CHECK(model.new_(one, ones, 1.0f, 2.0f, one, 254, 0.5, &again, nullptr) == THX_OK &&
        again == total);
  CHECK(model.new_(one, ones, 1.0f, 2.0f, one, 0, 0.5, &again, nullptr) == THX_OK &&
        again == total + 1);
  const thx::workspace ws = model.delete_workspace(kN);
  CHECK(model.delete_(one, 3, out, nullptr, third, ws) == THX_OK && out[0] == 5.0f);
  CHECK(third[0] == model.class_()[0] + model.default_()[0]);
}

void others() {
  Seeds drawn(/*F=*/4, /*seed=*/3), same(4, 3), other(4, 4);
  CHECK(drawn.drawn()[5] == same.drawn()[5] && drawn.drawn()[5] != other.drawn()[5]);
  CHECK(drawn.count()[0] == 12 && drawn.on()[0] == 1);
}

}  // namespace

int main(int argc, char** argv) {
  CHECK(argc == 2);
  logistic(argv[1]);
  impossible_models();
  softmax();
  odd_names();
  others();
  std::puts("the wrapper works");
  return 0;
}
