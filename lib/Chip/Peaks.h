// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a chip as a whole can do in a second, from what its file says of parts.
#ifndef TERRAZZO_LIB_CHIP_PEAKS_H
#define TERRAZZO_LIB_CHIP_PEAKS_H

#include "lib/Chip/Chip.h"

namespace terrazzo::chip {

struct Rate {
  double perSecond = 0;
  Tag tag = Tag::Published; // of the worst number that it rests on
};

/// Bytes a second from and to the memory `global`.
std::optional<Rate> globalBandwidth(const Chip &chip);

/// Operations a second of the number \p key of a part of `matrix` or `vector`.
/// What is said for one cycle needs the clock of its engine and the number of
/// cores: nothing without them.
std::optional<Rate> rateOf(const Chip &chip, const Part &part,
                           llvm::StringRef key);

} // namespace terrazzo::chip

#endif // TERRAZZO_LIB_CHIP_PEAKS_H
