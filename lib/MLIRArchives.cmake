# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The interface library TerrazzoMLIR: LLVM's and MLIR's archives by name. Shared
# by the build and by the installed package; expects find_package(MLIR) was done.
#
# The exported static targets carry the shared libLLVM in their link interface,
# and both in one process abort at start; so the archives are named. The linker
# takes from them only what is used.
file(GLOB mlirArchives ${LLVM_LIBRARY_DIR}/libMLIR*.a)
list(FILTER mlirArchives EXCLUDE REGEX "MLIRCAPI|Test|LspServer|Reduce")
set(llvmComponents orcjit x86 nvptx riscv passes irreader bitwriter option
    targetparser mcdisassembler)
execute_process(
  COMMAND ${LLVM_TOOLS_BINARY_DIR}/llvm-config --link-static --libfiles ${llvmComponents}
  OUTPUT_VARIABLE llvmArchives OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(llvmArchives)
if(NOT TARGET TerrazzoMLIR)
  add_library(TerrazzoMLIR INTERFACE)
endif()
find_package(Threads REQUIRED)
target_link_libraries(TerrazzoMLIR INTERFACE
  -Wl,--start-group ${mlirArchives} ${llvmArchives} -Wl,--end-group -Wl,--as-needed z zstd rt dl m Threads::Threads)
