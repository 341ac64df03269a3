# SPDX-License-Identifier: Apache-2.0
# Builds every sample with CMake, as its README says. Arguments: samples, build of Thx, folder for what
# is made, C compiler, C++ compiler, flags.
set -euo pipefail
samples="$1" build="$2" out="$3" flags="$6"
cc="${4%% *}" cxx="${5%% *}"  # without the options of a bare line
for file in "$samples"/*/CMakeLists.txt; do
  name="$(basename "$(dirname "$file")")"
  cmake -S "$samples/$name" -B "$out/$name" -G Ninja -DCMAKE_PREFIX_PATH="$build" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" >"$out.log" 2>&1 || { cat "$out.log"; exit 1; }
  cmake --build "$out/$name" >"$out.log" 2>&1 || { cat "$out.log"; exit 1; }
  echo "$name: $(test -x "$out/$name/app" && echo built)"
done
