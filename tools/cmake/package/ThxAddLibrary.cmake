# SPDX-License-Identifier: Apache-2.0
# thx_add_library: a static library of a .thx program.

# thx_add_library(NAME FILE
#   [DEFINE NAME=VALUE…]   values of dims and consts
#   [CPU level] [FLOATX f32|f64] [FP default|strict] [PREFIX name] [MAX_WORKSPACE bytes]
#   [INCLUDE folder…]      where imports are looked for
#   [OPTIONS word…]        more options of `thxc build`
#   [FREESTANDING])        without the hosted half of the runtime, which the .hpp needs
#
# Who links NAME sees the generated headers. It is compiled again when FILE, one of its imports, a
# thx.toml beside it or the compiler changes.
function(thx_add_library name file)
  cmake_parse_arguments(PARSE_ARGV 2 arg "FREESTANDING"
    "CPU;FLOATX;FP;PREFIX;MAX_WORKSPACE" "DEFINE;INCLUDE;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "thx_add_library(${name}): not understood: "
      "${arg_UNPARSED_ARGUMENTS}${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "thx_add_library(${name}): there is no ${file}")
  endif()

  # The files are named by the prefix: the given one, the module's name, the file's.
  set(stem "${arg_PREFIX}")
  if(NOT stem)
    file(STRINGS "${file}" line REGEX "^[ \t]*module[ \t]+[A-Za-z_]" LIMIT_COUNT 1)
    if(line MATCHES "module[ \t]+([A-Za-z_0-9]+)")
      set(stem "${CMAKE_MATCH_1}")
    else()
      get_filename_component(stem "${file}" NAME_WE)
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endif()

  set(options)
  foreach(define IN LISTS arg_DEFINE)
    list(APPEND options -D "${define}")
  endforeach()
  foreach(folder IN LISTS arg_INCLUDE)
    get_filename_component(folder "${folder}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND options -I "${folder}")
  endforeach()
  foreach(option CPU FLOATX FP PREFIX MAX_WORKSPACE)
    if(arg_${option})
      string(TOLOWER "--${option}" word)
      string(REPLACE "_" "-" word "${word}")
      list(APPEND options "${word}=${arg_${option}}")
    endif()
  endforeach()

  # Every configuration of the application links the same object.
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${name}.thx")
  set(object "${out}/${stem}.o")
  set(headers "${out}/${stem}.h" "${out}/${stem}.hpp")
  # Ninja wants the output that the rule of dependencies names first to be the first here.
  add_custom_command(OUTPUT ${headers} "${out}/${stem}.json" "${object}"
    COMMAND Thx::thxc build "${file}" -o "${out}" "--depfile=${out}/${stem}.d"
            ${options} ${arg_OPTIONS}
    DEPENDS "${file}" Thx::thxc DEPFILE "${out}/${stem}.d"
    COMMENT "Compiling ${stem} with thxc" VERBATIM)
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)

  add_library(${name} STATIC "${object}" ${headers})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST languages)
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  else()
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  endif()
  target_include_directories(${name} INTERFACE "$<BUILD_INTERFACE:${out}>")
  if(arg_FREESTANDING)
    target_link_libraries(${name} INTERFACE Thx::core)
  else()
    target_link_libraries(${name} INTERFACE Thx::hosted)
  endif()
endfunction()
