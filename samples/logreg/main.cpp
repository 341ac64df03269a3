// SPDX-License-Identifier: Apache-2.0
// Trains the logistic regression on the breast-cancer data, saves it, loads it, and compares.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../npy.h"
#include "logreg.hpp"

namespace {

// The model's floatX: float, or double where it was compiled with --floatx=f64.
using Real = std::remove_pointer_t<decltype(logreg_w(nullptr))>;

struct Samples {
  std::vector<Real> x;  // rows of features
  std::vector<Real> y;  // 1: benign
  size_t count() const { return y.size(); }
};

struct Split {
  Samples train, held_back;
  int64_t features = 0;
};

npy_array read_array(const std::string& path) {
  npy_array array;
  if (!npy_read(path.c_str(), &array)) throw std::runtime_error("cannot read " + path);
  return array;
}

// Mean and standard deviation of one feature over the training rows.
struct Scale {
  double mean, deviation;
};

bool is_held_back(int64_t row) { return row % 3 == 0; }

Scale scale_of(const npy_array& data, int64_t feature) {
  double sum = 0, squares = 0, n = 0;
  for (int64_t row = 0; row < data.shape[0]; ++row) {
    if (is_held_back(row)) continue;
    sum += npy_at(&data, row * data.shape[1] + feature);
    ++n;
  }
  for (int64_t row = 0; row < data.shape[0]; ++row) {
    if (is_held_back(row)) continue;
    const double d = npy_at(&data, row * data.shape[1] + feature) - sum / n;
    squares += d * d;
  }
  return {sum / n, squares > 0 ? std::sqrt(squares / n) : 1.0};
}

// Every third row is held back. All rows are standardised by what the training rows show.
Split read_data(const std::string& folder) {
  npy_array data = read_array(folder + "/data.npy");
  npy_array target = read_array(folder + "/target.npy");
  if (data.rank != 2 || target.rank != 1 || data.shape[0] != target.shape[0]) {
    throw std::runtime_error("data.npy and target.npy do not fit each other");
  }
  Split split;
  split.features = data.shape[1];
  std::vector<Scale> scales;
  for (int64_t f = 0; f < split.features; ++f) scales.push_back(scale_of(data, f));
  for (int64_t row = 0; row < data.shape[0]; ++row) {
    Samples& part = is_held_back(row) ? split.held_back : split.train;
    for (int64_t f = 0; f < split.features; ++f) {
      const Scale& scale = scales[static_cast<size_t>(f)];
      const double value = npy_at(&data, row * split.features + f);
      part.x.push_back(static_cast<Real>((value - scale.mean) / scale.deviation));
    }
    part.y.push_back(static_cast<Real>(npy_at(&target, row)));
  }
  npy_free(&data);
  npy_free(&target);
  return split;
}

double mean(const std::vector<Real>& values) {
  double sum = 0;
  for (const Real value : values) sum += static_cast<double>(value);
  return sum / static_cast<double>(values.size());
}

double accuracy(const std::vector<uint8_t>& prediction, const std::vector<Real>& y) {
  size_t right = 0;
  for (size_t i = 0; i < y.size(); ++i) right += (prediction[i] != 0) == (y[i] > Real(0.5)) ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(y.size());
}

void train(Logreg& model, const Samples& samples) {
  const int steps = 1000;
  std::vector<uint8_t> prediction(samples.count());
  std::vector<Real> xent(samples.count());
  for (int step = 0; step <= steps; ++step) {
    model.train(samples.x, samples.y, prediction, xent);
    if (step % 100 == 0) {
      std::printf("step %4d   cost %.4f   accuracy %5.1f %%\n", step, mean(xent),
                  100 * accuracy(prediction, samples.y));
    }
  }
}

std::vector<uint8_t> predict(const Logreg& model, const Samples& samples) {
  std::vector<uint8_t> prediction(samples.count());
  auto workspace = model.predict_workspace(static_cast<int64_t>(samples.count()));
  model.predict(samples.x, prediction, workspace);
  return prediction;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

int run(const std::string& data_folder, const std::string& out_folder) {
  const Split split = read_data(data_folder);
  const auto most = static_cast<int64_t>(split.train.count() + split.held_back.count());
  std::printf("%zu samples to train on, %zu held back, %lld features\n", split.train.count(),
              split.held_back.count(), static_cast<long long>(split.features));

  Logreg model(/*F=*/split.features, /*N_max=*/most);
  train(model, split.train);
  const std::vector<uint8_t> prediction = predict(model, split.held_back);
  const double held_back = accuracy(prediction, split.held_back.y);
  std::printf("accuracy on the samples held back: %.1f %%\n", 100 * held_back);

  const std::string path = out_folder + "/model.safetensors";
  model.save(path.c_str());
  Logreg loaded(split.features, most);
  loaded.load(path.c_str());
  const bool same_predictions = predict(loaded, split.held_back) == prediction &&
                                predict(loaded, split.train) == predict(model, split.train);
  const std::string again = out_folder + "/again.safetensors";
  loaded.save(again.c_str());
  const bool same_bits = bytes_of(path) == bytes_of(again);
  std::printf("saved and loaded: predictions %s, state %s\n",
              same_predictions ? "the same" : "DIFFER", same_bits ? "the same bits" : "DIFFERS");
  return held_back >= 0.95 && same_predictions && same_bits ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: logreg DATA_FOLDER OUT_FOLDER\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "logreg: %s\n", error.what());
    return 1;
  }
}
