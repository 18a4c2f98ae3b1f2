// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reader of chip files. What is not in the schema is an error, and so is a
// number without unit, tag and source.
#include "lib/Chip/Checks.h"
#include "lib/Chip/Composition.h"
#include "lib/Chip/Schema.h"

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Yaml/YamlDocument.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::chip;
namespace yaml = llvm::yaml;

namespace {

/// Chip files are short; what is longer is something else.
constexpr size_t longest = size_t(1) << 20;

class Reader : FirstFault {
public:
  /// \p files are those on the way here, each of which inherits from the next:
  /// the last is the one to read.
  Reader(DiagnosticEngine &engine, const std::vector<Chip> &known,
         std::vector<std::string> files)
      : FirstFault(engine), known(known), files(std::move(files)) {}
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
  void inherit(const std::string &name, llvm::SMRange where);
  void compose(yaml::Node *node);
  std::string word(yaml::Node *node, const Key &key);
  std::vector<std::string> words(yaml::Node *node, const Key &key);
  void operands(Part &part, const Key &key, yaml::Node *node);
  void value(Part &part, const Key &key, yaml::Node *node);
  void drop(const Section &section, const Part &part);
  void part(const Section &section, yaml::Node *node);
  void section(llvm::StringRef key, llvm::SMRange where, yaml::Node *node);

  const std::vector<Chip> &known;
  std::vector<std::string> files;
  std::map<std::string, std::string> sources;
  llvm::SMRange top;
};

} // namespace

static std::optional<Chip> readFile(unsigned buffer,
                                    const std::vector<Chip> &known,
                                    DiagnosticEngine &engine,
                                    std::vector<std::string> files);

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

/// What is read of an heir is not read of its parent.
static void forgetReads(Chip &chip) {
  for (auto &[section, parts] : chip.sections)
    for (Part &part : parts)
      for (auto &[key, quantity] : part.numbers)
        quantity.wasRead = std::make_shared<std::atomic<bool>>(false);
}

/// Takes over everything of a chip by its name, or of a file beside this one.
void Reader::inherit(const std::string &name, llvm::SMRange where) {
  for (const Chip &parent : known)
    if (parent.name == name) {
      out = parent;
      return forgetReads(out);
    }
  if (!llvm::StringRef(name).ends_with(".yaml"))
    fail(where, DiagnosticKind::ChipUnknownParent, name);
  llvm::SmallString<128> path(name);
  if (llvm::sys::path::is_relative(path)) {
    path = llvm::sys::path::parent_path(files.back());
    llvm::sys::path::append(path, name);
  }
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  std::vector<std::string> way = files;
  way.push_back(path.str().str());
  if (llvm::is_contained(files, way.back()))
    fail(where, DiagnosticKind::ChipCycle, llvm::join(way, " -> "));
  auto buffer = engine.addFile(way.back(), longest);
  auto parent = buffer ? readFile(*buffer, known, engine, way) : std::nullopt;
  if (!parent)
    throw Stop();
  out = std::move(*parent);
}

/// `of: {chip: X, as: dies, count: …}`: several of X.
void Reader::compose(yaml::Node *node) {
  std::optional<Quantity> count;
  std::string as;
  std::vector<std::string> seen;
  mapping(node, "of", [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
    seen.push_back(k.str());
    if (k == "chip") {
      inherit(word(v, k), at);
    } else if (k == "as") {
      as = word(v, Key{k, KeyKind::Word, "dies|chips"});
    } else if (k == "count") {
      count = quantity(v, k, "1");
      if (count->value < 1 || count->value != std::floor(count->value))
        fail(at, DiagnosticKind::ChipBadNumber, count->value, "count");
    } else {
      unknown(at, k, "of", {"chip", "as", "count"});
    }
  });
  for (const char *key : {"chip", "as", "count"})
    if (!llvm::is_contained(seen, key))
      fail(whereOf(node), DiagnosticKind::ChipMissing, key, "of");
  multiply(out, *count);
  out.isSystem |= as == "chips";
}

