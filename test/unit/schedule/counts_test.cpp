// SPDX-License-Identifier: Apache-2.0
// Counts: by hand for small kernels, and against a walk through the loops for every kind of kernel.
#include "schedule/counts.h"

#include <gtest/gtest.h>

#include "against_reference.h"
#include "schedule/count_flops.h"
#include "schedule/parse.h"
#include "schedule/print.h"
#include "schedule/vectorize.h"
#include "support/text.h"

namespace thx::loop {
namespace {

const Machine kMachine{};

Kernel kernel(std::string_view text) {
  Result<Program> program = parse_loop(text);
  EXPECT_TRUE(program.ok());
  return program->functions[0].kernels[0];
}

std::string calls(const Counts& counts) {
  return join(counts.calls, ", ", [](const FunctionCalls& each) {
    return format("{} {} {}", name_of(each.function), spelling(each.dtype), each.calls.text());
  });
}

std::string traffic(const Traffic& each) {
  return format("{} {} {} {}", each.loaded.text(), each.stored.text(), each.read.text(),
                each.written.text());
}

constexpr std::string_view kMap = R"(
  kernel @k0 map (a: f32[N] in, s: f32 in, u: f32[N] out) {
    %s = load s : f32
    for $i in 0..N {
      %0 = load a[$i] : f32
      %1 = neg %0 : f32
      %2 = fma %1, %0, %s : f32
      %3 = add %2, %0 : f32
      %4 = less %3, %0 : bool
      %5 = select %4, %3, %0 : f32
      %6 = sqrt %5 : f32
      store u[$i] = %6
    }
  })";

TEST(Counts, AMapByHand) {
  const Counts counts = count(kernel(kMap), kMachine);
  EXPECT_EQ(counts.flops.text(), "4*N");  // fma 2, add 1, sqrt 1
  EXPECT_EQ(counts.function_flops.text(), "0");
  EXPECT_TRUE(counts.calls.empty());
  EXPECT_EQ(traffic(counts.buffers[0]), "4*N 0 4*N 0");
  EXPECT_EQ(traffic(counts.buffers[1]), "4 0 4 0");
  EXPECT_EQ(traffic(counts.buffers[2]), "0 4*N 0 4*N");
  EXPECT_TRUE(counts.exact);
}

TEST(Counts, DoNotDependOnTheLanes) {
  for (const int bytes : {16, 32, 64}) {
    Kernel wide = kernel(kMap);
    vectorize(wide, {bytes, true});
    ASSERT_NE(print(wide), print(kernel(kMap)));
    const Counts counts = count(wide, {bytes, true});
    EXPECT_EQ(counts.flops.text(), "4*N");
    EXPECT_EQ(traffic(counts.buffers[0]), "4*N 0 4*N 0");
    EXPECT_EQ(traffic(counts.buffers[2]), "0 4*N 0 4*N");
  }
}

TEST(Counts, ADotInBlocksAndLanesByHand) {
  // A product of F elements: F fused steps; each block of 4096 folds 16 lanes, the blocks a tree.
  const Counts counts = count(kernel(R"(
    kernel @k0 rows (x: f32[N, F] in, w: f32[F] in, out: f32[N] out, p: f32[F//4096+1] ws inout) {
      for $i in 0..N {
        for $b in 0..(F+4095)//4096 {
          %2 = const -0.0 : f32x16
          for $k in 4096*$b..min(4096*$b+4096, F) step 16 tail = mask carry (%3: f32x16 = %2) {
            %4 = load x[$i, $k : 16] : f32x16
            %5 = load w[$k : 16] : f32x16
            %6 = fma %4, %5, %3 : f32x16
            next %3 = %6
          }
          %7 = fold add %3 : f32
          store p[$b] = %7
        }
        tree add p over (F+4095)//4096
        %8 = load p[0] : f32
        store out[$i] = %8
      }
    })"),
                              kMachine);
  const Extent blocks = *Extent::parse("(F+4095)//4096");
  const Extent n = Extent::symbol("N"), f = Extent::symbol("F");
  EXPECT_EQ(counts.flops, n * (2 * f + 15 * blocks + max(blocks - 1, 0)));
  EXPECT_EQ(counts.buffers[0].loaded, 4 * n * f);
  EXPECT_EQ(counts.buffers[0].read, 4 * n * f);
  EXPECT_EQ(counts.buffers[1].loaded, 4 * n * f);
  EXPECT_EQ(counts.buffers[1].read, 4 * f);  // again for every row
  EXPECT_EQ(counts.buffers[2].written, 4 * n);
  EXPECT_TRUE(counts.exact);
}

TEST(Counts, FunctionsAreCallsAndTheirFlopsAreApart) {
  const Counts counts = count(lower(R"(
    func @f(%x: f32[N], %y: f32[N]) {
      %e = exp %x : f32[N]
      %p = pow %e, %y : f32[N]
      %l = exp %y : f32[N]
      %s = add %p, %l : f32[N]
      return s = %s
    })")
                                  .loops.functions[0],
                              kMachine)
                            .total;
  EXPECT_EQ(counts.flops.text(), "N");
  EXPECT_EQ(calls(counts), "pow f32 N, exp f32 2*N");
  EXPECT_EQ(counts.function_flops, (2 * flops_of(*op_named("exp"), DType::f32, kMachine) +
                                    flops_of(*op_named("pow"), DType::f32, kMachine)) *
                                       Extent::symbol("N"));
  EXPECT_GT(flops_of(*op_named("exp"), DType::f64, kMachine),
            flops_of(*op_named("exp"), DType::f32, kMachine));
}

TEST(Counts, TrianglesAndConditions) {
  const Counts triangle = count(kernel(R"(
    kernel @k0 map (a: f32[N, N] inout) {
      for $i in 0..N {
        for $j in 0..$i+1 {
          %0 = load a[$i, $j] : f32
          %1 = mul %0, %0 : f32
          store a[$i, $j] = %1
        }
      }
    })"),
                                kMachine);
  EXPECT_TRUE(triangle.exact);
  EXPECT_EQ(triangle.flops.evaluate({{"N", 100}}), 5050);
  const Counts branch = count(kernel(R"(
    kernel @k0 map (a: f32[N] inout) {
      %t = const 1.0 : f32
      for $i in 0..N {
        %0 = load a[$i] : f32
        %1 = less %0, %t : bool
        if %1 {
          %2 = mul %0, %0 : f32
          %3 = add %2, %0 : f32
          store a[$i] = %3
        } else {
          %4 = mul %0, %0 : f32
          store a[$i] = %4
        }
      }
    })"),
                              kMachine);
  EXPECT_EQ(branch.flops.text(), "max(N, 2*N)");
  EXPECT_FALSE(branch.exact);
}

// ---- Against a walk ----

/// Counts one run of a kernel at known dims, iteration by iteration and lane by lane.
class Walk {
 public:
  Walk(const Kernel& kernel, Extent::Values dims) : kernel_(kernel), values_(std::move(dims)) {
    loaded.resize(kernel.buffers.size());
    stored.resize(kernel.buffers.size());
  }
  void run() { block(kernel_.body); }

