// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/LaunchFile.h"

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Yaml/YamlDocument.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace terrazzo;
using namespace terrazzo::driver;
namespace yaml = llvm::yaml;

namespace {

class Reader : FirstFault {
public:
  Reader(DiagnosticEngine &engine, unsigned buffer)
      : FirstFault(engine), buffer(buffer) {}
  void read(LaunchFile &out);

private:
  /// Where a node begins; LLVM's ranges begin behind the bracket of a list.
  llvm::SMRange placeOf(yaml::Node *node) {
    if (!node)
      return {};
    llvm::SMRange range = node->getSourceRange();
    if (!llvm::isa<yaml::SequenceNode, yaml::MappingNode>(node) ||
        range.Start.getPointer() <= engine.text(buffer).begin())
      return range;
    const char *before = range.Start.getPointer() - 1;
    bool bracket = *before == '[' || *before == '{';
    return bracket
               ? llvm::SMRange(llvm::SMLoc::getFromPointer(before), range.Start)
               : range;
  }
  Text scalar(yaml::Node *node, llvm::StringRef key) {
    auto *s = llvm::dyn_cast_or_null<yaml::ScalarNode>(node);
    if (!s)
      fail(placeOf(node), DiagnosticKind::LaunchNotAScalar, key);
    llvm::SmallString<64> storage;
    return {s->getValue(storage).str(), s->getSourceRange()};
  }
  double tolerance(const Text &text) {
    double v = 0;
    if (text.text.empty() || !llvm::to_float(text.text, v) || !(v >= 0))
      fail(text.where, DiagnosticKind::LaunchBadExpression,
           "a tolerance is a number from 0 on");
    return v;
  }
  std::vector<Text> list(yaml::Node *node, llvm::StringRef key,
                         size_t most = 64) {
    std::vector<Text> out;
    auto *sequence = llvm::dyn_cast_or_null<yaml::SequenceNode>(node);
    if (!sequence)
      fail(placeOf(node), DiagnosticKind::LaunchNotAList, key);
    for (yaml::Node &item : *sequence) {
      if (out.size() > most)
        fail(item.getSourceRange(), DiagnosticKind::LaunchTooLong, key);
      out.push_back(scalar(&item, key));
    }
    return out;
  }
  /// Calls f(key, key range, value node) for each entry of a mapping.
  template <typename F>
  void mapping(yaml::Node *node, llvm::StringRef what, F f) {
    auto *map = llvm::dyn_cast_or_null<yaml::MappingNode>(node);
    if (!map)
      fail(placeOf(node), DiagnosticKind::LaunchNotAMapping, what);
    std::vector<std::string> seen;
    for (yaml::KeyValueNode &entry : *map) {
      Text key = scalar(entry.getKey(), what);
      if (llvm::is_contained(seen, key.text))
        fail(key.where, DiagnosticKind::LaunchRepeatedKey, key.text);
      seen.push_back(key.text);
      f(key, entry.getValue());
    }
  }
  [[noreturn]] void unknown(const Text &key,
                            std::initializer_list<llvm::StringRef> known);
  void argument(LaunchArg &arg, yaml::Node *node);
  std::vector<Text> grid(const Text &key, yaml::Node *node);
  void step(LaunchStep &out, yaml::Node *node);
  void launches(LaunchFile &out, const Text &key, yaml::Node *node);
  void checkOneWay(const LaunchFile &file, const Text &constexprs);
  void top(LaunchFile &out, const Text &key, yaml::Node *value);

  unsigned buffer;
  Text constexprsKey;
};

} // namespace

void Reader::unknown(const Text &key,
                     std::initializer_list<llvm::StringRef> known) {
  llvm::StringRef best;
  unsigned distance = 4;
  for (llvm::StringRef k : known)
    if (unsigned d = key.text.size() ? llvm::StringRef(key.text).edit_distance(
                                           k, true, distance)
                                     : 99;
        d < distance) {
      distance = d;
      best = k;
    }
  auto d =
      engine.emit(DiagnosticKind::LaunchUnknownKey, Where(key.where), key.text);
  if (!best.empty())
    d.note(DiagnosticKind::DidYouMean, best);
  d.report();
  throw Stop();
}

