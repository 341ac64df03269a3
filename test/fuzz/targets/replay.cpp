// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target on its corpus and on mutations of it that follow from a seed: what the tests
// do. In a build with the `fuzz` preset libFuzzer's main stands in its place.
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMostBytes = 65536;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

extern "C" void report_time(int) {
  static const char kText[] = "fuzz: an input takes too long\n";
  if (write(1, kText, sizeof kText - 1) < 0) _exit(3);
  _exit(1);
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::vector<std::string> words, uint64_t seed)
      : corpus_(corpus), words_(std::move(words)), random_(seed) {}

  std::string next() {
    std::string text = corpus_[below(corpus_.size())];
    for (size_t edits = 1 + below(4); edits > 0; --edits) edit(text);
    text.resize(std::min(text.size(), kMostBytes));
    return text;
  }

 private:
  size_t below(size_t count) { return count == 0 ? 0 : random_() % count; }

  void edit(std::string& text) {
    const size_t at = below(text.size() + 1);
    const size_t length = std::min(text.size() - at, 1 + below(below(4) == 0 ? 64 : 8));
    switch (below(7)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, text.substr(at, length)); break;
      case 2: text.insert(at, 1, static_cast<char>(random_())); break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 4: {  // a part of another input
        const std::string& other = corpus_[below(corpus_.size())];
        text.insert(at, other, below(other.size()), below(80));
        break;
      }
      default: {
        if (words_.empty()) break;
        const std::string& word = words_[below(words_.size())];
        const size_t times = below(20) == 0 ? size_t{1} << below(11) : 1;  // deep nesting
        std::string many;
        for (size_t i = 0; i < times; ++i) many += word;
        if (below(2) == 0) text.erase(at, length);
        text.insert(std::min(at, text.size()), many);
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::vector<std::string> words_;
  std::mt19937_64 random_;
};

/// The words of a dictionary in libFuzzer's format: "text", with \\xAB for bytes.
std::vector<std::string> words_of(const std::string& path) {
  std::vector<std::string> words;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t begin = line.find('"'), end = line.rfind('"');
    if (line.starts_with("#") || begin == end) continue;
    std::string word;
    for (size_t i = begin + 1; i < end; ++i) {
      if (line[i] != '\\' || i + 1 >= end) {
        word += line[i];
      } else if (line[i + 1] == 'x' && i + 3 < end) {
        word += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
        i += 3;
      } else {
        word += line[++i];
      }
    }
    words.push_back(word);
  }
  return words;
}

struct Options {
  std::vector<std::string> places;
  std::string dictionary, keep = ".";
  uint64_t mutations = 1000, seed = 1;
  double seconds = 1;
  int64_t memory = 1024;
};

/// What runs last stands in this file, whatever ends the process.
void run(const std::string& input, const Options& options, const std::string& current) {
  std::ofstream(current, std::ios::binary) << input;
  const auto whole = static_cast<time_t>(options.seconds);
  const auto rest = static_cast<suseconds_t>((options.seconds - static_cast<double>(whole)) * 1e6);
  const itimerval timer{{0, 0}, {whole, rest}};
  setitimer(ITIMER_PROF, &timer, nullptr);  // the processor's time, whatever runs beside
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  if (used.ru_maxrss / 1024 <= options.memory) return;
  std::printf("fuzz: %ld MiB of memory\n", used.ru_maxrss / 1024);
  std::exit(1);
}

int replay(int argc, char** argv) {
  Options options;
  CLI::App app("Runs a fuzz target on a corpus and on mutations of it.", "fuzz");
  app.add_option("places", options.places, "Files and folders")->required();
  app.add_option("--dictionary", options.dictionary, "Words to mutate with");
  app.add_option("--mutations", options.mutations, "How many");
  app.add_option("--seed", options.seed, "What they follow from");
  app.add_option("--seconds", options.seconds, "Of the processor, that an input may take");
  app.add_option("--memory", options.memory, "MiB that the process may take");
  app.add_option("--keep", options.keep, "The folder for the input that is running");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPROF, report_time);
  std::vector<std::filesystem::path> paths;
  for (const std::string& place : options.places) {
    if (!std::filesystem::is_directory(place)) paths.emplace_back(place);
    if (!std::filesystem::is_directory(place)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(place))
      paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> corpus;
  for (const auto& path : paths) corpus.push_back(read(path));
  std::filesystem::create_directories(options.keep);
  const std::string current = (std::filesystem::path(options.keep) / "fuzz-input").string();
  for (const std::string& input : corpus) run(input, options, current);
  Mutator mutator(corpus, words_of(options.dictionary), options.seed);
  for (uint64_t i = 0; i < options.mutations; ++i) run(mutator.next(), options, current);
  setitimer(ITIMER_PROF, nullptr, nullptr);
  std::filesystem::remove(current);
  std::printf("fuzz: %zu inputs, 0 faults\n", corpus.size() + options.mutations);
  return corpus.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) { return replay(argc, argv); }
