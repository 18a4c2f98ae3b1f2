// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of chip files. The schema is the table below; what is not in it is
// an error, and so is a number without unit, tag and source.
#include "lib/Chip/Chip.h"

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Yaml/YamlDocument.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::chip;
namespace yaml = llvm::yaml;

namespace {

struct Key {
  llvm::StringRef name;
  llvm::StringRef units; // "|"-separated; empty: a word, not a number
};
struct Section {
  llvm::StringRef name;
  std::vector<Key> keys;
};

const std::vector<Section> &schema() {
  static const std::vector<Section> sections = {
      {"memories",
       {{"policy", ""},
        {"scope", ""},
        {"bytes", "B"},
        {"line", "B"},
        {"align", "B"},
        {"bandwidth", "GB/s|B/cycle"},
        {"latency", "cycle|ns"}}},
      {"paths",
       {{"from", ""},
        {"to", ""},
        {"engine", ""},
        {"bandwidth", "GB/s|B/cycle"},
        {"latency", "cycle|ns"}}},
      {"engines", {{"kind", ""}, {"count", "1"}, {"clock", "GHz"}}},
      {"vector",
       {{"engine", ""},
        {"width", "bit"},
        {"registers", "1"},
        {"f32", "FLOP/cycle"},
        {"f64", "FLOP/cycle"},
        {"bf16", "FLOP/cycle"},
        {"i8", "OP/cycle"}}},
      {"matrix",
       {{"engine", ""},
        {"a", ""},
        {"b", ""},
        {"acc", ""},
        {"m", "1"},
        {"n", "1"},
        {"k", "1"},
        {"rate", "FLOP/cycle|OP/cycle"}}},
      {"streams", {{"per", ""}, {"count", "1"}}},
      {"launch", {{"dispatch", "s"}}},
  };
  return sections;
}

class Reader : FirstFault {
public:
  Reader(DiagnosticEngine &engine, const std::vector<Chip> &known)
      : FirstFault(engine), known(known) {}
  void read(yaml::Node *root, llvm::SMRange top);
  Chip out;

private:
  llvm::SMRange whereOf(yaml::Node *node) {
    return node ? node->getSourceRange() : top;
  }
  std::string word(yaml::Node *node, llvm::StringRef key) {
    auto *s = llvm::dyn_cast_or_null<yaml::ScalarNode>(node);
    if (!s)
      fail(whereOf(node), DiagnosticKind::ChipExpected, key, "a word");
    llvm::SmallString<64> storage;
    return s->getValue(storage).str();
  }
  template <typename F>
  void mapping(yaml::Node *node, llvm::StringRef what, F f) {
    auto *map = llvm::dyn_cast_or_null<yaml::MappingNode>(node);
    if (!map)
      fail(whereOf(node), DiagnosticKind::ChipExpected, what, "a mapping");
    std::vector<std::string> seen;
    for (yaml::KeyValueNode &entry : *map) {
      yaml::Node *keyNode = entry.getKey();
      std::string key = word(keyNode, what);
      llvm::SMRange where = whereOf(keyNode);
      if (llvm::is_contained(seen, key))
        fail(where, DiagnosticKind::ChipRepeated, key, what);
      seen.push_back(key);
      f(llvm::StringRef(key), where, entry.getValue());
    }
  }
  template <typename F> void list(yaml::Node *node, llvm::StringRef what, F f) {
    auto *sequence = llvm::dyn_cast_or_null<yaml::SequenceNode>(node);
    if (!sequence)
      fail(whereOf(node), DiagnosticKind::ChipExpected, what, "a list");
    for (yaml::Node &item : *sequence)
      f(&item);
  }
  [[noreturn]] void unknown(llvm::SMRange where, llvm::StringRef key,
                            llvm::StringRef what,
                            const std::vector<std::string> &names) {
    fail(where, DiagnosticKind::ChipUnknownKey, key, what,
         llvm::join(names, ", "));
  }
  Quantity quantity(yaml::Node *node, llvm::StringRef key,
                    llvm::StringRef units);
  void header(yaml::Node *node);
  void part(const Section &section, yaml::Node *node);
  void section(llvm::StringRef key, llvm::SMRange where, yaml::Node *node);

