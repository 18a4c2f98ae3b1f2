// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of chip files. What is not in the schema is an error, and so is a
// number without unit, tag and source.
#include "lib/Chip/Checks.h"
#include "lib/Chip/Schema.h"

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Yaml/YamlDocument.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::chip;
namespace yaml = llvm::yaml;

namespace {

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
  std::string word(yaml::Node *node, const Key &key);
  std::vector<std::string> words(yaml::Node *node, const Key &key);
  void operands(Part &part, const Key &key, yaml::Node *node);
  void value(Part &part, const Key &key, yaml::Node *node);
  void drop(const Section &section, const Part &part);
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

std::string Reader::word(yaml::Node *node, const Key &key) {
  std::string text = word(node, key.name);
  llvm::SmallVector<llvm::StringRef> allowed;
  bool free = key.kind != KeyKind::Word && key.kind != KeyKind::List;
  key.allowed.split(allowed, '|', -1, /*KeepEmpty=*/false);
  if (!free && !allowed.empty() && !llvm::is_contained(allowed, text))
    fail(whereOf(node), DiagnosticKind::ChipUnknownWord, text, key.name,
         llvm::join(allowed, ", "));
  return text;
}

std::vector<std::string> Reader::words(yaml::Node *node, const Key &key) {
  std::vector<std::string> out;
  list(node, key.name,
       [&](yaml::Node *item) { out.push_back(word(item, key)); });
  return out;
}

void Reader::operands(Part &part, const Key &key, yaml::Node *node) {
  mapping(node, key.name,
          [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
            if (!llvm::is_contained({"a", "b", "acc"}, k))
              unknown(at, k, key.name, {"a", "b", "acc"});
            std::string name = (key.name + "." + k).str();
            part.lists[name] = words(v, key);
            part.places[name] = engine.position(at);
          });
}

void Reader::value(Part &part, const Key &key, yaml::Node *node) {
  std::string name = key.name.str();
  switch (key.kind) {
  case KeyKind::Number:
    part.numbers[name] = quantity(node, key.name, key.allowed);
    return;
  case KeyKind::Word:
  case KeyKind::Part:
    part.words[name] = word(node, key);
    return;
  case KeyKind::List:
  case KeyKind::Parts:
    part.lists[name] = words(node, key);
    return;
  case KeyKind::Operands:
    return operands(part, key, node);
  }
}

/// A part of the parent that this chip does not have.
void Reader::drop(const Section &section, const Part &part) {
  if (!out.find(section.name, part.name)) {
    engine.emit(DiagnosticKind::ChipNoSuchPart, Where(part.place("")),
                part.name, "absent", "this file", section.name,
                namesOf(out, section.name));
    throw Stop();
  }
  llvm::erase_if(out.sections[section.name.str()],
                 [&](const Part &p) { return p.name == part.name; });
}

void Reader::part(const Section &section, yaml::Node *node) {
  Part p;
  p.places[""] = engine.position(whereOf(node));
  bool absent = false;
  mapping(node, section.name,
          [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
            if (k == "name") {
              p.name = word(v, k);
              p.places[""] = engine.position(at);
              return;
            }
            if (k == "absent") {
              absent = word(v, Key{k, KeyKind::Word, "yes"}) == "yes";
              return;
            }
            for (const Key &key : section.keys)
              if (key.name == k) {
                p.places[k.str()] = engine.position(at);
                return value(p, key, v);
              }
            std::vector<std::string> names{"name", "absent"};
            for (const Key &key : section.keys)
              names.push_back(key.name.str());
            unknown(at, k, section.name, names);
          });
  if (p.name.empty())
    fail(whereOf(node), DiagnosticKind::ChipMissing, "name", section.name);
  if (absent)
    return drop(section, p);
  auto &parts = out.sections[section.name.str()];
  for (Part &old : parts)
    if (old.name == p.name) { // an inherited part: what is said again wins
      for (auto &[k, v] : p.words)
        old.words[k] = v;
      for (auto &[k, v] : p.lists)
        old.lists[k] = v;
      for (auto &[k, v] : p.numbers)
        old.numbers[k] = v;
      for (auto &[k, v] : p.places)
        old.places[k] = v;
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
  if (key == "chip") {
    header(node);
    out.where = engine.position(where);
    return;
  }
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
  if (!checkParts(out, engine))
    throw Stop();
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
