// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// HiF8: eight bits whose prefix says how many of them are exponent, so that
// numbers near 1 have three bits of mantissa and those far away have one.
#ifndef TERRAZZO_LIB_NUMERICS_HIF8_H
#define TERRAZZO_LIB_NUMERICS_HIF8_H

#include "lib/Numerics/Format.h"

namespace terrazzo::numerics {

double decodeHiF8(uint8_t code);
/// Nearest, ties to the even code (or away from zero). Beyond 1.25 * 2^15 lies
/// infinity, or the largest number 2^15 when saturating. There is no -0.
uint8_t encodeHiF8(double value, bool tiesAway = false,
                   Overflow overflow = Overflow::Standard);

} // namespace terrazzo::numerics

#endif // TERRAZZO_LIB_NUMERICS_HIF8_H
