// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/LimitOptions.h"

#include "tools/terrazzo/Commands.h"

#include "llvm/Support/Format.h"

#include <chrono>
#include <sys/resource.h>
#include <unistd.h>

using namespace terrazzo;
using namespace terrazzo::tool;

namespace {
struct Known {
  llvm::StringLiteral name;
  uint64_t Limits::*value;
  uint64_t standard, lowest, highest;
  llvm::StringLiteral what;
};
} // namespace

static const Known known[] = {
#define TERRAZZO_LIMIT(name, standard, lowest, highest, what)                  \
  {#name, &Limits::name, standard, lowest, highest, what},
    TERRAZZO_LIMITS
#undef TERRAZZO_LIMIT
};

static std::string names() {
  std::vector<llvm::StringRef> out;
  for (const Known &k : known)
    out.push_back(k.name);
  return llvm::join(out, ", ");
}

bool terrazzo::tool::readLimits(llvm::StringRef text, Limits &limits,
                                DiagnosticEngine &engine) {
  llvm::SmallVector<llvm::StringRef> parts, given;
  text.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts) {
    auto [name, number] = part.split('=');
    name = name.trim();
    auto *k =
        llvm::find_if(known, [&](const Known &k) { return k.name == name; });
    if (k == std::end(known)) {
      engine.emit(DiagnosticKind::UnknownLimit, Where(), name, names());
      return false;
    }
    uint64_t n;
    if (number.trim().getAsInteger(10, n) || n < k->lowest || n > k->highest) {
      engine.emit(DiagnosticKind::BadLimit, Where(), name,
                  std::to_string(k->lowest), std::to_string(k->highest),
                  number.trim());
      return false;
    }
    if (llvm::is_contained(given, name)) {
      engine.emit(DiagnosticKind::RepeatedLimit, Where(), name);
      return false;
    }
    given.push_back(name);
    limits.*(k->value) = n;
  }
  return true;
}

std::string terrazzo::tool::limitsText() {
  std::string out;
  llvm::raw_string_ostream os(out);
  for (const Known &k : known)
    os << llvm::format("  %-11s %10llu  ", k.name.data(),
                       (unsigned long long)k.standard)
       << k.what << "\n";
  return out;
}

void terrazzo::tool::capMemory(const Limits &limits) {
  if (!limits.memory)
    return;
  rlimit most;
  if (getrlimit(RLIMIT_AS, &most) == 0) {
    most.rlim_cur = std::min<rlim_t>(most.rlim_max, limits.memory);
    setrlimit(RLIMIT_AS, &most);
  }
}

Deadline::Deadline(const Limits &limits)
    : watch([this, seconds = limits.seconds] {
        std::unique_lock<std::mutex> lock(mutex);
        if (ended.wait_for(lock, std::chrono::seconds(seconds),
                           [this] { return isOver; }))
          return;
        // The compiler cannot be stopped where it is; nothing of it is kept.
        DiagnosticEngine engine;
        engine.emit(DiagnosticKind::OutOfTime, Where(),
                    std::to_string(seconds));
        _exit(InputFault);
      }) {}

Deadline::~Deadline() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    isOver = true;
  }
  ended.notify_one();
  watch.join();
}
