// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Ways.h"

#include "lib/Numerics/Format.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::survey;
using chip::Chip;
using chip::Part;
using chip::Rate;

namespace {
/// A signed integer of so many bits, or a float format.
struct Numbers {
  unsigned integer = 0;
  const numerics::FormatInfo *real = nullptr;
};
} // namespace

static Numbers numbersOf(llvm::StringRef name) {
  Numbers out;
  llvm::StringRef bits = name;
  if (bits.consume_front("i")) {
    bits.getAsInteger(10, out.integer);
    return out;
  }
  // `f8E4M3FN` is Numerics' `e4m3fn`, and `f4E2M1FN` its `e2m1`.
  std::string plain = name.lower();
  llvm::StringRef text = plain;
  if (text.starts_with("f8e") || text.starts_with("f6e") ||
      text.starts_with("f4e"))
    text = text.drop_front(2);
  bool isTiny = name.starts_with("f4") || name.starts_with("f6");
  if (isTiny)
    text.consume_back("fn");
  for (const numerics::FormatInfo &f : numerics::allFormats())
    if (text == llvm::StringRef(f.name))
      out.real = &f;
  return out;
}

bool survey::holds(llvm::StringRef wide, llvm::StringRef narrow) {
  if (wide == narrow)
    return true;
  Numbers w = numbersOf(wide), n = numbersOf(narrow);
  if (w.integer)
    return n.integer && n.integer <= w.integer;
  if (!w.real)
    return false;
  if (n.integer) // -2^(n-1) to 2^(n-1) - 1, the first a power of two
    return w.real->mantissaBits + 1 >= n.integer - 1 &&
           w.real->largest() >= std::ldexp(1.0, int(n.integer) - 1);
  auto smallest = [](const numerics::FormatInfo &f) {
    return std::ldexp(f.smallestNormal(), -int(f.mantissaBits));
  };
  return n.real && w.real->mantissaBits >= n.real->mantissaBits &&
         w.real->largest() >= n.real->largest() &&
         smallest(*w.real) <= smallest(*n.real);
}

static bool isInteger(llvm::StringRef type) { return type.starts_with("i"); }

/// The rate of a matrix part; where the part has none and its engine does
/// vectors, the rate of those.
static std::optional<Rate> matrixRate(const Chip &chip, const Part &part) {
  if (auto rate = chip::rateOf(chip, part, "rate"))
    return rate;
  if (part.number("rate"))
    return std::nullopt;
  for (const Part &vector : chip.parts("vector")) {
    if (vector.word("engine") != part.word("engine"))
      continue;
    for (llvm::StringRef key : {part.word("a"), llvm::StringRef("f32")})
      if (auto rate = chip::rateOf(chip, vector, key))
        return rate;
  }
  return std::nullopt;
}

namespace {
/// The fastest of the ways there are.
struct Best {
  std::optional<Way> way;
  void offer(std::optional<Rate> rate, double times, std::string how) {
    if (!rate)
      return;
    rate->perSecond /= times;
    // Of two that are as fast, the one that is better known.
    if (!way || rate->perSecond > way->rate.perSecond ||
        (rate->perSecond == way->rate.perSecond && rate->tag != way->rate.tag &&
         chip::weaker(rate->tag, way->rate.tag) == way->rate.tag))
      way = Way{*rate, true, std::move(how)};
  }
};
} // namespace

static void offerMatrix(const Chip &chip, const Product &p, Best &best) {
  bool wantsTF32 = p.precision == "tf32" && p.a == "f32" && p.b == "f32";
  for (const Part &part : chip.parts("matrix")) {
    llvm::StringRef a = part.word("a"), b = part.word("b");
    auto rate = matrixRate(chip, part);
    bool scales = part.number("scale");
    if (scales && !p.isScaled)
      continue; // its operands are blocks with scales
    if (!scales && p.isScaled && !holds(a, "bf16"))
      continue; // a number times its scale needs the exponent of f32
    if (isInteger(a) && !isInteger(p.a))
      continue;
    std::string as = a == b ? a.str() : (a + " x " + b).str();
    if (holds(a, p.a) && holds(b, p.b))
      best.offer(rate, 1, p.text() + " in " + as);
    else if (wantsTF32 && a == "tf32" && b == "tf32")
      best.offer(rate, 1, "");
    // f32 is the sum of three bf16; of the nine products of parts the three
    // smallest lie below its rounding. Two parts give tf32 and a little more.
    else if (p.a == "f32" && p.b == "f32" && a == "bf16" && b == "bf16")
      best.offer(rate, wantsTF32 ? 3 : 6,
                 wantsTF32 ? "tf32 as 3 products in bf16"
                           : "f32 as 6 products in bf16");
    else if (p.a == "f32" && p.b == "f32" && a == "tf32" && b == "tf32")
      best.offer(rate, 3, "f32 as 3 products in tf32");
  }
}

/// Whether it is known what its vector unit can do: what is not said of it
/// then is not there.
static bool hasVectorRates(const Chip &chip) {
  for (const Part &part : chip.parts("vector"))
    if (chip::rateOf(chip, part, "f32"))
      return true;
  return false;
}

Way survey::wayOf(const Chip &chip, const Product &p) {
  bool isThere = false;
  for (const Part &part : chip.parts("matrix"))
    if (part.word("a") == p.a && part.word("b") == p.b &&
        bool(part.number("scale")) == p.isScaled) {
      isThere = true;
      if (auto rate = matrixRate(chip, part))
        return {*rate, true, ""};
    }
  if (isThere) // has it, and says not how fast
    return {{}, true, "the rate of " + p.text() + " is not known"};
  Best best;
  offerMatrix(chip, p, best);
  for (llvm::StringRef type : {"f32", "f64"})
    if (holds(type, p.a) && holds(type, p.b))
      for (const Part &part : chip.parts("vector"))
        best.offer(chip::rateOf(chip, part, type), 1,
                   (p.text() + " in " + type + " on the vector unit").str());
  if (best.way)
    return *best.way;
  if ((p.a == "f64" || p.b == "f64") && hasVectorRates(chip))
    return {{}, false, "refused: no f64"};
  return {{}, true, "no rate is known that " + p.text() + " could take"};
}

Way survey::wayOf(const Chip &chip, const std::string &type) {
  Best exact, wider;
  for (const Part &part : chip.parts("vector"))
    for (llvm::StringRef key : {"f64", "f32", "f16", "bf16"}) {
      auto rate = chip::rateOf(chip, part, key);
      if (key == type)
        exact.offer(rate, 1, "");
      else if (holds(key, type))
        wider.offer(rate, 1, (type + " arithmetic in " + key).str());
    }
  if (exact.way)
    return *exact.way;
  if (wider.way)
    return *wider.way;
  if (type == "f64" && hasVectorRates(chip))
    return {{}, false, "refused: no f64"};
  return {{}, true, "the rate of the vector unit is not known"};
}
