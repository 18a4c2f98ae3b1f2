// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Filling.h"

#include "lib/Driver/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <numeric>

using namespace terrazzo;
using namespace terrazzo::driver;
using frontend::DType;
using interpreter::Tensor;

namespace {

/// splitmix64 (Steele, Lea, Flood 2014): the same numbers for a seed
/// everywhere.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed * 0x9E3779B97F4A7C15 + 1) {}
  uint64_t next() {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  double uniform() { return double(next() >> 11) * 0x1p-53; }
  double normal() { // Box and Muller
    double u = 1 - uniform(), v = uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  }

private:
  uint64_t state;
};

} // namespace

bool terrazzo::driver::fits(DType type, __int128 number) {
  bool isSigned = !frontend::isUnsigned(type) && type != DType::Int1;
  unsigned bits = frontend::bitsOf(type);
  __int128 low = isSigned ? -(__int128(1) << (bits - 1)) : 0;
  return number >= low && number < low + (__int128(1) << bits);
}

bool terrazzo::driver::fits(numerics::Format format, double number) {
  return std::isfinite(number) &&
         std::isfinite(numerics::round(format, number));
}

static void put(Tensor &data, size_t i, double v) {
  if (data.type.isFloat())
    data.values[i] = data.reference[i] = numerics::round(data.type.format, v);
  else
    data.ints[i] = interpreter::signExtend(int64_t(v), data.type.bits);
}

/// \p n, which the argument's type must have.
__int128 Filling::inType(const LaunchArg &arg, DType type, __int128 n) {
  if (!frontend::isFloat(type) && !fits(type, n))
    fail(arg.init.where, DiagnosticKind::ConstantOutOfRange,
         n < 0 ? std::to_string(int64_t(n)) : std::to_string(uint64_t(n)),
         frontend::nameOf(type));
  return n;
}

void Filling::fillRandomly(Tensor &data, const LaunchArg &arg, DType type,
                           llvm::StringRef name, llvm::StringRef inside) {
  Random random(arg.seed ? number(arg.seed) : 0);
  size_t n = data.size();
  if (name != "randint") {
    for (size_t i = 0; i < n; ++i)
      put(data, i, name == "normal" ? random.normal() : random.uniform());
    return;
  }
  auto [first, last] = inside.split(',');
  int64_t low = number({first.str(), arg.init.where}),
          high = number({last.str(), arg.init.where});
  if (high <= low)
    fail(arg.init.where, DiagnosticKind::LaunchBadInit,
         llvm::StringRef(arg.init.text).trim());
  inType(arg, type, low);
  inType(arg, type, __int128(high) - 1);
  uint64_t many = uint64_t(high) - uint64_t(low);
  for (size_t i = 0; i < n; ++i) {
    int64_t v = int64_t(uint64_t(low) + random.next() % many);
    if (data.type.isFloat())
      put(data, i, double(v));
    else
      data.ints[i] = interpreter::signExtend(v, data.type.bits);
  }
}

void Filling::permute(Tensor &data, const LaunchArg &arg) {
  Random random(arg.seed ? number(arg.seed) : 0);
  std::vector<int64_t> order(data.size()); // Fisher and Yates
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.next() % i]);
  for (size_t i = 0; i < order.size(); ++i)
    put(data, i, double(order[i]));
}

/// In row-major order.
void Filling::list(Tensor &data, const LaunchArg &arg, DType type) {
  const std::vector<Text> &numbers = *arg.numbers;
  if (numbers.size() != data.size())
    fail(arg.init.where, DiagnosticKind::LaunchInitCount,
         std::to_string(numbers.size()), std::to_string(data.size()));
  for (auto [i, text] : llvm::enumerate(numbers)) {
    double v;
    int64_t whole;
    if (data.type.isFloat())
      put(data, i, llvm::to_float(text.text, v) ? v : double(number(text)));
    else
      data.ints[i] = interpreter::signExtend(
          int64_t(inType(
              arg, type,
              llvm::to_integer(text.text, whole, 10) ? whole : number(text))),
          data.type.bits);
  }
}

