// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Footprint.h"

#include "lib/Driver/Binding.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace terrazzo;
using namespace terrazzo::driver;

uint64_t Footprint::bytesEach(const interpreter::ElementType &type) const {
  // Value, reference and error of a float, the integer of others; the flags.
  uint64_t cell = type.isFloat() ? 3 * sizeof(double) + 1 : sizeof(int64_t) + 1;
  return oracle * cell + device * uint64_t(elementBytes(type));
}

/// The number that a file of the system begins with, or has behind \p key.
static std::optional<uint64_t> numberIn(const char *path,
                                        llvm::StringRef key = "") {
  // These files have no size: they are read as streams.
  auto file = llvm::MemoryBuffer::getFileAsStream(path);
  if (!file)
    return std::nullopt;
  llvm::StringRef text = (*file)->getBuffer();
  size_t at = text.find(key);
  uint64_t n;
  if (at == llvm::StringRef::npos ||
      text.drop_front(at + key.size()).ltrim().consumeInteger(10, n))
    return std::nullopt;
  return n;
}

uint64_t terrazzo::driver::memoryThere(const Limits &limits) {
  uint64_t most = limits.memory ? limits.memory : UINT64_MAX;
  constexpr uint64_t kibi = 1024;
  if (auto there = numberIn("/proc/meminfo", "MemAvailable:"))
    most = std::min(
        most,
        (*there + numberIn("/proc/meminfo", "SwapFree:").value_or(0)) * kibi);
  // Of a container; the first is the present way of saying so.
  for (const char *path : {"/sys/fs/cgroup/memory.max",
                           "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (auto allowed = numberIn(path))
      most = std::min(most, *allowed);
  return most;
}
