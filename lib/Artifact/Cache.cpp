// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Artifact/Cache.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace terrazzo::artifact;

static constexpr std::string_view suffix = ".artifact";

std::string Cache::defaultFolder() {
  const char *base = getenv("XDG_CACHE_HOME");
  if (base && *base == '/') // a relative one is to be ignored (XDG)
    return std::string(base) + "/terrazzo";
  const char *home = getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/terrazzo" : "";
}

std::string Cache::pathOf(const std::string &key) const {
  return folder + "/" + key + std::string(suffix);
}

/// A folder (no link to one) that only we can write or read.
bool Cache::isOurs() const {
  struct stat s;
  return !folder.empty() && lstat(folder.c_str(), &s) == 0 &&
         S_ISDIR(s.st_mode) && s.st_uid == geteuid() && (s.st_mode & 077) == 0;
}

namespace {
struct File {
  std::string path;
  uint64_t bytes;
  timespec used;
};
struct Descriptor {
  explicit Descriptor(int fd) : fd(fd) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor() {
    if (fd >= 0)
      close(fd);
  }
  int fd;
};
} // namespace

/// The files that the cache wrote, temporary ones that a crash left behind
/// included.
static std::vector<File> filesOf(const std::string &folder) {
  std::vector<File> out;
  DIR *dir = opendir(folder.c_str());
  if (!dir)
    return out;
  while (dirent *entry = readdir(dir)) {
    std::string name = entry->d_name;
    struct stat s;
    if (name.find(suffix) == std::string::npos ||
        fstatat(dirfd(dir), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(s.st_mode))
      continue;
    out.push_back({folder + "/" + name, uint64_t(s.st_size), s.st_mtim});
  }
  closedir(dir);
  return out;
}

std::optional<std::string> Cache::get(const std::string &key) const {
  if (!isOurs())
    return std::nullopt;
  Descriptor file(open(pathOf(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat s;
  if (file.fd < 0 || fstat(file.fd, &s) != 0 || !S_ISREG(s.st_mode) ||
      s.st_uid != geteuid() || uint64_t(s.st_size) > limit)
    return std::nullopt;
  std::string bytes(size_t(s.st_size), 0);
  for (size_t done = 0; done < bytes.size();) {
    ssize_t n = ::read(file.fd, bytes.data() + done, bytes.size() - done);
    if (n <= 0 && !(n < 0 && errno == EINTR))
      return std::nullopt;
    done += n > 0 ? size_t(n) : 0;
  }
  futimens(file.fd, nullptr); // used now
  return bytes;
}

static bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes.remove_prefix(size_t(n));
  }
  return true;
}

/// A file without a name is gone with the program that writes it, however that
/// ends. Nothing where the file system has none such.
static std::optional<bool> putNameless(const std::string &folder,
                                       const std::string &path,
                                       std::string_view bytes) {
  Descriptor file(open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
  if (file.fd < 0)
    return std::nullopt;
  if (!writeAll(file.fd, bytes))
    return false;
  std::string self = "/proc/self/fd/" + std::to_string(file.fd);
  for (int tries = 0; tries < 8; ++tries) {
    if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(),
               AT_SYMLINK_FOLLOW) == 0)
      return true;
    if (errno != EEXIST)
      return std::nullopt; // no /proc
    unlink(path.c_str());  // whoever reads it still has it
  }
  return false; // others write it all the time
}

/// Under another name first, so that nobody sees half of it.
static bool putRenamed(const std::string &path, std::string_view bytes) {
  static std::atomic<unsigned> count{0};
  std::string temporary =
      path + "." + std::to_string(getpid()) + "." + std::to_string(count++);
  bool ok;
  {
    Descriptor file(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.fd < 0)
      return false;
    ok = writeAll(file.fd, bytes);
  }
  ok = ok && rename(temporary.c_str(), path.c_str()) == 0;
  if (!ok)
    unlink(temporary.c_str());
  return ok;
}

bool Cache::put(const std::string &key, std::string_view bytes) const {
  if (folder.empty() || bytes.size() > limit)
    return false;
  std::error_code ignored;
  std::filesystem::create_directories(
      std::filesystem::path(folder).parent_path(), ignored);
  mkdir(folder.c_str(), 0700);
  if (!isOurs())
    return false;
  std::string path = pathOf(key);
  auto done = putNameless(folder, path, bytes);
  bool ok = done ? *done : putRenamed(path, bytes);
  evict();
  return ok;
}

void Cache::evict() const {
  std::vector<File> files = filesOf(folder);
  uint64_t total = 0;
  for (const File &f : files)
    total += f.bytes;
  if (total <= limit)
    return;
  std::sort(files.begin(), files.end(), [](const File &a, const File &b) {
    return a.used.tv_sec != b.used.tv_sec ? a.used.tv_sec < b.used.tv_sec
                                          : a.used.tv_nsec < b.used.tv_nsec;
  });
  for (const File &f : files) {
    if (total <= limit)
      return;
    if (unlink(f.path.c_str()) == 0)
      total -= f.bytes;
  }
}

Cache::Usage Cache::usage() const {
  Usage u;
  if (isOurs())
    for (const File &f : filesOf(folder)) {
      ++u.files;
      u.bytes += f.bytes;
    }
  return u;
}

Cache::Usage Cache::clear() const {
  Usage u;
  if (isOurs())
    for (const File &f : filesOf(folder))
      if (unlink(f.path.c_str()) == 0) {
        ++u.files;
        u.bytes += f.bytes;
      }
  return u;
}

std::string Cache::fault() const {
  if (folder.empty())
    return "neither XDG_CACHE_HOME nor HOME is set";
  struct stat s;
  if (lstat(folder.c_str(), &s) == 0 && !isOurs())
    return folder + " is no folder that only you can read and write";
  std::string key = "probe";
  if (!put(key, "probe"))
    return std::string("cannot write to ") + folder;
  unlink(pathOf(key).c_str());
  return "";
}
