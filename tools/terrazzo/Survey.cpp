// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Report.h"

#include "tools/terrazzo/Device.h"
#include "tools/terrazzo/LaunchWork.h"
#include "tools/terrazzo/Launches.h"
#include "tools/terrazzo/Target.h"

#include "llvm/Support/FormatVariadic.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// The chips of the survey: all that are built in, or those that are named.
static std::optional<std::vector<ChosenChip>>
chipsOf(const SurveyOptions &options, DiagnosticEngine &engine,
        ExitCode &code) {
  if (options.chips.empty())
    return knownChips(allTargets(), engine);
  std::vector<ChosenChip> out;
  for (const std::string &name : options.chips) {
    auto chip = chipNamed(name, engine, code);
    if (!chip)
      return std::nullopt;
    out.push_back(std::move(*chip));
  }
  return out;
}

/// The modeled time of the launches, as they stand, under the default schedule.
static survey::Simulated timeOf(const ChosenChip &chip,
                                const std::vector<LaunchSource> &sources,
                                const std::vector<driver::Prepared> &prepared,
                                const SurveyOptions &options,
                                DiagnosticEngine &engine) {
  survey::Simulated out;
  out.calibration =
      chip.chip.isUncalibrated() ? "modeled, uncalibrated" : "modeled";
  engine.setSilent(true); // what it lacks is said in the table
  size_t before = engine.records().size();
  DeviceLaunch device(prepared.front(), chip, /*timesOnly=*/true);
  double seconds = 0;
  bool ok = true;
  for (size_t i = 0; ok && i < sources.size(); ++i) {
    auto compiled = compileLaunch(sources[i], prepared[i], {}, chip,
                                  options.source, CompileCache(true), engine);
    DeviceLaunch::How how;
    how.timingOnly = true;
    how.read = false;
    ok = compiled && device.run(prepared[i], compiled->artifact, how, engine);
    if (ok)
      seconds += device.modeled->seconds;
  }
  if (ok)
    out.seconds = seconds;
  else if (engine.records().size() > before)
    out.why = engine.records()[before].message;
  engine.setSilent(false);
  return out;
}

/// How long the launches take in the chip's simulator.
static survey::Simulated simulate(const ChosenChip &chip,
                                  const std::vector<LaunchSource> &sources,
                                  const std::vector<driver::Prepared> &prepared,
                                  const SurveyOptions &options,
                                  DiagnosticEngine &engine) {
  survey::Simulated out;
  if (chip.chip.isPeaksOnly())
    out.why = "of some chips only peaks and bandwidth are known";
  else if (chip.target && chip.target->modeled())
    return timeOf(chip, sources, prepared, options, engine);
  else if (chip.target && chip.target->hasCode())
    out.why =
        "of what runs on a machine, `terrazzo run --time` measures the time";
  else
    out.why = "there is no simulator for its family yet";
  return out;
}

/// Nothing after an error, which was reported.
static std::optional<std::optional<double>>
tokensOf(const driver::LaunchFile &file, DiagnosticEngine &engine) {
  if (!file.tokens)
    return std::optional<double>();
  double tokens = 0;
  if (llvm::to_float(file.tokens.text, tokens) && std::isfinite(tokens) &&
      tokens > 0)
    return std::optional(tokens);
  engine.emit(DiagnosticKind::LaunchBadTokens, Where(file.tokens.where),
              file.tokens.text);
  return std::nullopt;
}

/// Where the numbers stand that no answer rested on.
static void sayUnread(const std::vector<ChosenChip> &chips,
                      DiagnosticEngine &engine) {
  engine.setShowRemarks(true);
  for (const ChosenChip &c : chips)
    for (const chip::Chip::Number &number : c.chip.unread())
      engine.emit(DiagnosticKind::ChipUnread,
                  Where(number.part->place(number.key)), number.key,
                  number.section, number.part->name, c.chip.name);
}

static ExitCode write(const survey::Survey &result,
                      const SurveyOptions &options) {
  bool ok = true;
  if (!options.html.empty())
    ok &= writeOutput(options.html, survey::html(result));
  if (!options.json.empty())
    ok &= writeOutput(
        options.json,
        llvm::formatv("{0}\n", llvm::json::Value(survey::json(result))).str());
  if (options.html.empty() && options.json.empty())
    ok &= writeOutput("-", survey::text(result));
  return ok ? Done : InputFault;
}

int terrazzo::tool::survey(const SurveyOptions &options) {
  DiagnosticEngine engine;
  engine.setQuiet(options.quiet);
  engine.setErrorLimit(options.errorLimit);
  ExitCode code = InputFault;
  auto chips = chipsOf(options, engine, code);
  if (!chips)
    return code;
  if (!frontend::addSource(engine, options.file, options.source.limits))
    return InputFault;
  auto file = driver::readLaunchFile(options.launch, engine);
  auto tokens = file ? tokensOf(*file, engine) : std::nullopt;
  if (!tokens)
    return InputFault;
  // Only integers decide what is accessed: the others need no values.
  for (driver::LaunchArg &argument : file->args)
    if (llvm::StringRef(argument.dtype.text).contains("f"))
      argument.init = {};
  auto sources = findLaunches(options, *file, engine);
  auto prepared = sources ? prepareLaunches(*file, *sources, options.source, {},
                                            engine, engine)
                          : std::nullopt;
  auto works = prepared ? worksOf(*sources, *prepared, options.source, engine)
                        : std::nullopt;
  if (!works)
    return InputFault;
  survey::Survey result;
  result.launchFile = options.launch;
  result.tokens = *tokens;
  for (const LaunchSource &source : *sources)
    result.kernels.push_back(source.kernel.name);
  result.works = std::move(*works);
  for (const ChosenChip &c : *chips) {
    survey::Row row{c.chip.name,
                    c.chip.family,
                    c.chip.summary,
                    abilityOf(c).str(),
                    {},
                    simulate(c, *sources, *prepared, options, engine)};
    row.bound = survey::boundOf(c.chip, result.works, row.simulated.seconds);
    result.rows.push_back(std::move(row));
  }
  result.sort();
  if (options.unread)
    sayUnread(*chips, engine);
  return write(result, options);
}