void Reader::argument(LaunchArg &arg, yaml::Node *node) {
  Text desc;
  std::vector<Text> block;
  if (!node || llvm::isa<yaml::NullNode>(node)) // which has no place of its own
    fail(arg.where, DiagnosticKind::LaunchNotAScalar, arg.name);
  if (llvm::isa<yaml::ScalarNode>(node)) {
    arg.value = scalar(node, arg.name);
    return;
  }
  mapping(node, arg.name, [&](const Text &key, yaml::Node *v) {
    llvm::StringRef k = key.text;
    if (k == "shape")
      arg.shape = list(v, k);
    else if (k == "strides")
      arg.strides = list(v, k);
    else if (k == "dtype")
      arg.dtype = scalar(v, k);
    else if (k == "init" && llvm::isa_and_nonnull<yaml::SequenceNode>(v)) {
      arg.numbers = list(v, k, 65536);
      arg.init = {"a list", key.where};
    } else if (k == "init")
      arg.init = scalar(v, k);
    else if (k == "seed")
      arg.seed = scalar(v, k);
    else if (k == "strideof")
      arg.strideof = scalar(v, k);
    else if (k == "dim")
      arg.dim = scalar(v, k);
    else if (k == "value")
      arg.value = scalar(v, k);
    else if (k == "viewof")
      arg.viewof = scalar(v, k);
    else if (k == "offset")
      arg.offset = scalar(v, k);
    else if (k == "addressof")
      arg.addressof = list(v, k);
    else if (k == "desc")
      desc = {scalar(v, k).text, key.where};
    else if (k == "block")
      block = list(v, k);
    else
      unknown(key,
              {"shape", "strides", "dtype", "init", "seed", "strideof", "dim",
               "value", "viewof", "offset", "addressof", "desc", "block"});
  });
  // The language has no descriptors yet: the same is said of theirs there.
  if (desc)
    fail(desc.where, DiagnosticKind::UnsupportedBuiltin, "desc: " + desc.text);
  if (!block.empty())
    fail(block[0].where, DiagnosticKind::LaunchMissing, "desc", arg.name);
}

std::vector<Text> Reader::grid(const Text &key, yaml::Node *node) {
  std::vector<Text> out = list(node, key.text);
  if (out.empty() || out.size() > 3)
    fail(key.where, DiagnosticKind::LaunchBadGrid);
  return out;
}

void Reader::step(LaunchStep &out, yaml::Node *node) {
  mapping(node, "launches", [&](const Text &key, yaml::Node *v) {
    llvm::StringRef k = key.text;
    if (!v)
      fail(key.where, DiagnosticKind::LaunchNotAScalar, k);
    if (k == "kernel")
      out.kernel = scalar(v, k);
    else if (k == "file")
      out.file = scalar(v, k);
    else if (k == "args")
      mapping(v, k, [&](const Text &name, yaml::Node *x) {
        out.args.push_back({name, scalar(x, name.text)});
      });
    else if (k == "constexpr")
      mapping(v, k, [&](const Text &name, yaml::Node *x) {
        out.constexprs.emplace_back(name.text, scalar(x, name.text));
      });
    else if (k == "grid")
      out.grid = grid(key, v);
    else
      unknown(key, {"kernel", "file", "args", "constexpr", "grid"});
  });
}

void Reader::launches(LaunchFile &out, const Text &key, yaml::Node *node) {
  constexpr size_t most = 256;
  auto *sequence = llvm::dyn_cast<yaml::SequenceNode>(node);
  if (!sequence)
    fail(placeOf(node), DiagnosticKind::LaunchNotAList, key.text);
  for (yaml::Node &item : *sequence) {
    if (out.launches.size() == most)
      fail(placeOf(&item), DiagnosticKind::LaunchTooLong, key.text);
    LaunchStep &next = out.launches.emplace_back();
    next.where = placeOf(&item);
    step(next, &item);
  }
  out.launchesWhere = key.where;
  if (out.launches.empty())
    fail(key.where, DiagnosticKind::LaunchMissing, "kernel", key.text);
}

