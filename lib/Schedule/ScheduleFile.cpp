// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Schedules as YAML: in launch files, in files of their own, on the command
// line.
#include "lib/Schedule/Schedule.h"

#include "lib/Yaml/YamlDocument.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"

using namespace terrazzo;
using namespace terrazzo::schedule;
namespace yaml = llvm::yaml;

/// Words of a list; nobody has more axes, or more points of one parameter.
static constexpr size_t maxWords = 64;

namespace {

struct Stop {};

class Reader {
public:
  Reader(DiagnosticEngine &engine, llvm::SMRange top)
      : engine(engine), top(top) {}
  std::vector<Setting> settings(yaml::Node *node, llvm::StringRef what);
  std::vector<Domain> space(yaml::Node *node);
  std::vector<Entry> entries(yaml::Node *node);

private:
  template <typename... Args>
  [[noreturn]] void fail(llvm::SMRange where, DiagnosticKind kind,
                         Args &&...args) {
    engine.emit(kind, Where(where.isValid() ? where : top),
                std::forward<Args>(args)...);
    throw Stop();
  }
  llvm::SMRange whereOf(yaml::Node *node) {
    return node ? node->getSourceRange() : top;
  }
  Word word(yaml::Node *node, llvm::StringRef what) {
    auto *s = llvm::dyn_cast_or_null<yaml::ScalarNode>(node);
    if (!s)
      fail(whereOf(node), DiagnosticKind::ScheduleExpected, what, "one value");
    llvm::SmallString<64> storage;
    return {s->getValue(storage).str(), s->getSourceRange()};
  }
  template <typename F>
  void mapping(yaml::Node *node, llvm::StringRef what, F f) {
    auto *map = llvm::dyn_cast_or_null<yaml::MappingNode>(node);
    if (!map)
      fail(whereOf(node), DiagnosticKind::ScheduleExpected, what,
           "a mapping of keys to values");
    std::vector<std::string> seen;
    for (yaml::KeyValueNode &entry : *map) {
      Word key = word(entry.getKey(), what);
      if (llvm::is_contained(seen, key.text))
        fail(key.where, DiagnosticKind::ScheduleRepeated, key.text);
      seen.push_back(key.text);
      yaml::Node *value = entry.getValue();
      if (!value || llvm::isa<yaml::NullNode>(value))
        fail(key.where, DiagnosticKind::ScheduleExpected, key.text,
             "given a value");
      f(key, value);
    }
  }
  Setting setting(const Word &key, yaml::Node *value);

  DiagnosticEngine &engine;
  llvm::SMRange top;
};

} // namespace

Setting Reader::setting(const Word &key, yaml::Node *value) {
  Setting out;
  out.key = key;
  if (auto *list = llvm::dyn_cast<yaml::SequenceNode>(value)) {
    out.isList = true;
    for (yaml::Node &item : *list) {
      if (out.values.size() == maxWords)
        fail(key.where, DiagnosticKind::ScheduleExpected, key.text,
             "a shorter list");
      out.values.push_back(word(&item, key.text));
    }
  } else if (llvm::isa<yaml::MappingNode>(value)) {
    out.isOpaque = true;
    value->skip();
  } else {
    out.values.push_back(word(value, key.text));
  }
  return out;
}

std::vector<Setting> Reader::settings(yaml::Node *node, llvm::StringRef what) {
  std::vector<Setting> out;
  mapping(node, what, [&](const Word &key, yaml::Node *value) {
    out.push_back(setting(key, value));
  });
  return out;
}

std::vector<Domain> Reader::space(yaml::Node *node) {
  std::vector<Domain> out;
  mapping(node, "space", [&](const Word &key, yaml::Node *value) {
    Domain domain{key, {}};
    auto *list = llvm::dyn_cast<yaml::SequenceNode>(value);
    if (!list)
      fail(whereOf(value), DiagnosticKind::ScheduleExpected, key.text,
           "a list of values");
    for (yaml::Node &item : *list) {
      if (domain.points.size() == maxWords)
        fail(key.where, DiagnosticKind::ScheduleExpected, key.text,
             "a shorter list");
      domain.points.push_back(setting(key, &item));
    }
    out.push_back(std::move(domain));
  });
  return out;
}

std::vector<Entry> Reader::entries(yaml::Node *node) {
  std::vector<Entry> out;
  auto one = [&](yaml::Node *item) {
    Entry entry;
    bool hasSchedule = false;
    llvm::SMRange where = whereOf(item);
    mapping(item, "an entry", [&](const Word &key, yaml::Node *value) {
      if (key.text == "kernel")
        entry.kernel = word(value, key.text);
      else if (key.text == "chip")
        entry.chip = word(value, key.text);
      else if (key.text == "schedule") {
        entry.settings = settings(value, key.text);
        hasSchedule = true;
      } else
        fail(key.where, DiagnosticKind::ScheduleExpected, key.text,
             "one of `kernel`, `chip`, `schedule`");
    });
    if (!hasSchedule)
      fail(where, DiagnosticKind::ScheduleExpected, "an entry",
           "a mapping with a `schedule`");
    out.push_back(std::move(entry));
  };
  if (auto *list = llvm::dyn_cast_or_null<yaml::SequenceNode>(node))
    for (yaml::Node &item : *list)
      one(&item);
  else
    one(node);
  return out;
}

template <typename F>
static auto guarded(DiagnosticEngine &engine, llvm::SMRange top, F f)
    -> std::optional<decltype(f(std::declval<Reader &>()))> {
  try {
    Reader reader(engine, top);
    return f(reader);
  } catch (const Stop &) {
    return std::nullopt;
  }
}

std::optional<std::vector<Setting>>
terrazzo::schedule::readSettings(yaml::Node *node, llvm::SMRange where,
                                 DiagnosticEngine &engine) {
  return guarded(engine, where,
                 [&](Reader &r) { return r.settings(node, "schedule"); });
}
std::optional<std::vector<Domain>>
terrazzo::schedule::readSpace(yaml::Node *node, llvm::SMRange where,
                              DiagnosticEngine &engine) {
  return guarded(engine, where, [&](Reader &r) { return r.space(node); });
}

/// The document of a buffer by \p f.
template <typename F>
static auto document(unsigned buffer, DiagnosticEngine &engine, F f)
    -> std::optional<decltype(f(std::declval<Reader &>(),
                                std::declval<yaml::Node *>()))> {
  YamlDocument yaml(engine.text(buffer));
  if (const auto &fault = yaml.broken()) {
    engine.emit(DiagnosticKind::ScheduleBadYaml,
                engine.range(buffer, fault->offset, fault->offset),
                fault->message);
    return std::nullopt;
  }
  return guarded(engine, engine.range(buffer, 0, 0),
                 [&](Reader &r) { return f(r, yaml.root()); });
}

std::optional<std::vector<Setting>>
terrazzo::schedule::readInline(const std::string &text,
                               DiagnosticEngine &engine) {
  return document(
      engine.addBuffer("--schedule", text), engine,
      [](Reader &r, yaml::Node *root) { return r.settings(root, "schedule"); });
}

std::optional<std::vector<Entry>>
terrazzo::schedule::readFile(const std::string &path,
                             DiagnosticEngine &engine) {
  auto buffer = engine.addFile(path, 1 << 20);
  if (!buffer)
    return std::nullopt;
  return document(*buffer, engine,
                  [](Reader &r, yaml::Node *root) { return r.entries(root); });
}
