// SPDX-License-Identifier: Apache-2.0
// Trains the network on images of digits, tests it on others, saves it, loads it, and compares.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "../npz.h"
#include "mlp.hpp"

namespace {

constexpr int64_t kBatch = 25;  // BATCH of mlp.thx

struct Images {
  std::vector<uint8_t> pixels, digits;
  int64_t count() const { return static_cast<int64_t>(digits.size()); }
};

std::vector<uint8_t> read_bytes(const std::string& path, const std::string& name) {
  npy_array array;
  if (!npz_read(path.c_str(), name.c_str(), &array) || array.item_bytes != 1) {
    throw std::runtime_error("cannot read " + name + " of " + path);
  }
  std::vector<uint8_t> bytes(array.data, array.data + array.count);
  npy_free(&array);
  return bytes;
}

Images read_images(const std::string& path, const std::string& part) {
  return {read_bytes(path, part + "_images"), read_bytes(path, part + "_labels")};
}

double accuracy(Mlp& model, const Images& images) {
  int64_t mistakes = 0;
  const auto workspace = model.mistakes_workspace(images.count());
  model.mistakes(images.pixels, images.digits, &mistakes, workspace);
  return 1 - static_cast<double>(mistakes) / static_cast<double>(images.count());
}

void train(Mlp& model, const Images& images, const Images& test, int epochs) {
  // The state's own memory: the model reads its minibatches from there.
  std::memcpy(model.images().data(), images.pixels.data(), images.pixels.size());
  std::memcpy(model.digits().data(), images.digits.data(), images.digits.size());
  const int64_t batches = images.count() / kBatch;
  float rate = 0.02f;
  for (int epoch = 1; epoch <= epochs; ++epoch, rate *= 0.7f) {
    double total = 0;
    for (int64_t i = 0; i < batches; ++i) {
      float cost = 0;
      model.train(i, rate, &cost);
      total += static_cast<double>(cost);
    }
    std::printf("epoch %d   cost %.4f   accuracy on the test part %.2f %%\n", epoch,
                total / static_cast<double>(batches), 100 * accuracy(model, test));
    std::fflush(stdout);
  }
}

std::vector<int64_t> predict(const Mlp& model, const Images& images) {
  std::vector<int64_t> told(static_cast<size_t>(images.count()));
  const auto workspace = model.predict_workspace(images.count());
  model.predict(images.pixels, told, workspace);
  return told;
}

int run(const std::string& data, const std::string& out_folder, int epochs) {
  const Images images = read_images(data, "train"), test = read_images(data, "test");
  std::printf("%d images to train on, %d to test\n", static_cast<int>(images.count()),
              static_cast<int>(test.count()));
  Mlp model(/*M=*/images.count());
  train(model, images, test, epochs);

  const std::string path = out_folder + "/model.safetensors";
  model.save(path.c_str());
  Mlp loaded(images.count());
  loaded.load(path.c_str());
  const bool same = predict(loaded, test) == predict(model, test);
  std::printf("saved and loaded: predictions %s\n", same ? "the same" : "DIFFER");
  return same && accuracy(model, test) > 0.93 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: mlp IMAGES.npz OUT_FOLDER [EPOCHS]\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], argc == 4 ? std::atoi(argv[3]) : 6);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mlp: %s\n", error.what());
    return 1;
  }
}