void Filling::fillWith(Tensor &data, const LaunchArg &arg, DType type,
                       llvm::StringRef literal) {
  auto refuse = [&] {
    fail(arg.init.where, DiagnosticKind::ConstantOutOfRange, literal,
         frontend::nameOf(type));
  };
  double real;
  if (frontend::isFloat(type)) {
    if (!llvm::to_float(literal, real))
      real = double(number({literal.str(), arg.init.where}));
    bool isSpecial = literal.contains_insensitive("inf") || std::isnan(real);
    if (!isSpecial && !fits(data.type.format, real))
      refuse();
    for (size_t i = 0; i < data.size(); ++i)
      put(data, i, real);
    return;
  }
  __int128 n;
  uint64_t unsigned64;
  int64_t signed64;
  if (!literal.getAsInteger(10, unsigned64)) {
    n = unsigned64;
  } else if (!literal.getAsInteger(10, signed64)) {
    n = signed64;
  } else if (llvm::to_float(literal, real)) {
    if (!(std::fabs(real) < 0x1p64) || real != std::trunc(real))
      refuse();
    n = __int128(real);
  } else {
    n = number({literal.str(), arg.init.where});
  }
  n = inType(arg, type, n);
  for (int64_t &v : data.ints)
    v = interpreter::signExtend(int64_t(n), data.type.bits);
}

void Filling::fillFrom(Tensor &data, const LaunchArg &arg, llvm::StringRef name,
                       const std::vector<int64_t> &shape) {
  llvm::SmallString<128> path(name);
  if (llvm::sys::path::is_relative(path)) {
    path = llvm::sys::path::parent_path(file.path);
    llvm::sys::path::append(path, name);
  }
  auto array = readNpy(path.str().str(), maxElements);
  if (!array)
    fail(arg.init.where, DiagnosticKind::CannotReadFile, path.str(),
         llvm::toString(array.takeError()));
  if (array->shape != shape)
    fail(arg.init.where, DiagnosticKind::LaunchFileShape, path.str());
  for (size_t i = 0, n = data.size(); i < n; ++i) {
    if (!array->isFloat && !data.type.isFloat()) {
      data.ints[i] =
          interpreter::signExtend(array->integers[i], data.type.bits);
      continue;
    }
    double v = array->real(i);
    if (!data.type.isFloat() && !(std::fabs(v) < 0x1p63))
      fail(arg.init.where, DiagnosticKind::ConstantOutOfRange,
           llvm::formatv("{0}", v).str(), arg.dtype.text);
    put(data, i, v);
  }
}

void Filling::fill(Tensor &data, const LaunchArg &arg, DType type,
                   const std::vector<int64_t> &shape) {
  llvm::StringRef how = arg.init ? llvm::StringRef(arg.init.text).trim() : "";
  if (arg.numbers)
    return list(data, arg, type);
  if (how.empty()) { // what no program has written has no value
    data.flags.assign(data.size(), interpreter::Poison);
    if (data.type.isFloat())
      std::fill(data.values.begin(), data.values.end(), NAN);
    return;
  }
  auto [name, inside] = how.split('(');
  bool takesMore = name == "randint" || name == "full" || name == "file";
  bool isOpen = name.size() != how.size();
  if ((isOpen && !inside.consume_back(")")) ||
      takesMore == inside.trim().empty())
    fail(arg.init.where, DiagnosticKind::LaunchBadInit, how);
  if (name == "zeros" || name == "ones" || name == "arange") {
    for (size_t i = 0, n = data.size(); i < n; ++i)
      put(data, i, name == "zeros" ? 0 : name == "ones" ? 1 : double(i));
  } else if (name == "permutation") {
    permute(data, arg);
  } else if (name == "normal" || name == "uniform" || name == "randint") {
    fillRandomly(data, arg, type, name, inside);
  } else if (name == "full") {
    fillWith(data, arg, type, inside.trim());
  } else if (name == "file") {
    fillFrom(data, arg, inside.trim().trim("'\""), shape);
  } else {
    fail(arg.init.where, DiagnosticKind::LaunchBadInit, how);
  }
}
