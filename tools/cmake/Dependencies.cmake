# SPDX-License-Identifier: Apache-2.0
# The libraries of Debian 12 that Thx stands on; a missing one is named by its package.

function(thx_need what package)
  if(NOT ${what})
    message(FATAL_ERROR "${package} is missing; tools/setup installs everything Thx needs")
  endif()
endfunction()

find_library(THX_FMT_LIBRARY fmt)
thx_need(THX_FMT_LIBRARY libfmt-dev)
add_library(thx_fmt INTERFACE)
target_link_libraries(thx_fmt INTERFACE "${THX_FMT_LIBRARY}")

find_path(THX_CLI11_INCLUDE CLI/CLI.hpp)
thx_need(THX_CLI11_INCLUDE libcli11-dev)

find_path(THX_TOML_INCLUDE toml++/toml.h)
thx_need(THX_TOML_INCLUDE libtomlplusplus-dev)

find_path(THX_ZLIB_INCLUDE zlib.h)
find_library(THX_ZLIB_LIBRARY z)
thx_need(THX_ZLIB_INCLUDE zlib1g-dev)
thx_need(THX_ZLIB_LIBRARY zlib1g-dev)
add_library(thx_zlib INTERFACE)
target_link_libraries(thx_zlib INTERFACE "${THX_ZLIB_LIBRARY}")

# LLVM's shared library only: linking the static ones takes minutes.
find_path(THX_LLVM_INCLUDE llvm/Config/llvm-config.h
  PATHS "${THX_LLVM_ROOT}/include" NO_DEFAULT_PATH)
find_library(THX_LLVM_LIBRARY LLVM-19 PATHS "${THX_LLVM_ROOT}/lib" NO_DEFAULT_PATH)
thx_need(THX_LLVM_INCLUDE llvm-19-dev)
thx_need(THX_LLVM_LIBRARY llvm-19-dev)
add_library(thx_llvm INTERFACE)
target_include_directories(thx_llvm SYSTEM INTERFACE "${THX_LLVM_INCLUDE}")
target_link_libraries(thx_llvm INTERFACE "${THX_LLVM_LIBRARY}")

find_program(THX_ANTLR antlr4)
find_path(THX_ANTLR_INCLUDE antlr4-runtime.h PATH_SUFFIXES antlr4-runtime)
find_library(THX_ANTLR_LIBRARY antlr4-runtime)
thx_need(THX_ANTLR antlr4)
thx_need(THX_ANTLR_INCLUDE libantlr4-runtime-dev)
thx_need(THX_ANTLR_LIBRARY libantlr4-runtime-dev)
add_library(thx_antlr INTERFACE)
target_include_directories(thx_antlr SYSTEM INTERFACE "${THX_ANTLR_INCLUDE}")
target_link_libraries(thx_antlr INTERFACE "${THX_ANTLR_LIBRARY}")

if(THX_TESTS)
  find_library(THX_GTEST_LIBRARY gtest)
  find_library(THX_GTEST_MAIN_LIBRARY gtest_main)
  thx_need(THX_GTEST_MAIN_LIBRARY libgtest-dev)
  add_library(thx_gtest INTERFACE)
  target_link_libraries(thx_gtest INTERFACE "${THX_GTEST_MAIN_LIBRARY}" "${THX_GTEST_LIBRARY}")

  find_path(THX_MPFR_INCLUDE mpfr.h)
  find_library(THX_MPFR_LIBRARY mpfr)
  find_library(THX_GMP_LIBRARY gmp)
  thx_need(THX_MPFR_INCLUDE libmpfr-dev)
  thx_need(THX_MPFR_LIBRARY libmpfr-dev)
  thx_need(THX_GMP_LIBRARY libmpfr-dev)
  add_library(thx_mpfr INTERFACE)
  target_link_libraries(thx_mpfr INTERFACE "${THX_MPFR_LIBRARY}" "${THX_GMP_LIBRARY}")
endif()
