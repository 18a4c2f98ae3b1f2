// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Simulator/CoreMemory.h"

#include <algorithm>

using namespace terrazzo;
using namespace terrazzo::simulator;

CoreMemory::CoreMemory(const Program &program)
    : bytes(program.memories.size()), owners(program.memories.size()) {
  std::vector<int64_t> used(program.memories.size());
  for (const Allocation &a : program.allocations)
    used[a.memory] = std::max(used[a.memory], a.address + a.bytes);
  for (size_t m = 0; m < used.size(); ++m) {
    bytes[m].resize(used[m]);
    owners[m].resize(used[m]);
  }
  for (const Allocation &a : program.allocations)
    at.push_back({bytes[a.memory].data() + a.address,
                  owners[a.memory].data() + a.address, a.bytes});
}

void CoreMemory::reset() {
  for (auto &memory : bytes)
    std::fill(memory.begin(), memory.end(), char(0xCB));
  for (auto &memory : owners)
    std::fill(memory.begin(), memory.end(), Owner(0));
  for (Place &place : at) {
    place.owned = 0;
    place.touched = false;
  }
}

bool CoreMemory::flag(int allocation, int64_t from, int64_t stride, int64_t n,
                      int64_t size, uint8_t *flags) const {
  const Place &place = at[allocation];
  if (place.owned == place.bytes)
    return false;
  Owner mine = Owner(allocation + 1);
  bool any = false;
  for (int64_t i = 0; i < n; ++i) {
    const Owner *owner = place.owner + from + i * stride;
    bool missing = false;
    for (int64_t b = 0; b < size; ++b)
      missing |= owner[b] != mine;
    any |= missing;
    if (flags)
      flags[i] |= missing;
  }
  return any;
}

void CoreMemory::own(Owner mine, Owner *owner, int64_t bytes) {
  for (int64_t b = 0; b < bytes; ++b) {
    if (owner[b] == mine)
      continue;
    if (owner[b])
      --at[owner[b] - 1].owned;
    owner[b] = mine;
    if (mine)
      ++at[mine - 1].owned;
  }
}

void CoreMemory::write(int allocation, int64_t from, int64_t stride, int64_t n,
                       int64_t size, const uint8_t *flags) {
  Place &place = at[allocation];
  place.touched = true;
  if (place.owned == place.bytes && !flags)
    return;
  Owner mine = Owner(allocation + 1);
  if (stride == size && !flags)
    return own(mine, place.owner + from, n * size);
  for (int64_t i = 0; i < n; ++i) {
    Owner *owner = place.owner + from + i * stride;
    if (!flags || !flags[i])
      own(mine, owner, size);
    else // what is written there has no value
      for (int64_t b = 0; b < size; ++b)
        if (owner[b] == mine)
          own(0, owner + b, 1);
  }
}
