# SPDX-License-Identifier: Apache-2.0
# What the samples' `run` scripts share. THX_BUILD: the build of Thx; CC, CXX, CFLAGS, CXXFLAGS: as
# everywhere. Sourced with `here`, the sample's folder.
root="$(cd "$here/../.." && pwd)"
build="${THX_BUILD:-$root/build/release}"
thxc="$build/bin/thxc"
libraries=("$build/runtime/libthx_hosted.a" "$build/runtime/libthx_core.a")

# Whether $1 is missing or older than one of the others.
stale() {
  local made="$1" from
  shift
  for from in "$@"; do [ "$made" -nt "$from" ] || return 0; done
  return 1
}

# model NAME FOLDER [OPTION...]: compiles NAME.thx into FOLDER where that is not done yet.
model() {
  local name="$1" folder="$2"
  shift 2
  mkdir -p "$folder"
  if stale "$folder/$name.o" "$here/$name.thx" "$thxc"; then
    "$thxc" build "$here/$name.thx" -o "$folder" "$@"
  fi
}

# application SOURCE NAME FOLDER: compiles SOURCE, C or C++, and links it with the model NAME in FOLDER.
application() {
  local source="$here/$1" name="$2" folder="$3"
  local -a compile
  case "$source" in
    *.c) compile=(${CC:-cc} -std=c11 -O2 -Wall -Wextra ${CFLAGS:-}) ;;
    *) compile=(${CXX:-c++} -std=c++17 -O2 -Wall -Wextra ${CXXFLAGS:-}) ;;
  esac
  if stale "$folder/$name" "$folder/$name.o" "$source" "$here"/../*.h "${libraries[@]}"; then
    "${compile[@]}" -I"$root/runtime/include" -I"$folder" \
      "$source" "$folder/$name.o" "${libraries[@]}" -lm -o "$folder/$name"
  fi
}
