# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# How Terrazzo's rooms become CMake targets.

# --- LLVM and MLIR ------------------------------------------------------------
# MLIR's version file accepts only an exact minor, so the major is checked here.
find_package(MLIR CONFIG REQUIRED HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "Terrazzo needs LLVM and MLIR 22, found ${LLVM_PACKAGE_VERSION}; "
                      "`tools/dev build` installs them on Debian")
endif()
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT EXISTS /usr/bin/ld.lld-22)
  message(STATUS "lld-22 not found: using the default linker")
elseif(EXISTS /usr/bin/ld.lld-22)
  add_link_options(-fuse-ld=/usr/bin/ld.lld-22)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/MLIRArchives.cmake)

# --- Compiler -------------------------------------------------------------------
add_compile_options(-Wall -Wextra -Wno-unused-parameter -fno-semantic-interposition
                    -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
# What starts faster, where the system has it (Rationale/Startup.md).
include(CheckCXXSourceRuns)
function(terrazzo_flag_runs variable)
  set(CMAKE_REQUIRED_LINK_OPTIONS ${ARGN})
  check_cxx_source_runs("#include <string>\nint main(int n, char **v) { return std::string(v[0]).empty(); }"
                        ${variable})
endfunction()
terrazzo_flag_runs(TERRAZZO_PACKED_RELOCATIONS -Wl,-z,pack-relative-relocs)
if(TERRAZZO_PACKED_RELOCATIONS)
  add_link_options(-Wl,-z,pack-relative-relocs)
endif()
# A sanitizer replaces functions of the shared C++ library.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  terrazzo_flag_runs(TERRAZZO_STATIC_CXX -static-libstdc++ -static-libgcc)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # clang's precompiled headers need these to be cached.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Xclang> $<$<COMPILE_LANGUAGE:CXX>:-fno-pch-timestamp>)
endif()

# One precompiled header for all rooms: a heavy MLIR file takes 1 s instead of 22.
file(WRITE ${PROJECT_BINARY_DIR}/TerrazzoPch.cpp "// The rooms share this file's precompiled header.\n")
add_library(TerrazzoPch OBJECT ${PROJECT_BINARY_DIR}/TerrazzoPch.cpp)
target_include_directories(TerrazzoPch SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_precompile_headers(TerrazzoPch PRIVATE ${PROJECT_SOURCE_DIR}/lib/Precompiled.h)

# --- Rooms ----------------------------------------------------------------------
# terrazzo_add_library(<Room> SOURCES ... [LINK ...] [NO_PCH] [GENERATED_DEPENDS ...])
function(terrazzo_add_library room)
  cmake_parse_arguments(ARG "NO_PCH" "" "SOURCES;LINK;GENERATED_DEPENDS" ${ARGN})
  add_library(Terrazzo${room} STATIC ${ARG_SOURCES})
  add_library(Terrazzo::${room} ALIAS Terrazzo${room})
  target_link_libraries(Terrazzo${room} PUBLIC ${ARG_LINK})
  if(NOT ARG_NO_PCH)
    target_precompile_headers(Terrazzo${room} REUSE_FROM TerrazzoPch)
  endif()
  if(ARG_GENERATED_DEPENDS)
    add_dependencies(Terrazzo${room} ${ARG_GENERATED_DEPENDS})
  endif()
  # Whatever a dialect's TableGen makes must exist before any file is compiled.
  if(TARGET terrazzo-headers AND NOT room MATCHES "^Numerics$")
    add_dependencies(Terrazzo${room} terrazzo-headers)
  endif()
  set_target_properties(Terrazzo${room} PROPERTIES EXPORT_NAME ${room})
  install(TARGETS Terrazzo${room} EXPORT TerrazzoTargets ARCHIVE DESTINATION lib)
endfunction()

# terrazzo_add_chips(<Family>): the files of targets/<Family>/chips as the function
# `terrazzo::<family>::chipFiles()`: a program needs no folder at run time. A new
# file is found by itself.
function(terrazzo_add_chips family)
  string(TOLOWER ${family} namespace)
  file(GLOB chips CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/chips/*.yaml)
  set(entries)
  foreach(chip IN LISTS chips)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${chip})
    file(READ ${chip} text)
    cmake_path(GET chip FILENAME name)
    string(APPEND entries "    {\"targets/${family}/chips/${name}\", R\"yaml(${text})yaml\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT Chips.cpp @ONLY CONTENT [[
// Made from targets/@family@/chips by terrazzo_add_chips.
#include "lib/Chip/Chip.h"

namespace terrazzo::@namespace@ {
std::vector<chip::File> chipFiles();
}
std::vector<terrazzo::chip::File> terrazzo::@namespace@::chipFiles() {
  return {
@entries@  };
}
]])
  terrazzo_add_library(${family}Chips SOURCES ${CMAKE_CURRENT_BINARY_DIR}/Chips.cpp LINK TerrazzoChip)
  set_property(GLOBAL APPEND PROPERTY TERRAZZO_FAMILIES ${family})
endfunction()

# terrazzo_add_tool(<name> SOURCES ... [LINK ...] [NO_PCH]): a program in bin/.
function(terrazzo_add_tool name)
  cmake_parse_arguments(ARG "NO_PCH" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} TerrazzoMLIR)
  if(TERRAZZO_STATIC_CXX)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  if(NOT ARG_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM TerrazzoPch)
  endif()
  if(TARGET terrazzo-headers)
    add_dependencies(${name} terrazzo-headers)
  endif()
endfunction()

# terrazzo_add_unittest(<Room> SOURCES ... [LINK ...] [NO_PCH]): bin/<Room>Tests.
function(terrazzo_add_unittest room)
  cmake_parse_arguments(ARG "NO_PCH" "" "SOURCES;LINK" ${ARGN})
  set(pch)
  if(ARG_NO_PCH)
    set(pch NO_PCH)
  endif()
  terrazzo_add_tool(${room}Tests SOURCES ${ARG_SOURCES}
                    LINK ${ARG_LINK} GTest::gtest GTest::gtest_main ${pch})
  set_target_properties(${room}Tests PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/Unit)
endfunction()
if(TERRAZZO_TESTS)
  find_package(GTest REQUIRED)
endif()

# What TableGen makes hangs on this target; the dialects add to it.
add_custom_target(terrazzo-headers)

# --- Installation -----------------------------------------------------------------
# terrazzo_install(): headers, libraries, and what find_package(Terrazzo) reads.
function(terrazzo_install)
  include(CMakePackageConfigHelpers)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/terrazzo DESTINATION include)
  if(EXISTS ${PROJECT_SOURCE_DIR}/include/terrazzo-c)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/terrazzo-c DESTINATION include)
  endif()
  install(EXPORT TerrazzoTargets NAMESPACE Terrazzo:: DESTINATION lib/cmake/Terrazzo)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/lib/TerrazzoConfig.cmake.in
    ${PROJECT_BINARY_DIR}/TerrazzoConfig.cmake INSTALL_DESTINATION lib/cmake/Terrazzo)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/TerrazzoConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/TerrazzoConfig.cmake
    ${PROJECT_BINARY_DIR}/TerrazzoConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/lib/MLIRArchives.cmake DESTINATION lib/cmake/Terrazzo)
  add_custom_target(uninstall
    COMMAND xargs -d '\\n' rm -fv < ${PROJECT_BINARY_DIR}/install_manifest.txt VERBATIM)
endfunction()
