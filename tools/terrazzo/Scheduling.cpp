// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Scheduling.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace terrazzo;
using namespace terrazzo::tool;
using schedule::Entry;
using schedule::Setting;

/// matmul.py's own schedules stand in matmul.schedule.yaml.
static std::string fileBeside(llvm::StringRef kernelFile) {
  llvm::SmallString<128> path(kernelFile);
  llvm::sys::path::replace_extension(path, "schedule.yaml");
  return path.str().str();
}

bool terrazzo::tool::mentionsSchedule(const CommonOptions &options) {
  return !options.schedule.empty() ||
         llvm::sys::fs::exists(fileBeside(options.file));
}

/// The parameters that `@triton.autotune` opens, and the values it lists.
static std::vector<schedule::AuthorParameter>
authorParameters(const frontend::KernelInfo &kernel) {
  std::map<std::string, std::vector<std::string>> values;
  for (const frontend::TuningPoint &point : kernel.space)
    for (const frontend::Argument &a : point.constants)
      values[a.name].push_back(a.text);
  std::vector<schedule::AuthorParameter> out;
  for (auto &[name, list] : values)
    out.push_back({name, std::move(list)});
  return out;
}

/// The entry for this kernel on this chip; null when there is none.
static const Entry *entryFor(const std::vector<Entry> &entries,
                             const frontend::KernelInfo &kernel,
                             const chip::Chip *chip) {
  for (const Entry &e : entries)
    if ((e.kernel.text.empty() || e.kernel.text == kernel.name) &&
        (e.chip.text.empty() || (chip && e.chip.text == chip->name)))
      return &e;
  return nullptr;
}

std::optional<schedule::Schedule> terrazzo::tool::chooseSchedule(
    const CommonOptions &options, const driver::LaunchFile *launch,
    llvm::ArrayRef<frontend::KernelInfo> kernels, size_t number,
    const chip::Chip *chip, DiagnosticEngine &engine) {
  const frontend::KernelInfo &kernel = kernels[number];
  std::vector<std::vector<Setting>> sources;
  std::vector<schedule::Domain> space;
  if (launch) {
    space = launch->space;
    std::vector<std::string> constexprs;
    for (const frontend::ParameterInfo &p : kernel.parameters)
      constexprs.push_back(p.name);
    if (!schedule::checkSpace(space, constexprs, engine))
      return std::nullopt;
  }
  llvm::StringRef given = options.schedule;
  bool isInline = given.trim().starts_with("{");
  if (launch && given != "none")
    sources.push_back(launch->schedule);
  // A file that was asked for must fit a kernel of the run; one that lies
  // beside may be for others.
  std::string path =
      given.empty() || isInline ? fileBeside(options.file) : given.str();
  bool isAsked = !given.empty() && !isInline;
  if (given != "none" && (isAsked || llvm::sys::fs::exists(path))) {
    auto entries = schedule::readFile(path, engine);
    if (!entries)
      return std::nullopt;
    if (const Entry *entry = entryFor(*entries, kernel, chip)) {
      sources.push_back(entry->settings);
      auto said = schedule::resolve({entry->settings}, space,
                                    authorParameters(kernel), engine);
      if (!said)
        return std::nullopt;
      engine.emit(DiagnosticKind::ScheduleTaken, Where(), said->text(), path);
    } else if (isAsked && !entries->empty() &&
               llvm::none_of(kernels, [&](const frontend::KernelInfo &other) {
                 return entryFor(*entries, other, chip);
               })) {
      const Entry &e = entries->front();
      bool otherKernel = !e.kernel.text.empty() && e.kernel.text != kernel.name;
      const schedule::Word &word = otherKernel ? e.kernel : e.chip;
      engine.emit(DiagnosticKind::ScheduleStale, Where(word.where),
                  otherKernel ? "kernel" : "chip", word.text,
                  otherKernel ? kernel.name
                  : chip      ? chip->name
                              : "no chip");
      return std::nullopt;
    }
  }
  if (isInline) {
    auto settings = schedule::readInline(options.schedule, engine);
    if (!settings)
      return std::nullopt;
    sources.push_back(std::move(*settings));
  }
  return schedule::resolve(sources, space, authorParameters(kernel), engine);
}

void terrazzo::tool::setConstants(const schedule::Schedule &schedule,
                                  llvm::SMRange place, Constants &constants) {
  for (const auto &[name, value] : schedule.author) {
    auto same = [&](const auto &c) { return c.first == name; };
    auto at = llvm::find_if(constants, same);
    if (at == constants.end())
      constants.push_back({name, {value, place}});
    else
      at->second.text = value;
  }
}

llvm::json::Object terrazzo::tool::json(const schedule::Schedule &schedule) {
  llvm::json::Object out;
  if (!schedule.coarsen.empty())
    out["coarsen"] = llvm::json::Array(schedule.coarsen);
  if (schedule.kmerge != 1)
    out["kmerge"] = schedule.kmerge;
  if (!schedule.subtile.empty())
    out["subtile"] = llvm::json::Array(schedule.subtile);
  for (const auto &[name, value] : schedule.author) {
    int64_t number = 0;
    if (llvm::StringRef(value).getAsInteger(10, number))
      out[name] = value;
    else
      out[name] = number;
  }
  return out;
}
