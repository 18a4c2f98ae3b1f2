// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Chip/Checks.h"
#include "lib/Chip/Schema.h"

#include "llvm/ADT/StringSwitch.h"

using namespace terrazzo;
using namespace terrazzo::chip;

namespace {
class Checker {
public:
  Checker(const Chip &chip, DiagnosticEngine &engine)
      : chip(chip), engine(engine) {}
  bool names(const Section &section, const Part &part);
  bool tile(const Part &part);

private:
  bool reference(const Section &section, const Part &part,
                 llvm::StringRef place, const Key &key, llvm::StringRef name);
  bool operand(const Part &part, llvm::StringRef operand, llvm::StringRef rows,
               llvm::StringRef columns);

  const Chip &chip;
  DiagnosticEngine &engine;
};
} // namespace

bool Checker::reference(const Section &section, const Part &part,
                        llvm::StringRef place, const Key &key,
                        llvm::StringRef name) {
  if (chip.find(key.allowed, name))
    return true;
  engine.emit(DiagnosticKind::ChipNoSuchPart, Where(part.place(place)), name,
              place, section.name.str() + " " + part.name, key.allowed,
              namesOf(chip, key.allowed));
  return false;
}

bool Checker::names(const Section &section, const Part &part) {
  for (const Key &key : section.keys) {
    if (key.needed && !part.words.count(key.name.str())) {
      engine.emit(DiagnosticKind::ChipMissing, Where(part.place("")), key.name,
                  section.name.str() + " " + part.name);
      return false;
    }
    if (key.kind == KeyKind::Part && !part.word(key.name).empty() &&
        !reference(section, part, key.name, key, part.word(key.name)))
      return false;
    if (key.kind == KeyKind::Parts)
      for (const std::string &name : part.list(key.name))
        if (!reference(section, part, key.name, key, name))
          return false;
    if (key.kind == KeyKind::Operands)
      for (llvm::StringRef operand : {".a", ".b", ".acc"}) {
        std::string list = (key.name + operand).str();
        for (const std::string &name : part.list(list))
          if (!reference(section, part, list, key, name))
            return false;
      }
  }
  return true;
}

static unsigned bitsOf(llvm::StringRef format) {
  return llvm::StringSwitch<unsigned>(format)
      .Case("f64", 64)
      .Cases({"f32", "tf32", "i32"}, 32)
      .Cases({"f16", "bf16", "i16"}, 16)
      .Cases({"f6E3M2FN", "f6E2M3FN"}, 6)
      .Cases({"i4", "f4E2M1FN"}, 4)
      .Default(8);
}

bool Checker::operand(const Part &part, llvm::StringRef operand,
                      llvm::StringRef rows, llvm::StringRef columns) {
  // Looked at, not read: no result rests on a check.
  const Quantity *r = part.look(rows), *c = part.look(columns);
  if (!r || !c)
    return true;
  double bytes = r->value * c->value * bitsOf(part.word(operand)) / 8;
  std::string list = ("operands." + operand).str();
  for (const std::string &name : part.list(list)) {
    const Part *memory = chip.find("memories", name);
    const Quantity *has = memory ? memory->look("bytes") : nullptr;
    if (!has || bytes <= has->value)
      continue;
    engine.emit(DiagnosticKind::ChipTileTooLarge, Where(part.place(list)),
                ("`" + operand + "` of matrix " + part.name).str(),
                int64_t(bytes), name, int64_t(has->value));
    return false;
  }
  return true;
}

bool Checker::tile(const Part &part) {
  return operand(part, "a", "m", "k") && operand(part, "b", "k", "n") &&
         operand(part, "acc", "m", "n");
}

bool terrazzo::chip::checkParts(const Chip &chip, DiagnosticEngine &engine) {
  Checker checker(chip, engine);
  for (const Section &section : schema())
    for (const Part &part : chip.parts(section.name))
      if (!checker.names(section, part))
        return false;
  for (const Part &part : chip.parts("matrix"))
    if (!checker.tile(part))
      return false;
  if (chip.find("memories", "global"))
    return true;
  engine.emit(DiagnosticKind::ChipNoGlobal, Where(chip.where));
  return false;
}
