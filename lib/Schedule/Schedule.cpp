// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Schedule/Schedule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace terrazzo;
using namespace terrazzo::schedule;

/// Programs or steps that become one, and parts that one becomes: beyond this
/// a block of one element outgrows every memory.
static constexpr int64_t maxFactor = 1024;

/// Keys of every family that say how, not what: no CPU needs them
/// (docs/Spec/Schedule.md).
static constexpr llvm::StringLiteral otherKeys[] = {
    "stages", "roles", "replicas",  "split",    "channels",
    "group",  "order", "resident",  "packing",  "precision",
    "unroll", "fuse",  "num_warps", "num_ctas", "num_stages"};
static constexpr llvm::StringLiteral ownKeys[] = {"coarsen", "kmerge",
                                                  "subtile"};

static bool isCompilerKey(llvm::StringRef key) {
  // A key of a family, `hopper.mma_in_flight`, is that family's business.
  return llvm::is_contained(ownKeys, key) ||
         llvm::is_contained(otherKeys, key) || key.contains('.');
}

static std::string list(llvm::ArrayRef<int64_t> values) {
  std::vector<std::string> words;
  for (int64_t v : values)
    words.push_back(std::to_string(v));
  return "[" + llvm::join(words, ", ") + "]";
}
static bool isOnes(llvm::ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t v) { return v == 1; });
}

std::string Schedule::text() const {
  std::map<std::string, std::string> words(author.begin(), author.end());
  if (!isOnes(coarsen))
    words["coarsen"] = list(coarsen);
  if (kmerge != 1)
    words["kmerge"] = std::to_string(kmerge);
  if (!isOnes(subtile))
    words["subtile"] = list(subtile);
  std::string out;
  for (const auto &[key, value] : words)
    out += (out.empty() ? "" : ", ") + key + ": " + value;
  return "{" + out + "}";
}

static std::string textOf(const Setting &setting) {
  std::vector<std::string> words;
  for (const Word &w : setting.values)
    words.push_back(w.text);
  std::string text = llvm::join(words, ", ");
  return setting.isList ? "[" + text + "]" : text;
}

namespace {

class Resolver {
public:
  Resolver(llvm::ArrayRef<Domain> space, llvm::ArrayRef<AuthorParameter> author,
           DiagnosticEngine &engine)
      : space(space), author(author), engine(engine) {}
  bool add(const Setting &setting);
  Schedule out;

private:
  std::optional<std::vector<int64_t>> numbers(const Setting &setting,
                                              size_t most);
  bool isCount(const Setting &setting);
  bool isInSpace(const Setting &setting);
  bool addAuthor(const Setting &setting);

  llvm::ArrayRef<Domain> space;
  llvm::ArrayRef<AuthorParameter> author;
  DiagnosticEngine &engine;
};

} // namespace

std::optional<std::vector<int64_t>> Resolver::numbers(const Setting &setting,
                                                      size_t most) {
  auto refuse = [&](llvm::SMRange where) {
    std::string whole = "a whole number from 1 to " + std::to_string(maxFactor);
    if (most > 1)
      whole = "one to " + std::to_string(most) + " whole numbers from 1 to " +
              std::to_string(maxFactor);
    engine.emit(DiagnosticKind::ScheduleExpected, Where(where),
                setting.key.text, whole);
    return std::nullopt;
  };
  if (setting.isOpaque || setting.values.empty() ||
      setting.values.size() > most || (setting.isList && most == 1))
    return refuse(setting.key.where);
  std::vector<int64_t> out;
  for (const Word &w : setting.values) {
    int64_t n = 0;
    if (llvm::StringRef(w.text).getAsInteger(10, n) || n < 1 || n > maxFactor)
      return refuse(w.where);
    out.push_back(n);
  }
  return out;
}

