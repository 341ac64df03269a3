// SPDX-License-Identifier: Apache-2.0
// Which names C and C++ leave to a program, and the spellings of one name that C code uses.
#include "codegen/c_names.h"

#include <algorithm>
#include <cctype>

namespace thx::codegen {

namespace {

// Keywords of C99 to C23 and C++11 to C++20, names that <thx/thx.h> and its includes define in a
// way that a parameter would meet, and small words that system headers define as macros.
// clang-format off
constexpr std::string_view kReserved[] = {
    "alignas", "alignof", "and", "and_eq", "arm", "asm", "assert", "atomic_cancel", "atomic_commit",
    "atomic_noexcept", "auto", "bitand", "bitor", "bool", "break", "bsdi", "case", "catch", "cdecl",
    "char", "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield",
    "compl", "complex", "concept", "const", "const_cast", "consteval", "constexpr", "constinit",
    "continue", "decltype", "default", "delete", "do", "double", "dynamic_cast", "else", "enum",
    "environ", "errno", "explicit", "export", "extern", "false", "far", "float", "for", "friend",
    "goto", "hpux", "huge", "i386", "if", "imaginary", "inline", "int", "int16_t", "int32_t",
    "int64_t", "int8_t", "interface", "intptr_t", "linux", "long", "main", "max_align_t", "mips",
    "mutable", "namespace", "near", "new", "nil", "noexcept", "noreturn", "not", "not_eq",
    "nullptr", "nullptr_t", "operator", "or", "or_eq", "pascal", "pixel", "private", "protected",
    "ptrdiff_t", "public", "register", "reinterpret_cast", "requires", "restrict", "return",
    "short", "signed", "size_t", "sizeof", "small", "static", "static_assert", "static_cast", "std",
    "stderr", "stdin", "stdout", "struct", "sun", "switch", "template", "this", "thread_local",
    "throw", "thx", "thx_device", "thx_error", "thx_exec", "thx_init", "thx_read_at_fn",
    "thx_status", "thx_write_fn", "true", "try", "typedef", "typeid", "typename", "typeof",
    "typeof_unqual", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uintptr_t", "union", "unix",
    "unsigned", "using", "vax", "vector", "virtual", "void", "volatile", "wchar_t", "while",
    "wint_t", "xor", "xor_eq"};

// Functions and objects of the C library and of POSIX that a program's own type would collide with.
constexpr std::string_view kLibrary[] = {
    "abort", "abs", "accept", "access", "acos", "acosh", "alarm", "asin", "asinh", "atan", "atan2",
    "atanh", "atexit", "atof", "atoi", "atol", "basename", "bind", "bsearch", "calloc", "cbrt",
    "ceil", "clearerr", "clock", "close", "connect", "copysign", "cos", "cosh", "ctime", "daemon",
    "daylight", "difftime", "dirname", "div", "dup", "environ", "exec", "exit", "exp", "exp2",
    "expm1", "fabs", "fclose", "fdim", "feof", "ferror", "fflush", "fgetc", "fgets", "floor", "fma",
    "fmax", "fmin", "fmod", "fopen", "fork", "fprintf", "fputc", "fputs", "fread", "free",
    "freopen", "frexp", "fscanf", "fseek", "ftell", "fwrite", "gamma", "getc", "getchar", "getenv",
    "gets", "gmtime", "hypot", "ilogb", "index", "ioctl", "isalnum", "isalpha", "isdigit",
    "islower", "isspace", "isupper", "j0", "j1", "jn", "kill", "labs", "ldexp", "ldiv", "lgamma",
    "link", "listen", "localtime", "log", "log10", "log1p", "log2", "logb", "longjmp", "lrint",
    "lround", "malloc", "memchr", "memcmp", "memcpy", "memmove", "memset", "mktime", "mmap", "modf",
    "nan", "nearbyint", "nextafter", "nice", "open", "optarg", "optind", "pause", "perror", "pipe",
    "poll", "pow", "printf", "putc", "putchar", "puts", "qsort", "raise", "rand", "random", "read",
    "realloc", "recv", "remainder", "remove", "rename", "rewind", "rindex", "rint", "round",
    "scalbn", "scanf", "select", "send", "setbuf", "setjmp", "setlocale", "shutdown", "sigaction",
    "signal", "sin", "sinh", "sleep", "socket", "sprintf", "sqrt", "srand", "sscanf", "stat",
    "strcat", "strchr", "strcmp", "strcpy", "strlen", "strncpy", "strstr", "strtod", "strtok",
    "strtol", "sync", "syscall", "system", "tan", "tanh", "tgamma", "time", "timespec", "timezone",
    "tm", "tmpfile", "tolower", "toupper", "trunc", "truncate", "tzname", "ungetc", "unlink",
    "vprintf", "wait", "write", "y0", "y1", "yn"};

constexpr std::string_view kHeaders[] = {
    "assert", "complex", "ctype", "dirent", "dlfcn", "endian", "errno", "fcntl", "features", "fenv",
    "float", "inttypes", "iso646", "limits", "locale", "malloc", "math", "memory", "poll",
    "pthread", "sched", "search", "setjmp", "signal", "stdalign", "stdarg", "stdatomic", "stdbool",
    "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string", "strings", "tgmath", "threads",
    "time", "uchar", "unistd", "values", "wchar", "wctype"};
// clang-format on

char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

}  // namespace

bool is_reserved_word(std::string_view name) {
  return std::ranges::find(kReserved, name) != std::end(kReserved);
}

bool is_library_name(std::string_view name) { return std::ranges::binary_search(kLibrary, name); }

bool is_library_header(std::string_view name) { return std::ranges::binary_search(kHeaders, name); }

bool is_capital(std::string_view name) {
  return std::ranges::none_of(name, [](unsigned char c) { return std::islower(c) != 0; });
}

std::string in_capitals(std::string_view name) {
  std::string result(name);
  for (char& c : result) c = upper(c);
  return result;
}

std::string as_class(std::string_view name) {
  std::string result;
  bool start = true;
  for (const char c : name) {
    if (c == '_') {
      start = true;
      continue;
    }
    result += start ? upper(c) : c;
    start = false;
  }
  return result.empty() || (std::isdigit(static_cast<unsigned char>(result[0])) != 0) ? "M" + result
                                                                                      : result;
}

}  // namespace thx::codegen
