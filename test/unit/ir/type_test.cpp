// SPDX-License-Identifier: Apache-2.0
// Types and attributes: text, shapes' arithmetic, scalars by their bits, sorted keys.
#include "ir/type.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/attrs.h"
#include "support/check.h"

namespace thx {
namespace {

const Extent N = Extent::symbol("N");

TEST(Type, TextReadsBack) {
  const Type type{DType::f32, {N, 2 * N + 1, 784}};
  EXPECT_EQ(text(type), "f32[N, 2*N+1, 784]");
  EXPECT_EQ(parse_type(text(type)), type);
  EXPECT_EQ(parse_type("f32"), (Type{DType::f32, {}}));
  EXPECT_EQ(parse_type("f32[]"), (Type{DType::f32, {}}));
  EXPECT_EQ(parse_type(" bool [ min(N, 3) ] "), (Type{DType::boolean, {min(N, 3)}}));
  EXPECT_EQ(text(Type{DType::boolean, {}}), "bool");
  for (const char* bad : {"", "f16", "f32[", "f32[N", "f32[N,]", "f32[N]]", "f32[N K]"})
    EXPECT_FALSE(parse_type(bad)) << bad;
}

TEST(TypeList, IsComparedByItsTypes) {
  const Type scalar{DType::f32, {}}, row{DType::f32, {Extent::symbol("N")}};
  EXPECT_TRUE(TypeList().empty());
  EXPECT_EQ(TypeList(scalar), TypeList(std::vector<Type>{scalar}));
  EXPECT_EQ(TypeList(row), TypeList({row}));
  EXPECT_NE(TypeList(row), TypeList(scalar));
  EXPECT_NE(TypeList(scalar), TypeList(scalar.with(DType::f64)));
  const TypeList both = {row, scalar};
  EXPECT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0], row);
  EXPECT_EQ(both[1], scalar);
  EXPECT_NE(both, TypeList({scalar, row}));
  EXPECT_NE(both, TypeList(row));
}

TEST(Type, CountsAndStridesAreExtents) {
  const Shape shape = {N, 3, 4};
  EXPECT_EQ(element_count(shape), 12 * N);
  EXPECT_EQ(element_count({}), Extent(1));
  EXPECT_EQ(row_major_strides(shape), (Shape{12, 4, 1}));
  EXPECT_EQ(hash_of(Type{DType::f32, shape}), hash_of(Type{DType::f32, {N, 3, 4}}));
}

TEST(Scalar, RoundsWrapsAndSaturates) {
  EXPECT_EQ(Scalar::of(DType::f32, 0.1).real, static_cast<double>(0.1f));
  EXPECT_EQ(Scalar::of(DType::i8, 300).integer, 127);
  EXPECT_EQ(Scalar::of(DType::i64, -1e300).integer, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Scalar::of(DType::i64, 1e300).integer, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Scalar::of(DType::u64, 1e300).integer, -1);
  EXPECT_EQ(Scalar::of(DType::u8, -3).integer, 0);
  EXPECT_EQ(Scalar::of(DType::i32, NAN).integer, 0);
  EXPECT_EQ(Scalar::of_integer(DType::i8, 300).integer, 44);
  EXPECT_EQ(Scalar::of_integer(DType::boolean, 7).integer, 1);
  EXPECT_EQ(Scalar::of_integer(DType::u64, -1).as_real(), 18446744073709551616.0);
}

TEST(Scalar, IsComparedByBits) {
  EXPECT_NE(Scalar::of(DType::f64, 0.0), Scalar::of(DType::f64, -0.0));
  EXPECT_EQ(Scalar::of(DType::f64, NAN), Scalar::of(DType::f64, NAN));
  EXPECT_NE(Scalar::of(DType::f64, 1), Scalar::of(DType::f32, 1));
}

TEST(Attrs, AreSortedAndTyped) {
  Attrs attrs{{"shape", Shape{N}}, {"axes", std::vector<int64_t>{0}}};
  EXPECT_EQ(attrs.entries()[0].first, "axes");
  EXPECT_EQ(attrs.shape("shape"), Shape{N});
  EXPECT_THROW(attrs.integer("axes"), InternalError);
  EXPECT_THROW(attrs.integer("axis"), InternalError);
  EXPECT_FALSE(attrs.flag("fused"));
  attrs.set("fused", true);
  EXPECT_TRUE(attrs.flag("fused"));
  const Attrs same{{"axes", std::vector<int64_t>{0}}, {"fused", true}, {"shape", Shape{N}}};
  EXPECT_EQ(attrs, same);
  EXPECT_EQ(attrs.hash(), same.hash());
  attrs.erase("fused");
  EXPECT_NE(attrs, same);
}

TEST(Attrs, KeysAreSorted) {
  EXPECT_TRUE(std::is_sorted(std::begin(kAttrKeys), std::end(kAttrKeys),
                             [](const AttrKey& a, const AttrKey& b) { return a.key < b.key; }));
}

}  // namespace
}  // namespace thx