  int64_t flops = 0;  // inside of functions too
  int64_t calls = 0;
  std::vector<int64_t> loaded, stored;  // bytes

 private:
  void block(const Block& block) {
    for (const Statement& statement : block)
      std::visit([this](const auto& node) { at(node); }, statement.node);
  }
  template <class Node>
  void at(const Node&) {}
  void at(const Operate& node) {
    const RegisterType type = kernel_.registers[static_cast<size_t>(node.result.reg)].type;
    flops += flops_of(node.instruction, type.dtype) * active(type.lanes);
    calls += node.function ? active(type.lanes) : 0;
  }
  void at(const Fold& node) {
    const RegisterType type = kernel_.registers[static_cast<size_t>(node.value.reg)].type;
    flops += flops_of(node.combine, type.dtype) * (type.lanes - 1);
  }
  void at(const Tree& node) {
    const Buffer& buffer = kernel_.buffers[static_cast<size_t>(node.buffer)];
    int64_t steps = std::max<int64_t>(value(node.count) - 1, 0);
    for (size_t axis = 1; axis < buffer.extents.size(); ++axis)
      steps *= value(buffer.extents[axis]);
    flops += flops_of(node.combine, buffer.dtype) * steps;
    loaded[static_cast<size_t>(node.buffer)] += 2 * steps * bytes_of(buffer.dtype);
    stored[static_cast<size_t>(node.buffer)] += steps * bytes_of(buffer.dtype);
  }
  void at(const Load& node) { move(node.place, loaded); }
  void at(const Store& node) { move(node.place, stored); }
  void at(const Call& node) {
    const Buffer& buffer = kernel_.buffers[static_cast<size_t>(node.buffer)];
    stored[static_cast<size_t>(node.buffer)] +=
        value(element_count(buffer.extents)) * bytes_of(buffer.dtype);
  }
  void at(const Loop& loop) {
    const int64_t end = value(loop.end);
    for (int64_t i = value(loop.begin); i < end; i += loop.step) {
      values_[loop.var] = i;
      tails_.push_back({loop.masked_tail ? loop.step : 0, end - i});
      block(loop.body);
      tails_.pop_back();
    }
  }
  void at(const If&) { FAIL() << "a condition has no one count"; }

