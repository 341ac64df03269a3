// SPDX-License-Identifier: Apache-2.0
// Walks bodies and regions; what a region's parameter stands for outside is drawn in its place.
#include "driver/graph.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "ir/structure.h"
#include "ops/expression_text.h"
#include "support/text.h"

namespace thx {

namespace {

constexpr size_t kMostBytes = 44;         // of an expression: as wide as a node may be
constexpr std::string_view kOther = "…";  // in an expression: a value of another node

// For labels in quotes: Graphviz reads escapes and entities.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

constexpr std::string_view kState = "cylinder";

struct Look {
  std::string_view shape, colour;
};

Look look_of(Family family) {
  switch (family) {
    case Family::elementwise: return {"box", "#e8f0fe"};
    case Family::reduction:
    case Family::cumulative: return {"invhouse", "#fdebd3"};
    case Family::contraction: return {"hexagon", "#fbdcd7"};
    case Family::view: return {"box", "#f1f3f4"};
    case Family::placement:
    case Family::indexing: return {"house", "#e5dcf5"};
    case Family::composite: return {"octagon", "#d9f2e3"};
    case Family::source: return {"note", "#f1f3f4"};
    case Family::control: return {"box", "#ffffff"};
  }
  return {};
}

class Drawing {
 public:
  Drawing(std::string prefix, size_t most_values)
      : prefix_(std::move(prefix)), most_values_(most_values) {}

  std::string draw(const Function& function, const std::string& name) {
    line(format("subgraph \"cluster_{}\" {{", prefix_));
    ++depth_;
    line(format("label=\"{}\"", escaped(name)));
    Places places;
    parameters(function, places);
    body(*function.body, function.roots(), places);
    results(function, places);
    if (left_out_ > 0)
      line(format("note [shape=note, label=\"{} more values are not drawn\"]", left_out_));
    --depth_;
    line("}");
    for (const std::string& edge : edges_) line(edge);
    return std::move(out_);
  }

  /// Nodes that no edge leads to, and those that none leads from.
  std::vector<std::string> sources() const { return without(edges_to_); }
  std::vector<std::string> sinks() const { return without(edges_from_); }

 private:
  struct Leaf {  // an input or a state
    std::string label;
    Look look;
    std::string_view more;
  };
  /// The drawn node that stands for a value; a leaf is drawn where it is first read.
  struct Place {
    std::string node;
    const Leaf* leaf = nullptr;
  };
  /// By node id of one body; none where a value is left out.
  using Places = std::map<int, Place>;

  /// The node of a value; empty where it is left out.
  std::string drawn(Places& places, Value value) {
    const auto found = places.find(value->id);
    if (found == places.end()) return {};
    Place& place = found->second;
    if (place.node.empty())
      place.node = node(place.leaf->label, place.leaf->look, place.leaf->more);
    return place.node;
  }

  void line(const std::string& text) {
    append(out_, "{}{}\n", std::string(2 * depth_ + 2, ' '), text);
  }
  std::string fresh() { return format("{}{}", prefix_, count_++); }

  std::string node(const std::string& label, const Look& look, std::string_view more = "") {
    std::string id = fresh();
    nodes_.push_back(id);
    line(format("{} [label=\"{}\", shape={}, fillcolor=\"{}\"{}]", id, label, look.shape,
                look.colour, more));
    return id;
  }
  void edge(const std::string& from, const std::string& to, std::string_view more = "") {
    const std::string text = format("{} -> {}{}", from, to, more);
    edges_from_.insert(from);
    edges_to_.insert(to);
    if (drawn_edges_.insert(text).second) edges_.push_back(text);
  }

  std::vector<std::string> without(const std::set<std::string>& ends) const {
    std::vector<std::string> left;
    for (const std::string& each : nodes_)
      if (!ends.contains(each)) left.push_back(each);
    return left;
  }

  static std::string typed(const std::string& name, const Type& type) {
    return escaped(name) + "\\n" + escaped(text(type));
  }

  // A kernel draws what it reads of inputs and states itself: lines from one place to all of them
  // would cross the whole picture. A state that nobody reads is none of the function's.
  void parameters(const Function& function, Places& places) {
    bool has_kernels = false;
    std::set<const Node*> read;
    for (const Value value : needed(function.graph(), function.roots())) {
      has_kernels = has_kernels || is_kernel(*value);
      read.insert(value.node);
    }
    const auto add = [&](Value value, Leaf leaf) {
      const bool is_read = read.contains(value.node);
      if (!is_read && leaf.look.shape == kState) return;
      places[value->id].leaf = &leaves_.emplace_back(std::move(leaf));
      if (!has_kernels || !is_read) drawn(places, value);
    };
    for (const Input& input : function.inputs)
      add(input.value, {typed(input.name, input.value->type()),
                        {"box", "#cfe3ff"},
                        ", style=\"filled,rounded\""});
    for (const StateUse& use : function.states)
      add(use.current, {typed(use.name, use.current->type()), {kState, "#ffe7a8"}, ""});
  }

