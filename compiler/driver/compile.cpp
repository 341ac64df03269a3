// SPDX-License-Identifier: Apache-2.0
// Runs a file through the levels: text, tree, tensor IR, loop IR, machine code, interface.
#include "driver/compile.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "codegen/archive.h"
#include "codegen/c_names.h"
#include "codegen/emit.h"
#include "codegen/header.h"
#include "codegen/interface.h"
#include "codegen/manifest.h"
#include "codegen/target.h"
#include "codegen/wrapper.h"
#include "driver/budget.h"
#include "driver/pipeline.h"
#include "driver/read_source.h"
#include "driver/shared_library.h"
#include "frontend/lower.h"
#include "ir/print.h"
#include "schedule/build_nests.h"
#include "schedule/print.h"
#include "support/text.h"

namespace thx {

namespace {

// The tensor program of a file, before any pass; nothing where it has errors.
std::optional<Program> read_program(const CompileOptions& options, bool for_build, Sources& sources,
                                    Diagnostics& diagnostics) {
  const std::optional<uint32_t> file = read_source(options.file, sources, diagnostics);
  if (!file) return std::nullopt;
  const SourceFiles files = read_files(sources, *file, options.include, diagnostics);
  Program program =
      lower(files, sources, {options.float_x, options.defines}, for_build, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return program;
}

RunnerOptions runner_options(const CompileOptions& options, const std::string& broken) {
  std::string stem = std::filesystem::path(options.file).stem().string();
  return {.verify_each = options.verify_each || THX_VERIFY_EACH,
          .print_after = options.print_after,
          .time_passes = options.time_passes,
          .broken = broken,
          .reproducer = stem + ".reproducer.ir",
          .cpu = options.cpu.empty() ? codegen::default_target().name : options.cpu};
}

void print_times(const PassRunner& runner) {
  double total = 0;
  for (const PassTime& time : runner.times()) {
    std::fputs(format("{:>9.3f} ms  {}\n", time.milliseconds, time.name).c_str(), stderr);
    total += time.milliseconds;
  }
  std::fputs(format("{:>9.3f} ms  all passes\n", total).c_str(), stderr);
}

void print_refusals(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) std::fputs((text(refusal) + "\n").c_str(), stderr);
}

// Whether an object is needed: to be written, to be part of another file, or to be described.
bool wants_object(const CompileOptions& options) {
  return std::ranges::any_of(
      std::array{Artifact::object, Artifact::library, Artifact::shared, Artifact::manifest},
      [&](Artifact artifact) { return options.emit.contains(artifact); });
}

std::string file_name(const std::string& stem, Artifact artifact) {
  for (const ArtifactInfo& entry : kArtifacts)
    if (entry.artifact == artifact) return stem + std::string(entry.extension);
  return stem;
}

class Compilation {
 public:
  Compilation(const CompileOptions& options, const std::string& broken, Sources& sources,
              Diagnostics& diagnostics, PassObserver* observer = nullptr)
      : options_(options),
        broken_(broken),
        sources_(sources),
        diagnostics_(diagnostics),
        observer_(observer) {}

  Compiled run() {
    if (!find_target()) return {};
    std::optional<Program> program = read_program(options_, true, sources_, diagnostics_);
    if (program) run(*program);
    return std::move(made_);
  }

  /// As far as the object and the interface; of `program`, or of the file where that is null.
  std::optional<CompiledObject> run_to_object(std::optional<Program> program) {
    if (!find_target()) return std::nullopt;
    if (!program) program = read_program(options_, true, sources_, diagnostics_);
    if (!program) return std::nullopt;
    loaded_.emplace();
    run(*program);
    if (diagnostics_.has_errors()) return std::nullopt;
    loaded_->program = std::move(*program);
    loaded_->target = *target_;
    return std::move(loaded_);
  }

  /// As far as the loops, with all that passes tell.
  std::optional<CompiledLoops> run_to_loops() {
    if (!find_target()) return std::nullopt;
    std::optional<Program> program = read_program(options_, true, sources_, diagnostics_);
    if (!program) return std::nullopt;
    PassContext context = new_context();
    context.rewrites.explains = true;
    PassRunner runner(runner_options(options_, broken_), context);
    loop::Program loops;
    if (!lower(*program, loops, runner, context)) return std::nullopt;
    codegen::Interface interface = interface_of(*program, loops);
    if (diagnostics_.has_errors()) return std::nullopt;
    return CompiledLoops{std::move(*program),        std::move(loops), std::move(interface),
                         machine(context),           target_->name,    std::move(context.refusals),
                         std::move(context.rewrites)};
  }

