// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files by the hash of all that they were made from. The folder is the owner's
// alone; a file appears whole or not at all, and what cannot be read is a miss.
#ifndef TERRAZZO_LIB_ARTIFACT_CACHE_H
#define TERRAZZO_LIB_ARTIFACT_CACHE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace terrazzo::artifact {

class Cache {
public:
  static constexpr uint64_t defaultLimit = uint64_t(256) << 20;

  /// A cache in \p folder, which is made at the first `put`.
  explicit Cache(std::string folder, uint64_t limit = defaultLimit)
      : folder(std::move(folder)), limit(limit) {}

  /// $XDG_CACHE_HOME/terrazzo, or ~/.cache/terrazzo; empty when neither is set.
  static std::string defaultFolder();

  /// \p key is a hash in hexadecimal.
  std::optional<std::string> get(const std::string &key) const;
  /// False when it could not be kept; a cache that does not work is slow, not
  /// wrong. Takes the least recently used files away above the limit.
  bool put(const std::string &key, std::string_view bytes) const;

  struct Usage {
    uint64_t files = 0, bytes = 0;
  };
  Usage usage() const;
  /// Removes what the cache wrote, and nothing else. What was there.
  Usage clear() const;
  /// Empty when files can be kept; else why not.
  std::string fault() const;

private:
  bool isOurs() const;
  std::string pathOf(const std::string &key) const;
  void evict() const;

  std::string folder;
  uint64_t limit;
};

} // namespace terrazzo::artifact

#endif // TERRAZZO_LIB_ARTIFACT_CACHE_H