/// What counts something is held to that, even where nobody counts.
bool Resolver::isCount(const Setting &setting) {
  static constexpr llvm::StringLiteral counts[] = {"num_warps", "num_ctas",
                                                   "num_stages", "stages"};
  if (!llvm::is_contained(counts, setting.key.text))
    return true;
  // Triton itself has loops without stages.
  int64_t least = llvm::StringRef(setting.key.text).ends_with("stages") ? 0 : 1;
  bool isOne = !setting.isOpaque && !setting.isList && !setting.values.empty();
  int64_t n = 0;
  if (isOne && !llvm::StringRef(setting.values[0].text).getAsInteger(10, n) &&
      n >= least && n <= maxFactor)
    return true;
  engine.emit(DiagnosticKind::ScheduleExpected,
              Where(isOne ? setting.values[0].where : setting.key.where),
              setting.key.text,
              "a whole number from " + std::to_string(least) + " to " +
                  std::to_string(maxFactor));
  return false;
}

/// A `space` bounds what a schedule may choose.
bool Resolver::isInSpace(const Setting &setting) {
  for (const Domain &domain : space) {
    if (domain.key.text != setting.key.text)
      continue;
    std::vector<std::string> points;
    for (const Setting &p : domain.points)
      points.push_back(textOf(p));
    if (llvm::is_contained(points, textOf(setting)))
      return true;
    engine.emit(DiagnosticKind::ScheduleNotInSpace, Where(setting.key.where),
                setting.key.text, textOf(setting), llvm::join(points, ", "));
    return false;
  }
  return true;
}

bool Resolver::addAuthor(const Setting &setting) {
  const std::string &key = setting.key.text;
  bool isOpen =
      llvm::any_of(space, [&](const Domain &d) { return d.key.text == key; });
  for (const AuthorParameter &p : author) {
    if (p.name != key || isOpen || p.values.empty())
      continue;
    isOpen = true;
    if (!llvm::is_contained(p.values, textOf(setting))) {
      engine.emit(DiagnosticKind::ScheduleNotInSpace, Where(setting.key.where),
                  key, textOf(setting), llvm::join(p.values, ", "));
      return false;
    }
  }
  if (!isOpen || setting.isList || setting.isOpaque) {
    auto d = engine.emit(DiagnosticKind::ScheduleUnknownKey,
                         Where(setting.key.where), key);
    for (llvm::StringRef known : ownKeys)
      if (known.edit_distance(key) < 3)
        d.note(DiagnosticKind::DidYouMean, known);
    d.report();
    return false;
  }
  llvm::erase_if(out.author, [&](const auto &p) { return p.first == key; });
  out.author.emplace_back(key, setting.values[0].text);
  llvm::sort(out.author);
  return true;
}

bool Resolver::add(const Setting &setting) {
  llvm::StringRef key = setting.key.text;
  if (!isCompilerKey(key))
    return isInSpace(setting) && addAuthor(setting);
  if (!isInSpace(setting) || !isCount(setting))
    return false;
  if (!llvm::is_contained(ownKeys, key)) {
    engine.emit(DiagnosticKind::ScheduleUnused, Where(setting.key.where), key);
    return true;
  }
  auto values = numbers(setting, key == "kmerge"    ? 1
                                 : key == "coarsen" ? 3
                                                    : 5);
  if (!values)
    return false;
  if (key == "coarsen")
    out.coarsen = *values;
  else if (key == "subtile")
    out.subtile = *values;
  else
    out.kmerge = values->front();
  return true;
}

std::optional<Schedule> terrazzo::schedule::resolve(
    llvm::ArrayRef<std::vector<Setting>> sources, llvm::ArrayRef<Domain> space,
    llvm::ArrayRef<AuthorParameter> author, DiagnosticEngine &engine) {
  Resolver resolver(space, author, engine);
  for (const std::vector<Setting> &source : sources)
    for (const Setting &setting : source)
      if (!resolver.add(setting))
        return std::nullopt;
  return resolver.out;
}

bool terrazzo::schedule::checkSpace(llvm::ArrayRef<Domain> space,
                                    llvm::ArrayRef<std::string> constexprs,
                                    DiagnosticEngine &engine) {
  for (const Domain &domain : space) {
    if (isCompilerKey(domain.key.text) ||
        llvm::is_contained(constexprs, domain.key.text))
      continue;
    engine.emit(DiagnosticKind::ScheduleUnknownKey, Where(domain.key.where),
                domain.key.text);
    return false;
  }
  return true;
}