  void move(const Place& place, std::vector<int64_t>& into) {
    const auto buffer = static_cast<size_t>(place.buffer);
    into[buffer] += active(place.lanes) * bytes_of(kernel_.buffers[buffer].dtype);
  }
  int64_t active(int64_t lanes) const {
    for (const auto& [step, left] : tails_)
      if (step == lanes && lanes > 1) return std::min(lanes, left);
    return lanes;
  }
  int64_t value(const Extent& extent) const { return extent.evaluate(values_).value(); }

  const Kernel& kernel_;
  Extent::Values values_;
  std::vector<std::pair<int64_t, int64_t>> tails_;
};

void expect_as_walked(const Function& function, const Machine& machine,
                      const Extent::Values& dims) {
  for (const Kernel& kernel : function.kernels) {
    const Counts counts = count(kernel, machine, function.assumed);
    EXPECT_TRUE(counts.exact) << print(kernel);
    Walk walk(kernel, dims);
    walk.run();
    EXPECT_EQ(counts.all_flops().evaluate(dims), walk.flops) << print(kernel);
    EXPECT_EQ(counts.all_calls().evaluate(dims), walk.calls) << print(kernel);
    for (size_t i = 0; i < kernel.buffers.size(); ++i) {
      const Traffic& traffic = counts.buffers[i];
      EXPECT_EQ(traffic.loaded.evaluate(dims), walk.loaded[i])
          << kernel.buffers[i].name << print(kernel);
      EXPECT_EQ(traffic.stored.evaluate(dims), walk.stored[i])
          << kernel.buffers[i].name << print(kernel);
      const Extent all =
          element_count(kernel.buffers[i].extents) * bytes_of(kernel.buffers[i].dtype);
      EXPECT_LE(*traffic.written.evaluate(dims), *all.evaluate(dims)) << print(kernel);
      if (dims.at("N") > 0 && dims.at("F") > 0) {
        EXPECT_LE(*traffic.read.evaluate(dims), std::max(walk.loaded[i], *all.evaluate(dims)))
            << print(kernel);
      }
    }
  }
}

constexpr std::string_view kEveryKind = R"(
  func @f(%x: f32[N, F], %v: f32[F], %w: f32[F, M], %t: i64[N]) {
    %all = sum %x {axes = [0, 1], order = any} : f32
    %rows = sum %x {axes = [1], order = any} : f32[N]
    %columns = sum %x {axes = [0], order = any} : f32[F]
    %xv = dot %x, %v {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N]
    %xtr = dot %x, %rows {lhs_contract = [0], rhs_contract = [0], order = any} : f32[F]
    %xw = dot %x, %w {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N, M]
    %xtx = dot %x, %x {lhs_contract = [0], rhs_contract = [0], order = any} : f32[F, F]
    %m = mul %rows, %xv : f32[N]
    %logs = log %m : f32[N]
    %mean = sum %logs {axes = [0], order = any} : f32
    %e = exp %x : f32[N, F]
    %s = sigmoid %xw : f32[N, M]
    %p = sum %e {axes = [1], order = any} : f32[N]
    %l = log %p : f32[N]
    %xt = transpose %x {permutation = [1, 0]} : f32[F, N]
    return all = %all, rows = %rows, columns = %columns, xv = %xv, xtr = %xtr,
           xtx = %xtx, e = %e, s = %s, l = %l, xt = %xt, mean = %mean, logs = %logs
  })";