  const std::vector<Chip> &known;
  std::map<std::string, std::string> sources;
  llvm::SMRange top;
};

} // namespace

Quantity Reader::quantity(yaml::Node *node, llvm::StringRef key,
                          llvm::StringRef units) {
  llvm::SMRange where = whereOf(node);
  if (!llvm::isa_and_nonnull<yaml::MappingNode>(node))
    fail(where, DiagnosticKind::ChipUntagged, key);
  Quantity q;
  std::vector<std::string> seen;
  mapping(node, key, [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
    std::string text = word(v, k);
    seen.push_back(k.str());
    if (k == "value") {
      if (llvm::to_float(text, q.value) && std::isfinite(q.value) &&
          q.value >= 0)
        return;
      fail(at, DiagnosticKind::ChipBadNumber, text, key);
    } else if (k == "unit") {
      llvm::SmallVector<llvm::StringRef> allowed;
      units.split(allowed, '|');
      if (!llvm::is_contained(allowed, text))
        fail(at, DiagnosticKind::ChipBadUnit, text, key,
             llvm::join(allowed, " or "));
      q.unit = text;
    } else if (k == "tag") {
      for (Tag tag : {Tag::Published, Tag::Secondary, Tag::Derived,
                      Tag::Measured, Tag::Assumed})
        if (text == chip::name(tag)) {
          q.tag = tag;
          return;
        }
      fail(at, DiagnosticKind::ChipUnknownTag, text);
    } else if (k == "src") {
      auto found = sources.find(text);
      if (found == sources.end())
        fail(at, DiagnosticKind::ChipUnknownSource, text);
      q.source = found->second;
    } else {
      unknown(at, k, key, {"value", "unit", "tag", "src"});
    }
  });
  if (seen.size() != 4)
    fail(where, DiagnosticKind::ChipUntagged, key);
  return q;
}

void Reader::part(const Section &section, yaml::Node *node) {
  Part p;
  mapping(node, section.name,
          [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
            if (k == "name") {
              p.name = word(v, k);
              return;
            }
            for (const Key &key : section.keys)
              if (key.name == k) {
                if (key.units.empty())
                  p.words[k.str()] = word(v, k);
                else
                  p.numbers[k.str()] = quantity(v, k, key.units);
                return;
              }
            std::vector<std::string> names{"name"};
            for (const Key &key : section.keys)
              names.push_back(key.name.str());
            unknown(at, k, section.name, names);
          });
  if (p.name.empty())
    fail(whereOf(node), DiagnosticKind::ChipMissing, "name", section.name);
  auto &parts = out.sections[section.name.str()];
  for (Part &old : parts)
    if (old.name == p.name) { // an inherited part: what is said again wins
      for (auto &[k, v] : p.words)
        old.words[k] = v;
      for (auto &[k, v] : p.numbers)
        old.numbers[k] = v;
      return;
    }
  parts.push_back(std::move(p));
}

void Reader::header(yaml::Node *node) {
  std::map<std::string, std::string> words;
  mapping(node, "chip",
          [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
            static const std::vector<std::string> names = {
                "name", "family", "vendor", "summary", "inherits"};
            if (!llvm::is_contained(names, k))
              unknown(at, k, "chip", names);
            words[k.str()] = word(v, k);
            if (k != "inherits")
              return;
            for (const Chip &parent : known)
              if (parent.name == words["inherits"]) {
                out = parent;
                return;
              }
            fail(at, DiagnosticKind::ChipUnknownParent, words["inherits"]);
          });
  for (auto [key, field] : {std::pair{"name", &out.name},
                            {"family", &out.family},
                            {"vendor", &out.vendor},
                            {"summary", &out.summary}})
    if (words.count(key))
      *field = words[key];
  if (!words.count("name"))
    fail(top, DiagnosticKind::ChipMissing, "name", "chip");
  if (out.family.empty())
    fail(top, DiagnosticKind::ChipMissing, "family", "chip");
}

