// SPDX-License-Identifier: Apache-2.0
// AddressSanitizer's options for programs that share containers with an uninstrumented libLLVM.

extern "C" const char* __asan_default_options();

// libLLVM neither poisons nor unpoisons what its allocators and containers hand out, so a
// container that is filled on one side and read on the other would be reported in error. It also
// allocates so many small blocks that a long quarantine, deep stacks noted for each block and
// filling it more than double the time of compiling in this process.
extern "C" __attribute__((used)) const char* __asan_default_options() {
  return "allow_user_poisoning=0:detect_container_overflow=0:quarantine_size_mb=16:"
         "malloc_context_size=2:max_malloc_fill_size=0";
}