void Reader::header(yaml::Node *node) {
  std::map<std::string, std::string> words;
  mapping(
      node, "chip", [&](llvm::StringRef k, llvm::SMRange at, yaml::Node *v) {
        static const std::vector<std::string> names = {
            "name", "family", "vendor", "summary", "inherits", "of"};
        if (!llvm::is_contained(names, k))
          unknown(at, k, "chip", names);
        bool hasParent = words.count("inherits") || words.count("of");
        if (hasParent && (k == "of" || k == "inherits"))
          fail(at, DiagnosticKind::ChipRepeated, "inherits` or `of", "chip");
        if (k == "of") {
          words["of"] = "yes";
          return compose(v);
        }
        words[k.str()] = word(v, k);
        if (k == "inherits")
          inherit(words["inherits"], at);
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

static std::optional<Chip> readFile(unsigned buffer,
                                    const std::vector<Chip> &known,
                                    DiagnosticEngine &engine,
                                    std::vector<std::string> files) {
  llvm::StringRef text = engine.text(buffer);
  YamlDocument document(text);
  Reader reader(engine, known, std::move(files));
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

std::optional<Chip> chip::read(unsigned buffer, const std::vector<Chip> &known,
                               DiagnosticEngine &engine) {
  llvm::SmallString<128> path(
      engine.position(Where(engine.range(buffer, 0, 0))).file);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return readFile(buffer, known, engine, {path.str().str()});
}

namespace {
/// What the head of a file says, before it is read.
struct Head {
  unsigned buffer;
  std::string name, parent;
  llvm::SMRange where; // of the parent's name
};
} // namespace

static Head headOf(unsigned buffer, DiagnosticEngine &engine) {
  Head head;
  head.buffer = buffer;
  YamlDocument document(engine.text(buffer));
  auto each = [](yaml::Node *node, auto f) {
    if (auto *map = llvm::dyn_cast_or_null<yaml::MappingNode>(node))
      for (yaml::KeyValueNode &entry : *map) {
        llvm::SmallString<32> storage;
        auto *key = llvm::dyn_cast_or_null<yaml::ScalarNode>(entry.getKey());
        if (!f(key ? key->getValue(storage) : "", entry.getValue()))
          return;
      }
  };
  auto take = [](yaml::Node *node, std::string &to) {
    llvm::SmallString<32> storage;
    if (auto *scalar = llvm::dyn_cast_or_null<yaml::ScalarNode>(node))
      to = scalar->getValue(storage).str();
  };
  auto parent = [&](yaml::Node *node) {
    take(node, head.parent);
    head.where = node ? node->getSourceRange() : llvm::SMRange();
  };
  auto composed = [&](llvm::StringRef key, yaml::Node *node) {
    if (key == "chip")
      parent(node);
    return true;
  };
  auto chip = [&](llvm::StringRef key, yaml::Node *node) {
    if (key == "name")
      take(node, head.name);
    else if (key == "inherits")
      parent(node);
    else if (key == "of")
      each(node, composed);
    return true;
  };
  // What comes after `chip` is not looked at: reading takes time.
  each(document.root(), [&](llvm::StringRef section, yaml::Node *node) {
    if (section == "chip")
      each(node, chip);
    return section != "chip";
  });
  return head;
}

/// Of files that all wait for another, the one to read all the same: its
/// parent is unknown. Nothing where they wait for each other, which is
/// reported.
static std::optional<size_t> orphan(const std::vector<Head> &waiting,
                                    DiagnosticEngine &engine) {
  std::string way = waiting[0].name;
  size_t at = 0;
  for (size_t steps = 0; steps <= waiting.size(); ++steps) {
    auto next = llvm::find_if(
        waiting, [&](const Head &h) { return h.name == waiting[at].parent; });
    if (next == waiting.end())
      return at;
    at = size_t(next - waiting.begin());
    way += " -> " + next->name;
    if (at == 0)
      break;
  }
  engine.emit(DiagnosticKind::ChipCycle, Where(waiting[0].where), way);
  return std::nullopt;
}

std::optional<std::vector<Chip>> chip::readAll(const std::vector<File> &files,
                                               DiagnosticEngine &engine) {
  std::vector<Chip> out;
  std::vector<Head> waiting;
  for (const File &file : files)
    waiting.push_back(headOf(engine.addBuffer(file.name, file.text), engine));
  // A file waits for the one it inherits from.
  auto ready = [&](const Head &head) {
    return head.parent.empty() || llvm::any_of(out, [&](const Chip &c) {
             return c.name == head.parent;
           });
  };
  while (!waiting.empty()) {
    auto next = llvm::find_if(waiting, ready);
    if (next == waiting.end()) {
      auto at = orphan(waiting, engine);
      if (!at)
        return std::nullopt;
      next = waiting.begin() + *at;
    }
    auto chip = read(next->buffer, out, engine);
    if (!chip)
      return std::nullopt;
    out.push_back(std::move(*chip));
    waiting.erase(next);
  }
  return out;
}