  void results(const Function& function, Places& places) {
    const auto connect = [&](Value value, const std::string& to, std::string_view more) {
      if (const std::string from = drawn(places, value); !from.empty()) edge(from, to, more);
    };
    for (const Output& output : function.outputs)
      connect(output.value,
              node(typed(output.name, output.value->type()), {"box", "#bfe8cd"},
                   ", style=\"filled,rounded\", penwidth=2"),
              "");
    for (const StateUse& use : function.states)
      if (use.next)
        connect(use.next, node("update " + typed(use.name, use.next->type()), {kState, "#ffd166"}),
                " [style=bold]");
  }

  // Constants, positions, and views of these: every picture is full of them, and none explains it.
  static bool is_free(Value value) {
    while (value->family() == Family::view) value = value->operands[0];
    return value->family() == Family::source && !is_draw(*value) && !is_parameter(*value);
  }

  static bool is_link(Value value) {
    return value->family() == Family::elementwise || value->family() == Family::view;
  }

  // Values whose one reader takes them into its own node: a chain becomes one.
  static std::set<int> chained(const Body& body, const std::vector<Value>& nodes,
                               const std::vector<Value>& roots) {
    std::map<int, std::set<int>> readers;
    for (const Value value : nodes)
      for (const Value operand : value->operands) readers[operand->id].insert(value->id);
    std::set<int> result;
    for (const Value value : nodes) {
      const auto found = readers.find(value->id);
      const bool is_root = std::ranges::find(roots, value) != roots.end();
      if (is_root || found == readers.end() || found->second.size() != 1) continue;
      const Value reader = body.graph.at(*found->second.begin());
      if (is_link(value) && is_link(reader) && !is_free(value) && body.graph.name(value).empty())
        result.insert(value->id);
    }
    return result;
  }

  void body(const Body& body, const std::vector<Value>& roots, Places& places) {
    const std::vector<Value> nodes = needed(body.graph, roots);
    const std::set<int> inner = chained(body, nodes, roots);
    std::map<int, std::vector<Value>> chains;  // by the value that has taken others in
    for (const Value value : nodes) {
      if (places.contains(value->id) || is_parameter(*value)) continue;
      const bool is_root = std::ranges::find(roots, value) != roots.end();
      if (is_free(value) && !is_root) continue;
      std::vector<Value> chain;
      for (const Value operand : value->operands)
        if (const auto found = chains.find(operand->id);
            found != chains.end() && inner.contains(operand->id))
          chain.insert(chain.end(), found->second.begin(), found->second.end());
      chain.push_back(value);
      if (inner.contains(value->id)) {
        chains[value->id] = std::move(chain);
        continue;
      }
      if (is_result(*value)) {
        result_of(value, places);
      } else if (!value->regions.empty()) {
        control(value, places);
      } else if (drawn_ >= most_values_) {
        ++left_out_;
      } else {
        computed(body, value, chain, places);
      }
    }
  }

  void computed(const Body& body, Value value, const std::vector<Value>& chain, Places& places) {
    ++drawn_;
    const std::string& name = body.graph.name(value);
    std::string expression = escaped(expression_text(value, chain, kOther, kMostBytes));
    if (expression == kOther) expression = name_of(value->op);  // it only spreads another node's
    const std::string type = value->types.size() == 1 ? escaped(text(value->type())) : "";
    const std::string id =
        node(name.empty() ? format("{}\\n{}", expression, type)
                          : format("{} = {}\\n{}", escaped(name), expression, type),
             look_of(value->family()));
    for (const Value each : chain)
      for (const Value operand : each->operands)
        if (const std::string from = drawn(places, operand); !from.empty()) edge(from, id);
    places[value->id] = {id};
  }

  // The results of a node with a list of them were placed with the node.
  void result_of(Value value, Places& places) {
    const Value maker = value->operands[0];
    const auto found = results_.find({maker.node, value->attrs.integer("index")});
    if (found != results_.end())
      places[value->id] = {found->second};
    else if (const auto whole = places.find(maker->id); whole != places.end())
      places[value->id] = whole->second;
  }