/// What says how to launch stands at one place: in `launches`, or beside
/// `args`.
void Reader::checkOneWay(const LaunchFile &file, const Text &constexprs) {
  if (!file.launchesWhere.isValid())
    return;
  if (file.kernel)
    fail(file.kernel.where, DiagnosticKind::LaunchBesideLaunches, "kernel");
  if (file.gridWhere.isValid())
    fail(file.gridWhere, DiagnosticKind::LaunchBesideLaunches, "grid");
  if (constexprs)
    fail(constexprs.where, DiagnosticKind::LaunchBesideLaunches, "constexpr");
}

void Reader::top(LaunchFile &out, const Text &key, yaml::Node *value) {
  llvm::StringRef k = key.text;
  auto pairs = [&](auto &list) {
    mapping(value, k, [&](const Text &name, yaml::Node *v) {
      list.emplace_back(name.text, scalar(v, name.text));
    });
  };
  if (k == "kernel") {
    out.kernel = scalar(value, k);
  } else if (k == "args") {
    mapping(value, k, [&](const Text &name, yaml::Node *v) {
      LaunchArg &arg = out.args.emplace_back();
      arg.name = name.text;
      arg.where = name.where;
      argument(arg, v);
    });
  } else if (k == "constexpr") {
    constexprsKey = key;
    pairs(out.constexprs);
  } else if (k == "let") {
    pairs(out.lets);
  } else if (k == "grid") {
    out.grid = grid(key, value);
    out.gridWhere = key.where;
  } else if (k == "outputs") {
    out.outputs = list(value, k);
  } else if (k == "expect") {
    mapping(value, k, [&](const Text &name, yaml::Node *v) {
      Expectation &e = out.expect.emplace_back();
      e.name = name;
      mapping(v, name.text, [&](const Text &field, yaml::Node *x) {
        if (field.text == "file")
          e.file = scalar(x, field.text);
        else if (field.text == "rtol" || field.text == "atol")
          (field.text == "rtol" ? e.rtol : e.atol) =
              tolerance(scalar(x, field.text));
        else
          unknown(field, {"file", "rtol", "atol"});
      });
      if (!e.file)
        fail(name.where, DiagnosticKind::LaunchMissing, "file", name.text);
    });
  } else if (k == "schedule") {
    auto settings = schedule::readSettings(value, key.where, engine);
    if (!settings)
      throw Stop();
    out.schedule = std::move(*settings);
  } else if (k == "space") {
    auto space = schedule::readSpace(value, key.where, engine);
    if (!space)
      throw Stop();
    out.space = std::move(*space);
  } else if (k == "tokens") {
    out.tokens = scalar(value, k);
  } else if (k == "budget" || k == "const") {
    value->skip(); // says nothing about results: the oracle does not need it
  } else if (k == "launches") {
    launches(out, key, value);
  } else {
    unknown(key,
            {"kernel", "args", "constexpr", "grid", "let", "outputs", "expect",
             "schedule", "space", "budget", "const", "tokens", "launches"});
  }
}

void Reader::read(LaunchFile &out) {
  YamlDocument document(engine.text(buffer));
  if (const auto &fault = document.broken()) {
    llvm::SMRange at =
        engine.range(buffer, fault->offset, fault->offset + fault->isAlias);
    if (fault->isAlias)
      fail(at, DiagnosticKind::LaunchAlias);
    fail(at, DiagnosticKind::LaunchBadYaml, fault->message);
  }
  yaml::Node *root = document.root();
  if (!root || llvm::isa<yaml::NullNode>(root))
    fail(engine.range(buffer, 0, 0), DiagnosticKind::LaunchEmpty);
  mapping(root, "the launch file", [&](const Text &key, yaml::Node *value) {
    if (!value)
      fail(key.where, DiagnosticKind::LaunchNotAScalar, key.text);
    top(out, key, value);
  });
  checkOneWay(out, constexprsKey);
}

std::optional<LaunchFile>
terrazzo::driver::readLaunchFile(const std::string &path,
                                 DiagnosticEngine &engine) {
  auto buffer = engine.addFile(path, 1 << 20);
  if (!buffer)
    return std::nullopt;
  LaunchFile out;
  out.path = path;
  out.buffer = *buffer;
  try {
    Reader(engine, out.buffer).read(out);
    return out;
  } catch (const Stop &) {
    return std::nullopt;
  }
}