 private:
  void run(Program& program) {
    PassContext context = new_context();
    RunnerOptions around = runner_options(options_, broken_);
    around.observer = observer_;
    PassRunner runner(std::move(around), context);
    if (observer_ != nullptr) observer_->after("lowering", program, context);
    loop::Program loops;
    if (!lower(program, loops, runner, context)) return;
    runner.step("emit", [&] { emit(program, loops, context); }, [&] { return loop::print(loops); });
    if (options_.time_passes) print_times(runner);
    if (options_.print_refusals) print_refusals(context.refusals);
  }

  PassContext new_context() const {
    return {.diagnostics = diagnostics_, .machine = target_->machine(), .fp = options_.fp};
  }

  // From the program as it was written to loops that code can be made for.
  bool lower(Program& program, loop::Program& loops, PassRunner& runner, PassContext& context) {
    if (!runner.run_tensor_passes(program)) return false;
    runner.step(
        "build-nests",
        [&] {
          loops = loop::build_loops(program, machine(context),
                                    {options_.nan_guard, options_.guard_updates});
        },
        [&] { return print(program); });
    if (observer_ != nullptr) observer_->after("build-nests", loops, context);
    return runner.run_loop_passes(loops);
  }

  codegen::Interface interface_of(const Program& program, const loop::Program& loops) {
    return codegen::make_interface(
        program, loops, sources_,
        {options_.prefix, std::filesystem::path(options_.file).filename().string()}, diagnostics_);
  }

  bool find_target() {
    target_ = options_.cpu.empty() ? codegen::default_target() : codegen::find_target(options_.cpu);
    if (!target_)
      diagnostics_.report(Diagnostic(
          Err::bad_option, {},
          format("--cpu {}: not one of {}", options_.cpu, join(codegen::cpu_names(), ", "))));
    return target_.has_value();
  }

  static loop::Machine machine(const PassContext& context) {
    loop::Machine result = context.machine;
    result.fma = context.fuses();
    return result;
  }

  // How often each rule fired, and on which lines.
  std::vector<codegen::ManifestFacts::Rewrite> rewrites(const std::vector<Firing>& firings) const {
    std::map<std::string, std::set<int>> lines;
    std::map<std::string, int> counts;
    for (const Firing& firing : firings) {
      const std::string rule(firing.rule);
      ++counts[rule];
      for (const Span span : firing.spans)
        if (sources_.name(span.file) == options_.file)  // not of what is imported
          lines[rule].insert(static_cast<int>(sources_.locate(span).line));
    }
    std::vector<codegen::ManifestFacts::Rewrite> result;
    for (const auto& [rule, count] : counts)
      result.push_back({rule, {lines[rule].begin(), lines[rule].end()}, count});
    return result;
  }

  // What --fp=fast allowed beyond the other modes, and what of it was made.
  static codegen::Interface::Fast fast(const std::vector<Firing>& firings) {
    codegen::Interface::Fast result;
    for (const Rule& rule : special_value_rules()) {
      result.allowed.emplace_back(rule.name);
      if (std::ranges::find(firings, rule.name, &Firing::rule) != firings.end())
        result.fired.emplace_back(rule.name);
    }
    return result;
  }

  void add(Artifact artifact, std::string bytes) {
    if (options_.emit.contains(artifact))
      made_.files[file_name(made_.stem, artifact)] = std::move(bytes);
  }

  // What is made of the object: an archive, a shared library.
  void add_linked(const codegen::Interface& interface, const std::string& object) {
    if (options_.emit.contains(Artifact::library))
      add(Artifact::library, codegen::make_archive(interface.stem + ".o", object));
    if (!options_.emit.contains(Artifact::shared)) return;
    std::optional<std::string> bytes = link_shared(
        object, interface.prefix, file_name(interface.stem, Artifact::shared), diagnostics_);
    if (bytes) add(Artifact::shared, std::move(*bytes));
  }