  void control(Value value, Places& places) {
    const bool kernel = is_kernel(*value);
    std::string head;
    if (!kernel) {
      head = node(std::string(name_of(value->op)), look_of(value->family()), ", penwidth=2");
      places[value->id] = {head};
    }
    for (size_t i = 0; i < value->regions.size(); ++i) region(value, i, head, places);
  }

  void region(Value value, size_t index, const std::string& head, Places& places) {
    const Body& inside = *value->regions[index];
    const bool kernel = is_kernel(*value);
    Places within;
    // The operand that a parameter stands for: a condition is none, and a cotangent has none.
    const size_t skipped = is_cond(*value) ? 1 : 0;
    const size_t count = std::min(inside.parameters.size(), value->operands.size() - skipped);
    for (size_t i = 0; i < count; ++i) {
      const auto from = places.find(value->operands[i + skipped]->id);
      if (from == places.end()) continue;
      const bool is_copied = kernel && from->second.leaf != nullptr;
      within[inside.parameters[i]->id] = is_copied
                                             ? Place{"", from->second.leaf}
                                             : Place{drawn(places, value->operands[i + skipped])};
    }
    const std::string title =
        kernel ? format("{} {}", value->attrs.word("name"), value->attrs.word("kind"))
               : std::string(region_name(value->op, index));
    line(format("subgraph \"cluster_{}\" {{", fresh()));
    ++depth_;
    line(format("label=\"{}\"; style=\"{}\"; color=\"{}\"", escaped(title),
                kernel ? "filled,rounded" : "dashed,rounded", kernel ? "#9aa5b1" : "#5b6570"));
    if (kernel) line("fillcolor=\"#fafbfc\"");
    body(inside, inside.results, within);
    --depth_;
    line("}");
    for (size_t i = 0; i < inside.results.size(); ++i) {
      const std::string made = drawn(within, inside.results[i]);
      if (made.empty()) continue;
      if (kernel)
        results_[{value.node, static_cast<int64_t>(i)}] = made;
      else
        edge(made, head, " [style=dashed]");
    }
    if (!kernel && skipped > 0 && index == 0)
      if (const std::string from = drawn(places, value->operands[0]); !from.empty())
        edge(from, head, " [label=\"condition\"]");
  }

  std::string prefix_;
  size_t most_values_;
  size_t depth_ = 0;
  size_t drawn_ = 0, left_out_ = 0;
  int count_ = 0;
  std::string out_;
  std::vector<std::string> edges_;
  std::set<std::string> drawn_edges_, edges_from_, edges_to_;
  std::vector<std::string> nodes_;
  std::map<std::pair<const Node*, int64_t>, std::string> results_;
  std::deque<Leaf> leaves_;  // which places point to
};

/// Has Graphviz draw what begins at `below` under what ends at `above`: side by side, functions
/// make a wide picture.
void stack(std::string& out, const std::vector<std::string>& above, const std::string& between,
           const std::vector<std::string>& below) {
  if (above.empty() || below.empty()) return;
  append(out, "  {} [shape=point, style=invis]\n", between);
  for (const std::string& each : above) append(out, "  {} -> {} [style=invis]\n", each, between);
  for (const std::string& each : below) append(out, "  {} -> {} [style=invis]\n", between, each);
}

}  // namespace

std::string graph_text(const Program& program, const std::string& function, size_t most_values) {
  std::string out =
      "digraph thx {\n  rankdir=TB\n  graph [fontname=\"sans-serif\", fontsize=13, "
      "labeljust=l, nodesep=0.25, ranksep=0.35]\n  node [fontname=\"sans-serif\", fontsize=11, "
      "style=filled, color=\"#7b8794\", margin=\"0.09,0.04\"]\n  edge [color=\"#5b6570\", "
      "arrowsize=0.6, fontname=\"sans-serif\", fontsize=10]\n";
  int number = 0;
  std::vector<std::string> above;  // where the function drawn last ends
  const auto add = [&](const Function& each, const std::string& name) {
    if (!function.empty() && function != name) return;
    Drawing drawing(format("f{}_", number), most_values);
    out += drawing.draw(each, name);
    stack(out, above, format("f{}", number++), drawing.sources());
    if (const auto sinks = drawing.sinks(); !sinks.empty()) above = sinks;
  };
  for (const Function& each : program.functions) add(each, each.name);
  if (program.init) add(*program.init, "init");
  return out + "}\n";
}

}  // namespace thx
