// SPDX-License-Identifier: Apache-2.0
// Parameters, finished bodies, and what is differentiated of a loop.
#include "passes/differentiate_regions.h"

#include "ops/build.h"

namespace thx::reverse {

Value zeros(Graph& graph, const Type& type) { return constant(graph, type, 0); }

Value parameter_like(Body& body, const Type& type, std::string_view name) {
  return body.graph.parameter(type, name);
}

Values parameters_like(Body& body, const Body& like, size_t first, size_t count) {
  Values made;
  for (size_t i = first; i < first + count; ++i)
    made.push_back(
        parameter_like(body, like.parameters[i]->type(), like.graph.name(like.parameters[i])));
  return made;
}

void append(Values& to, std::span<const Value> values) {
  to.insert(to.end(), values.begin(), values.end());
}

Region finish(std::shared_ptr<Body> body, Session& session) {
  session.finished.push_back(body);
  return rebuild(body, [&](Graph& graph, Value old, std::span<const Value> operands) {
    return is_mark(old) ? operands[0] : replacement(session, graph, old, operands);
  });
}

std::vector<size_t> positions(const std::vector<bool>& set, size_t first, size_t count) {
  std::vector<size_t> where;
  for (size_t i = 0; i < count; ++i)
    if (set[first + i]) where.push_back(i);
  return where;
}

Active::Active(const Scan& scan, std::vector<bool> wanted) {
  const Body& body = scan.body();
  for (bool changed = true; changed;) {
    changed = false;
    Values sources;
    for (size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i]) sources.push_back(body.parameters[i]);
    const std::vector<bool> depends = dependents(body.graph, sources);
    for (size_t i = 0; i < scan.carries; ++i) {
      const Value next = body.results[i];
      if (wanted[i] || !is_float(next->dtype()) || !depends[static_cast<size_t>(next->id)])
        continue;
      wanted[i] = changed = true;
    }
  }
  carries = positions(wanted, 0, scan.carries);
  sequences = positions(wanted, scan.carries, scan.sequences);
  captures = positions(wanted, scan.carries + scan.sequences, scan.captures);
}

}  // namespace thx::reverse
