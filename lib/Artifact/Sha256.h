// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SHA-256 (FIPS 180-4): names what is in the cache, and tells a torn artifact
// from a whole one.
#ifndef TERRAZZO_LIB_ARTIFACT_SHA256_H
#define TERRAZZO_LIB_ARTIFACT_SHA256_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace terrazzo::artifact {

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::string_view bytes);
std::string hex(const Digest &digest);

} // namespace terrazzo::artifact

#endif // TERRAZZO_LIB_ARTIFACT_SHA256_H
