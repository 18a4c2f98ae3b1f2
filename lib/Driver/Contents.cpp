// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Contents.h"

#include "lib/Driver/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <numeric>

using namespace terrazzo;
using namespace terrazzo::driver;
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

static void put(Tensor &data, size_t i, double v) {
  if (data.type.isFloat())
    data.values[i] = data.reference[i] = numerics::round(data.type.format, v);
  else
    data.ints[i] = interpreter::signExtend(int64_t(v), data.type.bits);
}

void Contents::unknown(const LaunchArg &arg) {
  fail(arg.init.where, DiagnosticKind::LaunchBadInit,
       llvm::StringRef(arg.init.text).trim());
}

/// In row-major order.
void Contents::list(Tensor &data, const LaunchArg &arg) {
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
          llvm::to_integer(text.text, whole, 10) ? whole : number(text),
          data.type.bits);
  }
}

void Contents::file(Tensor &data, const LaunchArg &arg, llvm::StringRef name,
                    const std::vector<int64_t> &shape) {
  llvm::SmallString<128> path(name.trim().trim("'\""));
  if (llvm::sys::path::is_relative(path)) {
    llvm::SmallString<128> full(folder);
    llvm::sys::path::append(full, path);
    path = full;
  }
  auto array = readNpy(path.str().str(), maxElements);
  if (!array)
    fail(arg.init.where, DiagnosticKind::CannotReadFile, path.str(),
         llvm::toString(array.takeError()));
  if (array->shape != shape)
    fail(arg.init.where, DiagnosticKind::LaunchFileShape, path.str());
  for (size_t i = 0; i < data.size(); ++i)
    if (!array->isFloat && !data.type.isFloat())
      data.ints[i] =
          interpreter::signExtend(array->integers[i], data.type.bits);
    else
      put(data, i,
          array->isFloat ? array->reals[i] : double(array->integers[i]));
}

/// Random contents; false when \p name is none.
bool Contents::drawn(Tensor &data, const LaunchArg &arg, llvm::StringRef name,
                     llvm::StringRef inside) {
  Random random(arg.seed ? number(arg.seed) : 0);
  size_t n = data.size();
  if (name == "normal") {
    for (size_t i = 0; i < n; ++i)
      put(data, i, random.normal());
  } else if (name == "uniform") {
    for (size_t i = 0; i < n; ++i)
      put(data, i, random.uniform());
  } else if (name == "randint") {
    auto [low, high] = inside.split(',');
    int64_t lo = number({low.str(), arg.init.where}),
            hi = number({high.str(), arg.init.where});
    if (hi <= lo)
      unknown(arg);
    for (size_t i = 0; i < n; ++i)
      put(data, i, double(lo + int64_t(random.next() % uint64_t(hi - lo))));
  } else if (name == "permutation") { // Fisher and Yates
    std::vector<int64_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    for (size_t i = n; i > 1; --i)
      std::swap(order[i - 1], order[random.next() % i]);
    for (size_t i = 0; i < n; ++i)
      put(data, i, double(order[i]));
  } else {
    return false;
  }
  return true;
}

void Contents::fill(Tensor &data, const LaunchArg &arg,
                    const std::vector<int64_t> &shape) {
  llvm::StringRef how = arg.init ? llvm::StringRef(arg.init.text).trim() : "";
  if (how.empty()) { // what no program has written has no value
    data.flags.assign(data.size(), interpreter::Poison);
    if (data.type.isFloat())
      std::fill(data.values.begin(), data.values.end(), NAN);
    return;
  }
  if (arg.numbers)
    return list(data, arg);
  auto parts = how.split('(');
  llvm::StringRef name = parts.first, inside = parts.second;
  if (!inside.empty() && !inside.consume_back(")"))
    unknown(arg);
  if (name == "zeros" || name == "ones" || name == "arange") {
    for (size_t i = 0; i < data.size(); ++i)
      put(data, i, name == "zeros" ? 0 : name == "ones" ? 1 : double(i));
  } else if (name == "full") {
    double v;
    if (!llvm::to_float(inside.trim(), v))
      v = double(number({inside.str(), arg.init.where}));
    for (size_t i = 0; i < data.size(); ++i)
      put(data, i, v);
  } else if (name == "file") {
    file(data, arg, inside, shape);
  } else if (!drawn(data, arg, name, inside)) {
    unknown(arg);
  }
}
