// SPDX-License-Identifier: Apache-2.0
// The walk over one kernel that checks registers, types, places, races and barriers.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schedule/loop_ir.h"
#include "schedule/prove.h"

namespace thx::loop {

/// The lane of an access or of a register, as a symbol of extents.
inline constexpr const char* kLane = "$lane";

/// A read or write of a buffer, with all that is known where it stands.
struct AccessRecord {
  const Statement* statement;
  bool writes;
  bool whole = false;  // of any place: a call or a tree
  int32_t buffer;
  std::vector<Extent> index;  // unrolled variables replaced, registers as symbols, `$lane`
  Facts facts;
  int symbols;  // how many registers had got a symbol
};

/// The order of accesses and barriers, for races among the members of a block.
struct Event {
  enum class Kind : uint8_t { access, barrier, open, close } kind;
  int access = -1;             // into the records
  const Loop* loop = nullptr;  // of an open; null for a branch
};

/// Every unrolled loop is walked iteration by iteration, with its variable bound; every other
/// block once.
class KernelVerifier {
 public:
  /// `assumed`: extents that are not negative wherever the kernel runs.
  KernelVerifier(const Kernel& kernel, const std::vector<Extent>& assumed);
  std::vector<std::string> run();

 private:
  /// What a boolean register says when it is true and when it is false: extents that are >= 0.
  struct Truth {
    std::vector<Extent> when_true, when_false;
  };
  struct Element {
    bool visible = false;
    bool ever = false;
    int nexts = 0;
    std::optional<Extent> value;  // of an i64 register, over symbols and `$lane`
    Truth truth;
  };
  struct ParallelLoop {
    const Loop* loop;
    size_t first_event, last_event;
    size_t depth;      // how many ranges stand before its variable
    int first_symbol;  // registers made inside have symbols from this number on
  };

  // verify_kernel.cpp: blocks and registers
  void buffers();
  void block(const Block& block, bool unrolled);
  void statement(const Statement& statement);
  void leave(bool unrolled);
  void node(const Loop& node);
  void node(const If& node);
  void loop_header(const Loop& loop);
  void unrolled(const Loop& loop);
  void carried_inside(const Loop& loop);
  void carried_done(const Loop& loop);
  void carried_after(const Loop& loop);
  std::vector<Element*> elements(int32_t reg);
  Element* element(const RegisterRef& ref);
  Element* use(const RegisterRef& ref);
  Element* assign(const RegisterRef& ref);
  void scoped(const Extent& extent);
  Extent bound(const Extent& extent) const;
  void problem(std::string message);
  std::string spell(const RegisterRef& ref) const;
  std::string spell(const Index& index) const;

  // verify_types.cpp
  void node(const Constant& node);
  void node(const IndexValue& node);
  void node(const Operate& node);
  void node(const Fold& node);
  void node(const Next& node);
  void node(const Fail& node);
  void node(const Barrier& node);
  void instruction_types(const Operate& node);
  void shuffle(const Operate& node);
  bool same_types(const Operate& node, size_t first);
  RegisterType type(const RegisterRef& ref) const;
  bool is(const RegisterRef& ref, RegisterType type, std::string_view what);

  // verify_places.cpp: values of registers, and places
  void node(const Load& node);
  void node(const Store& node);
  void node(const Tree& node);
  void node(const Call& node);
  void node(const Prefetch& node);
  void give_value(const Operate& node, Element& into);
  void compare(const Operate& node, Element& into, const std::vector<Element*>& from);
  Extent fresh();
  void place(const Place& place, const std::optional<RegisterRef>& mask, bool writes);
  bool proves(const Facts& facts, const Extent& extent, int lanes) const;
  void place_form(const Place& place, bool writes);
  void record(const Place& place, std::vector<Extent> index, Facts facts, bool writes);
  void whole(int32_t buffer, bool writes);
  void add_facts(const std::vector<Extent>& facts);

  // verify_races.cpp
  void races();
  void race_in(const ParallelLoop& parallel);
  using Set = std::set<int>;
  Set flow(const ParallelLoop& parallel, size_t first, size_t last, Set current);
  void race(const ParallelLoop& parallel, int a, int b);
  bool apart(const ParallelLoop& parallel, const AccessRecord& a, const AccessRecord& b) const;

  const Kernel& kernel_;
  std::vector<std::string> problems_;
  std::set<std::string> said_;
  const Statement* current_ = nullptr;

  std::vector<size_t> first_element_;  // by register
  std::vector<Element> elements_;
  std::vector<const Statement*> assigner_;  // by register
  std::vector<std::vector<std::pair<int32_t, Element*>>> scopes_;
  std::vector<const Statement*> owners_;  // the loops and branches around, outermost first
  Extent::Bindings bindings_;             // unrolled variables
  Facts facts_;
  int symbols_ = 0;
  std::set<int32_t> written_;  // buffers with a store before this point

  std::vector<AccessRecord> records_;
  std::vector<Event> events_;
  std::vector<ParallelLoop> parallel_;
  std::set<std::pair<int, int>> compared_;
};

/// Barriers and shuffles that some member may not reach. (verify_barriers.cpp)
std::vector<const Statement*> lonely_barriers(const Kernel& kernel);

}  // namespace thx::loop
