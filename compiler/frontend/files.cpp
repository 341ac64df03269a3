// SPDX-License-Identifier: Apache-2.0
// Reads imported files, each once, imported ones first.
#include "frontend/files.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "frontend/builtins.h"
#include "frontend/parse.h"
#include "support/text.h"

namespace thx {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostImports = 256;  // of files that import each other in a chain

std::vector<const ast::Import*> imports_of(const ast::Module& module) {
  std::vector<const ast::Import*> list;
  for (const ast::Declaration& declaration : module.declarations) {
    if (const auto* import = std::get_if<ast::Import>(&declaration)) list.push_back(import);
  }
  return list;
}

std::string dotted(const ast::Import& import) {
  return join(import.path, ".", [](const ast::Name& part) { return std::string(part.text); });
}

class Reader {
 public:
  Reader(Sources& sources, const std::vector<std::string>& folders, Diagnostics& diagnostics)
      : sources_(sources), folders_(folders), diagnostics_(diagnostics) {}

  SourceFiles run(uint32_t file) {
    const std::string& path = sources_.name(file);
    visit(file, fs::path(path), identity(path));
    return std::move(made_);
  }

 private:
  struct Open {
    std::string identity;
    Span import;  // that is being followed
    std::string name;
  };

  // One path for a file, however it is reached.
  static std::string identity(const fs::path& path) {
    std::error_code ec;
    const fs::path whole = fs::weakly_canonical(path, ec);
    return ec ? path.string() : whole.string();
  }

  // The number of the file in made_.files.
  size_t visit(uint32_t file, const fs::path& path, const std::string& id) {
    SourceFile source;
    source.module = std::make_shared<ast::Module>(parse(sources_, file, diagnostics_));
    source.name = path.filename().string();
    open_.push_back({id, {}, source.name});
    for (const ast::Import* import : imports_of(*source.module)) {
      open_.back().import = import->span;
      source.imports.push_back(follow(*import, path.parent_path()));
    }
    open_.pop_back();
    made_.files.push_back(std::move(source));
    return known_[id] = made_.files.size() - 1;
  }

  size_t follow(const ast::Import& import, const fs::path& beside) {
    if (!check_form(import)) return SourceFile::kMissing;
    const std::optional<fs::path> path = find(import, beside);
    if (!path) return SourceFile::kMissing;
    const std::string id = identity(*path);
    if (const auto known = known_.find(id); known != known_.end()) return known->second;
    for (size_t i = 0; i < open_.size(); ++i) {
      if (open_[i].identity == id) return report_cycle(import, i);
    }
    if (open_.size() >= kMostImports) {
      diagnostics_.report({Err::deep_nesting, import.span,
                           format("more than {} files import each other", kMostImports)});
      return SourceFile::kMissing;
    }
    const std::optional<uint32_t> file = read(import, *path);
    return file ? visit(*file, *path, id) : SourceFile::kMissing;
  }

  bool check_form(const ast::Import& import) {
    const ast::Name& name = import.path.back();
    if (import.names.empty() && import.path.size() > 1) {
      diagnostics_
          .report({Err::bad_import, import.span, "a module in a folder gives its names one by one"})
          .help(format("write `from {} import name`", dotted(import)));
      return false;
    }
    if (!import.names.empty() || !is_dtype_name(name.text)) return true;
    diagnostics_
        .report({Err::bad_import, name.span,
                 format("`{}` is a dtype, and cannot be the name of a module", name.text)})
        .help(format("write `from {} import name`, or give the file another name", name.text));
    return false;
  }

  std::optional<fs::path> find(const ast::Import& import, const fs::path& beside) {
    fs::path relative;
    for (const ast::Name& part : import.path) relative /= std::string(part.text);
    relative += ".thx";
    std::vector<fs::path> places = {beside / relative};
    for (const std::string& folder : folders_) places.push_back(fs::path(folder) / relative);
    for (const fs::path& place : places) {
      std::error_code ec;
      if (fs::exists(place, ec) && !fs::is_directory(place, ec)) return place;
    }
    if (import.path.size() == 1 && import.path[0].text == "nn") {
      diagnostics_
          .report({Err::unsupported, import.path[0].span,
                   "the standard library is part of the language, but this compiler does not ship "
                   "it yet"})
          .help("write the functions that are needed in an `nn.thx` beside this file");
      return std::nullopt;
    }
    Diagnostic& error = diagnostics_.report({Err::module_not_found,
                                             import.path.front().span.to(import.path.back().span),
                                             format("there is no module `{}`", dotted(import))});
    const auto quoted = [](const fs::path& place) { return format("`{}`", place.string()); };
    error.note(format("looked for {}", join(places, ", ", quoted)));
    error.help("put the file beside this one, or name its folder with `-I`");
    return std::nullopt;
  }

  std::optional<uint32_t> read(const ast::Import& import, const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (file) text.assign(std::istreambuf_iterator<char>(file), {});
    if (file && !file.bad()) return sources_.add(path.string(), std::move(text));
    diagnostics_.report({Err::cannot_read, import.span, format("cannot read `{}`", path.string())});
    return std::nullopt;
  }

  size_t report_cycle(const ast::Import& import, size_t first) {
    Diagnostic& error = diagnostics_.report(
        {Err::cyclic_definition, import.span, format("`{}` imports itself", open_[first].name)});
    for (size_t i = first; i + 1 < open_.size() && i < first + 5; ++i) {
      error.label(open_[i].import, format("it imports `{}` here", open_[i + 1].name));
    }
    error.label(import.span, format("which imports `{}` again", open_[first].name));
    error.help("move what both need into a third file");
    return SourceFile::kMissing;
  }

  Sources& sources_;
  const std::vector<std::string>& folders_;
  Diagnostics& diagnostics_;
  std::map<std::string, size_t> known_;  // by identity
  std::vector<Open> open_;
  SourceFiles made_;
};

}  // namespace

SourceFiles read_files(Sources& sources, uint32_t file, const std::vector<std::string>& folders,
                       Diagnostics& diagnostics) {
  return Reader(sources, folders, diagnostics).run(file);
}

SourceFiles single_file(const ast::Module& module, const Sources& sources) {
  SourceFiles files;
  SourceFile file;
  file.module = std::shared_ptr<const ast::Module>(std::shared_ptr<void>(), &module);
  file.name = std::filesystem::path(sources.name(module.file)).filename().string();
  file.imports.assign(imports_of(module).size(), SourceFile::kMissing);
  files.files.push_back(std::move(file));
  return files;
}

}  // namespace thx
