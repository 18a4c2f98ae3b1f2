// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Diagnostics/Progress.h"

#include <unistd.h>

using namespace terrazzo;

/// Short work needs no line, and nobody reads more than a few lines a second.
static constexpr std::chrono::milliseconds patience(500), interval(100);

/// Back to the start of the line, and nothing behind.
static constexpr char erase[] = "\r\x1b[K";

static std::atomic<bool> lineIsThere{false};

void terrazzo::eraseProgress() {
  if (lineIsThere.exchange(false)) {
    [[maybe_unused]] ssize_t n = write(STDERR_FILENO, erase, sizeof erase - 1);
  }
}

bool DiagnosticEngine::showsProgress() const {
  // Colours are what a terminal has that understands how to erase a line.
  return os.is_displayed() && os.has_colors() && !quiet && !silent;
}

void DiagnosticEngine::setProgress(llvm::StringRef line) {
  std::lock_guard<std::mutex> lock(mutex);
  putProgress(line);
}

void DiagnosticEngine::putProgress(llvm::StringRef line) {
  if (!showsProgress() ||
      (!lineIsThere.exchange(!line.empty()) && line.empty()))
    return;
  os << erase << line;
  os.flush();
}

Progress::Progress(DiagnosticEngine &engine, llvm::StringRef what, int64_t all,
                   DrawnBy drawnBy)
    : engine(engine), what(what), all(all), isShown(engine.showsProgress()),
      drawnBy(drawnBy), next(std::chrono::steady_clock::now() + patience) {
  if (isShown && drawnBy == DrawnBy::Clock)
    clock = std::thread([this] {
      std::unique_lock<std::mutex> lock(mutex);
      while (!ended.wait_until(lock, next, [this] { return hasEnded; }))
        draw();
    });
}

Progress::~Progress() {
  if (clock.joinable()) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      hasEnded = true;
    }
    ended.notify_one();
    clock.join();
  }
  if (isShown)
    engine.setProgress("");
}

void Progress::draw() {
  std::string line = what + " " + std::to_string(done.load());
  if (all)
    line += "/" + std::to_string(all);
  engine.setProgress(line);
  next = std::chrono::steady_clock::now() + interval;
}

void Progress::step() {
  ++done;
  if (isShown && drawnBy == DrawnBy::Steps &&
      std::chrono::steady_clock::now() >= next)
    draw();
}
