# SPDX-License-Identifier: Apache-2.0
# find_package(Thx): the compiler Thx::thxc, the runtime Thx::core (freestanding) and Thx::hosted
# (files), and thx_add_library.
include("${CMAKE_CURRENT_LIST_DIR}/ThxTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ThxAddLibrary.cmake")