  void emit(const Program& program, const loop::Program& loops, const PassContext& context) {
    codegen::Interface interface = interface_of(program, loops);
    if (context.fp == FpMode::fast) interface.fast = fast(context.rewrites.firings);
    if (options_.max_workspace)
      check_budget(interface, program, loops, *options_.max_workspace, diagnostics_);
    if (diagnostics_.has_errors()) return;
    if (loaded_) {
      loaded_->object = codegen::emit_code(interface, program, loops, *target_, sources_,
                                           {.object = true, .assembly = false, .llvm = false})
                            .object;
      loaded_->interface = std::move(interface);
      return;
    }
    made_.stem = interface.stem;  // as the wrapper includes the header
    if (options_.emit.contains(Artifact::tensor_ir)) add(Artifact::tensor_ir, print(program));
    if (options_.emit.contains(Artifact::loop_ir)) add(Artifact::loop_ir, loop::print(loops));
    if (options_.emit.contains(Artifact::header) && codegen::is_library_header(interface.stem))
      diagnostics_
          .report(Diagnostic(Err::reserved_name, {},
                             format("`{}.h` is a header of C, in whose place the generated one "
                                    "would be included",
                                    interface.stem)))
          .help("choose another `module`, or give one with --prefix");
    if (options_.emit.contains(Artifact::header))
      add(Artifact::header, codegen::emit_header(interface, program));
    if (options_.emit.contains(Artifact::wrapper))
      add(Artifact::wrapper, codegen::emit_wrapper(interface, program));
    const codegen::CodeRequest request{.object = wants_object(options_),
                                       .assembly = options_.emit.contains(Artifact::assembly),
                                       .llvm = options_.emit.contains(Artifact::llvm)};
    codegen::Code code;
    if (request.object || request.assembly || request.llvm)
      code = codegen::emit_code(interface, program, loops, *target_, sources_, request);
    add_linked(interface, code.object);
    add(Artifact::object, std::move(code.object));
    add(Artifact::assembly, std::move(code.assembly));
    add(Artifact::llvm, std::move(code.llvm));
    if (options_.emit.contains(Artifact::manifest))
      add(Artifact::manifest,
          codegen::emit_manifest(interface, program, loops,
                                 {.cpu = target_->name,
                                  .fp = context.fp,
                                  .fused = context.fuses(),
                                  .float_x = options_.float_x,
                                  .undefined_symbols = code.undefined_symbols,
                                  .rewrites = rewrites(context.rewrites.firings)}));
  }

  const CompileOptions& options_;
  const std::string& broken_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  PassObserver* observer_;
  std::optional<codegen::Target> target_;
  Compiled made_;
  std::optional<CompiledObject> loaded_;  // wanted instead of files where it is there
};

void run_check(const CompileOptions& options, const std::string& broken, Sources& sources,
               Diagnostics& diagnostics) {
  std::optional<Program> program = read_program(options, false, sources, diagnostics);
  if (!program) return;
  PassContext context{.diagnostics = diagnostics, .fp = options.fp};
  PassRunner runner(runner_options(options, broken), context);
  for (const TensorPass& pass : opening_passes())
    if (!runner.run(pass, *program)) return;
  while (has_grad(*program))
    for (const TensorPass& pass : differentiation_passes())
      if (!runner.run(pass, *program)) return;
}

// Printing the program before each pass costs as much as the passes. It is done when one is known
// to break: all runs again, silently, up to there.
template <class Run>
auto with_reproducer(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics,
                     Run run) {
  try {
    return run(options, "", sources, diagnostics);
  } catch (const PassFailure& failure) {
    CompileOptions silent = options;
    silent.print_after.clear();
    Sources sources_again;
    Diagnostics ignored;
    run(silent, failure.pass, sources_again, ignored);
    throw;
  }
}

}  // namespace

Compiled compile(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics) {
  return with_reproducer(options, sources, diagnostics,
                         [](const CompileOptions& options, const std::string& broken,
                            Sources& sources, Diagnostics& diagnostics) {
                           return Compilation(options, broken, sources, diagnostics).run();
                         });
}

std::optional<CompiledObject> compile_object(const CompileOptions& options, Sources& sources,
                                             Diagnostics& diagnostics) {
  return with_reproducer(
      options, sources, diagnostics,
      [](const CompileOptions& options, const std::string& broken, Sources& sources,
         Diagnostics& diagnostics) {
        return Compilation(options, broken, sources, diagnostics).run_to_object(std::nullopt);
      });
}

std::optional<CompiledObject> compile_object(const CompileOptions& options, Sources& sources,
                                             Diagnostics& diagnostics, PassObserver& observer) {
  return Compilation(options, "", sources, diagnostics, &observer).run_to_object(std::nullopt);
}

std::optional<CompiledObject> compile_object(Program program, const CompileOptions& options,
                                             Sources& sources, Diagnostics& diagnostics) {
  return Compilation(options, "", sources, diagnostics).run_to_object(std::move(program));
}

std::optional<CompiledLoops> compile_loops(const CompileOptions& options, Sources& sources,
                                           Diagnostics& diagnostics) {
  return with_reproducer(options, sources, diagnostics,
                         [](const CompileOptions& options, const std::string& broken,
                            Sources& sources, Diagnostics& diagnostics) {
                           return Compilation(options, broken, sources, diagnostics).run_to_loops();
                         });
}

std::optional<Program> program_as_written(const CompileOptions& options, Sources& sources,
                                          Diagnostics& diagnostics) {
  return read_program(options, true, sources, diagnostics);
}

void check(const CompileOptions& options, Sources& sources, Diagnostics& diagnostics) {
  with_reproducer(options, sources, diagnostics, run_check);
}

}  // namespace thx
