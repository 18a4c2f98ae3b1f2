// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Commands.h"

#include "lib/Target/ChooseChip.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace terrazzo;
using namespace terrazzo::tool;

/// 32768, not 32768.00.
static std::string plain(double v) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.15g", v);
  return text;
}

static std::string show(const chip::Chip &c) {
  std::string text =
      llvm::formatv("{0}: {1}\n  vendor {2}, family {3}{4}\n", c.name,
                    c.summary, c.vendor, c.family,
                    c.isUncalibrated()
                        ? "; has assumed numbers: what is modeled "
                          "on it is uncalibrated"
                        : "")
          .str();
  if (!c.cpu.empty())
    text += llvm::formatv("  code for {0} with {1}\n", c.cpu,
                          llvm::join(c.features, " "))
                .str();
  for (const auto &[section, parts] : c.sections)
    for (const chip::Part &part : parts) {
      text += "  " + section + " " + part.name;
      for (const auto &[key, value] : part.words)
        text += " " + key + "=" + value;
      for (const auto &[key, list] : part.lists)
        text += " " + key + "=" + llvm::join(list, ",");
      text += "\n";
      for (const auto &[key, q] : part.numbers)
        text += llvm::formatv("    {0} {1}{2} ({3}: {4})\n", key,
                              plain(q.value), q.unit == "1" ? "" : " " + q.unit,
                              chip::name(q.tag), q.source)
                    .str();
    }
  return text;
}

/// How many numbers of a chip are guesses: "none of 31 assumed".
static std::string calibrationOf(const chip::Chip &c) {
  size_t all = 0, assumed = 0;
  for (const auto &[section, parts] : c.sections)
    for (const chip::Part &part : parts)
      for (const auto &[key, q] : part.numbers) {
        ++all;
        assumed += q.tag == chip::Tag::Assumed;
      }
  return llvm::formatv("{0} of {1} assumed",
                       assumed ? std::to_string(assumed) : "none", all)
      .str();
}

static std::string list(const std::vector<ChosenChip> &known,
                        const ChosenChip *here) {
  std::string text = llvm::formatv("{0,-22} {1,-9} {2,-18} {3}\n", "chip",
                                   "can", "numbers", "what it is")
                         .str();
  for (const ChosenChip &c : known)
    text += llvm::formatv("{0,-22} {1,-9} {2,-18} {3}{4}\n", c.chip.name,
                          abilityOf(c), calibrationOf(c.chip), c.chip.summary,
                          &c == here ? "  (this machine: `cpu`)" : "")
                .str();
  return text +
         "\nrun: its code is made and run here; code: made here, run "
         "elsewhere; "
         "simulate: made and run in a simulator,\nwith the right bits and a "
         "modeled time; roofline: `terrazzo survey` says what "
         "bounds a kernel on it. What rests on an assumed number is modeled,\n"
         "uncalibrated. `terrazzo chips NAME` shows every number with its "
         "source.\n";
}

int terrazzo::tool::chips(const std::string &which) {
  DiagnosticEngine engine;
  auto known = knownChips(allTargets(), engine);
  if (!known)
    return Internal;
  const ChosenChip *here = chipOfThisMachine(*known, "cpu");
  if (which.empty())
    return writeOutput("-", list(*known, here)) ? Done : InputFault;
  std::vector<chip::Chip> chips;
  for (const ChosenChip &c : *known) {
    if (c.chip.name == which || (which == "cpu" && &c == here))
      return writeOutput("-", show(c.chip)) ? Done : InputFault;
    chips.push_back(c.chip);
  }
  if (!llvm::StringRef(which).contains('/') &&
      !llvm::StringRef(which).ends_with(".yaml")) {
    std::vector<std::string> names;
    for (const chip::Chip &c : chips)
      names.push_back(c.name);
    engine.emit(DiagnosticKind::UnknownChip, Where(), which,
                llvm::join(names, ", "));
    return CommandLineFault;
  }
  auto buffer = engine.addFile(which, 1 << 20);
  if (!buffer)
    return InputFault;
  auto own = chip::read(*buffer, chips, engine);
  if (!own)
    return InputFault;
  return writeOutput("-", show(*own)) ? Done : InputFault;
}
