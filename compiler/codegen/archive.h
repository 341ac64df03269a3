// SPDX-License-Identifier: Apache-2.0
// Static libraries of one object.
#pragma once

#include <string>

namespace thx::codegen {

/// The bytes of an archive with an index of symbols and one member. Deterministic: no time, no
/// owner.
std::string make_archive(const std::string& member, const std::string& object);

}  // namespace thx::codegen
