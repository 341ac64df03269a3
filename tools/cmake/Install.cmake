# SPDX-License-Identifier: Apache-2.0
# What an installation holds, and the CMake and pkg-config packages of it and of the build folder.
include(CMakePackageConfigHelpers)

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/Thx")
set(sources "${PROJECT_SOURCE_DIR}/tools/cmake/package")

install(TARGETS thxc thx_runtime_core thx_runtime EXPORT ThxTargets
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/runtime/include/thx"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT ThxTargets NAMESPACE Thx:: DESTINATION "${package}")
export(EXPORT ThxTargets NAMESPACE Thx:: FILE "${PROJECT_BINARY_DIR}/ThxTargets.cmake")

write_basic_package_version_file("${PROJECT_BINARY_DIR}/ThxConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
foreach(file ThxConfig.cmake ThxAddLibrary.cmake)
  configure_file("${sources}/${file}" "${PROJECT_BINARY_DIR}/${file}" COPYONLY)
endforeach()
install(FILES "${sources}/ThxConfig.cmake" "${sources}/ThxAddLibrary.cmake"
  "${PROJECT_BINARY_DIR}/ThxConfigVersion.cmake" DESTINATION "${package}")

# A moved installation finds itself: pcfiledir is where the .pc file lies.
file(RELATIVE_PATH up "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
foreach(half thx thx-core)
  set(includes "\${pcfiledir}/${up}${CMAKE_INSTALL_INCLUDEDIR}")
  set(libraries "\${pcfiledir}/${up}${CMAKE_INSTALL_LIBDIR}")
  configure_file("${sources}/${half}.pc.in" "${PROJECT_BINARY_DIR}/install/${half}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/install/${half}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  set(includes "${PROJECT_SOURCE_DIR}/runtime/include")
  set(libraries "${PROJECT_BINARY_DIR}/runtime")
  configure_file("${sources}/${half}.pc.in" "${PROJECT_BINARY_DIR}/pkgconfig/${half}.pc" @ONLY)
endforeach()