void Reader::section(llvm::StringRef key, llvm::SMRange where,
                     yaml::Node *node) {
  if (out.name.empty() && key != "chip" && key != "sources")
    fail(where, DiagnosticKind::ChipMissing, "chip", "the file's head");
  if (key == "chip")
    return header(node);
  if (key == "sources")
    return mapping(node, key,
                   [&](llvm::StringRef k, llvm::SMRange, yaml::Node *v) {
                     sources[k.str()] = word(v, k);
                   });
  if (key == "code")
    return mapping(node, key,
                   [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
                     if (k == "cpu") {
                       out.cpu = word(v, k);
                     } else if (k == "features") {
                       out.features.clear();
                       list(v, k, [&](yaml::Node *f) {
                         out.features.push_back(word(f, "features"));
                       });
                     } else {
                       unknown(at, k, key, {"cpu", "features"});
                     }
                   });
  for (const Section &s : schema())
    if (s.name == key)
      return list(node, key, [&](yaml::Node *item) { part(s, item); });
  std::vector<std::string> names{"chip", "sources", "code"};
  for (const Section &s : schema())
    names.push_back(s.name.str());
  unknown(where, key, "the file", names);
}

void Reader::read(yaml::Node *root, llvm::SMRange head) {
  top = head;
  mapping(root, "the file",
          [&](llvm::StringRef key, llvm::SMRange where, yaml::Node *node) {
            section(key, where, node);
          });
  if (out.name.empty())
    fail(top, DiagnosticKind::ChipMissing, "chip", "the file");
}

std::optional<Chip> chip::read(unsigned buffer, const std::vector<Chip> &known,
                               DiagnosticEngine &engine) {
  llvm::StringRef text = engine.text(buffer);
  YamlDocument document(text);
  Reader reader(engine, known);
  bool ok = true;
  try {
    if (!document.broken())
      reader.read(document.root(), engine.range(buffer, 0, 0));
  } catch (const Stop &) {
    ok = false;
  }
  auto fault = document.broken();
  if (fault && ok)
    engine.emit(DiagnosticKind::ChipBadYaml,
                engine.range(buffer, fault->offset, fault->offset),
                fault->message);
  if (fault || !ok)
    return std::nullopt;
  return std::move(reader.out);
}

/// What `chip: {inherits: …}` of a file names; empty when it names nothing.
static std::string parentOf(llvm::StringRef text) {
  YamlDocument document(text);
  auto value = [](yaml::Node *node, llvm::StringRef key) -> yaml::Node * {
    if (auto *map = llvm::dyn_cast_or_null<yaml::MappingNode>(node))
      for (yaml::KeyValueNode &entry : *map) {
        llvm::SmallString<32> storage;
        auto *name = llvm::dyn_cast_or_null<yaml::ScalarNode>(entry.getKey());
        if (name && name->getValue(storage) == key)
          return entry.getValue();
      }
    return nullptr;
  };
  llvm::SmallString<32> storage;
  auto *parent = llvm::dyn_cast_or_null<yaml::ScalarNode>(
      value(value(document.root(), "chip"), "inherits"));
  return parent ? parent->getValue(storage).str() : std::string();
}

std::optional<std::vector<Chip>> chip::readAll(const std::vector<File> &files,
                                               DiagnosticEngine &engine) {
  std::vector<Chip> out;
  std::vector<unsigned> waiting;
  for (const File &file : files)
    waiting.push_back(engine.addBuffer(file.name, file.text));
  // A file waits for the one it inherits from; a round that reads none ends it.
  auto ready = [&](unsigned buffer) {
    std::string parent = parentOf(engine.text(buffer));
    if (parent.empty())
      return true;
    return llvm::any_of(out, [&](const Chip &c) { return c.name == parent; });
  };
  while (!waiting.empty()) {
    auto next = llvm::find_if(waiting, ready);
    if (next == waiting.end())
      next = waiting.begin(); // its reading says that the parent is unknown
    auto chip = read(*next, out, engine);
    if (!chip)
      return std::nullopt;
    out.push_back(std::move(*chip));
    waiting.erase(next);
  }
  return out;
}
