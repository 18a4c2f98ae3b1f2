// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/LaunchReport.h"

#include "tools/terrazzo/Scheduling.h"
#include "tools/terrazzo/Semantics.h"

#include "lib/Artifact/Sha256.h"
#include "lib/Survey/Bounds.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// What was said, as records.
static llvm::json::Array messages(const std::vector<DiagnosticRecord> &said) {
  llvm::json::Array out;
  for (const DiagnosticRecord &r : said)
    out.push_back(llvm::json::Object{{"severity", severityName(r.severity())},
                                     {"kind", r.name()},
                                     {"message", r.message},
                                     {"file", r.where.file},
                                     {"line", r.where.line},
                                     {"column", r.where.column}});
  return out;
}

static llvm::json::Object json(const cpu::Measurement &m) {
  return llvm::json::Object{{"seconds", m.seconds},
                            {"kind", "measured"},
                            {"rounds", m.rounds},
                            {"min", m.min},
                            {"max", m.max}};
}

/// How far a modeled time can be trusted.
static llvm::StringRef calibration(const chip::Chip &chip) {
  return chip.isUncalibrated() ? "uncalibrated" : "published";
}

static llvm::json::Object json(const simulator::Result &r,
                               const chip::Chip &chip) {
  return llvm::json::Object{{"seconds", r.seconds},
                            {"dispatch", r.dispatch},
                            {"kind", "modeled"},
                            {"calibration", calibration(chip)}};
}

/// What the simulator counted, by engine.
static void addCounters(llvm::json::Object &counters,
                        const simulator::Result &r) {
  counters["instructions"] = int64_t(r.instructions);
  counters["bytes_read"] = r.bytesRead;
  counters["bytes_written"] = r.bytesWritten;
  counters["waiting_s"] = r.waiting;
  counters["host_s"] = r.host; // of the simulation itself
  llvm::json::Object engines;
  for (const auto &[name, count] : r.engines)
    engines[name] =
        llvm::json::Object{{"busy_s", count.busy},
                           {"instructions", int64_t(count.instructions)},
                           {"bytes", count.bytes}};
  counters["engines"] = std::move(engines);
}

/// 12.3 us, 4.56 ms.
static std::string duration(double seconds) {
  double scale = seconds < 1e-3 ? 1e6 : seconds < 1 ? 1e3 : 1;
  llvm::StringRef unit = seconds < 1e-3 ? "us" : seconds < 1 ? "ms" : "s";
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.4g ", seconds * scale) << unit;
  return text;
}

llvm::json::Object terrazzo::tool::json(const LaunchRun &run,
                                        const RunOptions &options,
                                        const std::string &on,
                                        const chip::Chip &chip,
                                        const Check *check) {
  llvm::json::Object phases;
  if (run.compiled)
    for (const auto &[phase, seconds] : run.compiled->seconds)
      phases[phase] = seconds;
  else
    phases["kernel"] = run.frontendSeconds;
  llvm::json::Object object{
      {"kernel", run.kernel.name},
      {"target", options.target},
      {"chip", on},
      {"schedule", json(run.schedule)},
      {"compile_s", std::move(phases)},
      {"diagnostics", messages(run.messages)},
      {"counters", llvm::json::Object{{"programs", run.programs},
                                      {"fallbacks", run.fallbacks}}}};
  if (run.compiled) {
    object["artifact"] = llvm::json::Object{
        {"bytes", run.compiled->bytes.size()},
        {"hash", artifact::hex(artifact::sha256(run.compiled->bytes))}};
    object["time"] =
        run.modeled ? ::json(*run.modeled, chip) : ::json(*run.measurement);
    if (run.modeled)
      addCounters(*object["counters"].getAsObject(), *run.modeled);
  }
  if (run.work) {
    survey::Bound bound = survey::boundOf(chip, {*run.work});
    object["bytes"] = run.work->bytes();
    object["flops"] = run.work->operations();
    object["roofline"] = nullptr;
    if (bound.seconds)
      object["roofline"] = llvm::json::Object{{"seconds", *bound.seconds},
                                              {"bound_by", bound.boundBy}};
  }
  if (check)
    object["check"] = check->json();
  if (run.semantics)
    object["semantics"] = json(*run.semantics);
  return object;
}

std::string terrazzo::tool::headline(const LaunchRun &run,
                                     const std::string &chip) {
  return llvm::formatv("{0}: {1} programs on {2}", run.kernel.name,
                       run.programs, chip)
      .str();
}

std::string terrazzo::tool::details(const LaunchRun &run,
                                    const ChosenChip &chip, bool timed) {
  std::string out;
  if (run.semantics)
    out += text(*run.semantics);
  if (run.modeled && timed) {
    const simulator::Result &r = *run.modeled;
    out += llvm::formatv("  {0}, modeled, {1} (and {2} of dispatch); {3} "
                         "instructions\n",
                         duration(r.seconds), calibration(chip.chip),
                         duration(r.dispatch), r.instructions)
               .str();
    for (const auto &[name, count] : r.engines)
      out += llvm::formatv("    {0}: {1} busy, {2} instructions, {3} bytes\n",
                           name, duration(count.busy), count.instructions,
                           count.bytes)
                 .str();
  }
  if (run.measurement && timed) {
    const cpu::Measurement &m = *run.measurement;
    out += llvm::formatv(
               "  {0}, the median of {1} rounds (measured; {2} to {3})\n",
               duration(m.seconds), m.rounds, duration(m.min), duration(m.max))
               .str();
  }
  return out;
}
