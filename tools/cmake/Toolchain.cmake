# SPDX-License-Identifier: Apache-2.0
# What every target of ours is compiled and linked with: `thx_options`, ccache, lld.

find_program(THX_CCACHE ccache)
if(THX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is only cached when its timestamp and macros are left out of the key.
  set(launcher "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${THX_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

set(THX_SANITIZER_FLAGS "")
if(THX_SANITIZE)
  # What the address sanitizer finds, or the hardware stops, is not looked for twice: it makes up a
  # quarter of the code.
  set(THX_SANITIZER_FLAGS -fsanitize=address,undefined
      -fno-sanitize=null,object-size,vptr,pointer-overflow -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
endif()

if(THX_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Sanitizers hold for everything, generated code too, so that no container crosses a border between
# instrumented and plain code.
add_compile_options(${THX_SANITIZER_FLAGS})
add_link_options(${THX_SANITIZER_FLAGS} LINKER:--as-needed)
find_program(THX_LLD ld.lld-19)
if(THX_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

add_library(thx_options INTERFACE)
target_include_directories(thx_options INTERFACE "${PROJECT_SOURCE_DIR}/compiler")
target_compile_definitions(thx_options INTERFACE
  THX_VERSION="${PROJECT_VERSION}" THX_VERIFY_EACH=$<BOOL:${THX_VERIFY_EACH}>)
target_compile_options(thx_options INTERFACE -Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # A row of a table that leaves out a mandatory field does not compile, whatever THX_WERROR says.
  target_compile_options(thx_options INTERFACE -Werror=missing-field-initializers)
endif()
if(THX_WERROR)
  target_compile_options(thx_options INTERFACE -Werror)
endif()

# Compiles a target with precompiled headers (`compiler` or `tests`), which the first target to ask
# makes and the rest share.
function(thx_precompile target headers)
  if(NOT THX_PRECOMPILE)
    return()
  endif()
  get_property(maker GLOBAL PROPERTY "THX_PRECOMPILED_${headers}")
  if(maker)
    target_precompile_headers(${target} REUSE_FROM ${maker})
  else()
    target_precompile_headers(${target} PRIVATE
      "${PROJECT_SOURCE_DIR}/tools/cmake/precompiled_${headers}.h")
    set_property(GLOBAL PROPERTY "THX_PRECOMPILED_${headers}" ${target})
  endif()
endfunction()

# Runs clang-tidy over a target's files in the `tidy` preset.
function(thx_tidy target)
  if(THX_TIDY)
    find_program(THX_CLANG_TIDY clang-tidy-19 REQUIRED)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "${THX_CLANG_TIDY};--quiet")
  endif()
endfunction()

# In a sanitized build, an executable carries the options that an uninstrumented libLLVM needs.
function(thx_executable target)
  if(THX_SANITIZE)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tools/cmake/sanitizer_options.cpp")
    set_source_files_properties("${PROJECT_SOURCE_DIR}/tools/cmake/sanitizer_options.cpp"
      TARGET_DIRECTORY ${target} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endif()
  thx_tidy(${target})
endfunction()