TEST(Counts, AreWhatAWalkThroughTheLoopsCounts) {
  for (const bool vectorized : {false, true}) {
    const Lowered lowered = lower(kEveryKind, {.dims = {}, .vectorized = vectorized});
    for (const int64_t n : {0, 1, 16, 17, 300})
      for (const int64_t f : {0, 1, 19, 260})
        expect_as_walked(lowered.loops.functions[0], kMachine, {{"N", n}, {"F", f}, {"M", 21}});
    expect_as_walked(lowered.loops.functions[0], kMachine, {{"N", 1}, {"F", 4101}, {"M", 1}});
  }
}

TEST(Counts, ProductsThatAreTiledAndRowsThatAssumeAnElement) {
  const Lowered lowered = lower(R"(
    func @f(%x: f32[N, F], %w: f32[F, M]) {
      %xw = dot %x, %w {lhs_contract = [1], rhs_contract = [0], order = any} : f32[N, M]
      %top = max %xw {axes = [1]} : f32[N]
      return xw = %xw, top = %top
    })");
  const FunctionCounts counts = count(lowered.loops.functions[0], kMachine);
  const Extent::Values dims{{"N", 45}, {"F", 31}, {"M", 67}};
  expect_as_walked(lowered.loops.functions[0], kMachine, dims);
  EXPECT_EQ(counts.total.flops.evaluate(dims), 2 * 45 * 31 * 67 + 45 * (67 + 15));
}

TEST(Counts, AFunctionRunsItsKernelsAsItsStepsSay) {
  Result<Program> program = parse_loop(R"(
    function @f {
      buffer x: f32[T, N] input 0 in
      buffer h: f32[N] output 0 out
      buffer d: f32[N] ws 0 inout
      workspace 64*((N+15)//16) bytes
      copy h <- d : N
      for $t in 0..T {
        launch @step(x + N*$t, h)
      }
      kernel @step map (x: f32[N] in, h: f32[N] inout) {
        for $i in 0..N {
          %0 = load x[$i] : f32
          %1 = load h[$i] : f32
          %2 = fma %0, %0, %1 : f32
          store h[$i] = %2
        }
      }
    })");
  ASSERT_TRUE(program.ok());
  const FunctionCounts counts = count(program->functions[0], kMachine);
  EXPECT_EQ(counts.runs[0].text(), "T");
  EXPECT_EQ(counts.copied.text(), "4*N");
  EXPECT_EQ(counts.kernels[0].flops.text(), "2*N");
  EXPECT_EQ(counts.total.flops.text(), "2*N*T");
  EXPECT_EQ(traffic(counts.total.buffers[0]), "4*N*T 0 4*N*T 0");
  EXPECT_EQ(traffic(counts.total.buffers[1]), "4*N*T 4*N*T+4*N 4*N*T 4*N*T+4*N");
  EXPECT_EQ(traffic(counts.total.buffers[2]), "4*N 0 4*N 0");
}

}  // namespace
}  // namespace thx::loop
