// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/terrazzo/Outputs.h"

#include "lib/Driver/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::tool;

static llvm::json::Value number(double v) {
  return std::isfinite(v) ? llvm::json::Value(v) : llvm::json::Value(nullptr);
}

bool Check::ok() const {
  return (!exact || exact->ok) &&
         llvm::all_of(outputs, [](const auto &o) { return o.second.ok; });
}

llvm::json::Object Check::json() const {
  llvm::json::Array list;
  for (const auto &[name, c] : outputs)
    list.push_back(
        llvm::json::Object{{"name", name},
                           {"max_abs", number(c.maxAbs)},
                           {"max_rel", number(c.maxRel)},
                           {"error_over_bound", number(c.errorOverBound)},
                           {"ambiguous", c.ambiguous},
                           {"ok", c.ok}});
  llvm::json::Object object{
      {"reference", "float64"}, {"outputs", std::move(list)}, {"ok", ok()}};
  if (exact && exact->whyNot.empty())
    object["exact"] =
        llvm::json::Object{{"elements", exact->compared}, {"ok", exact->ok}};
  else if (exact)
    object["exact"] = llvm::json::Object{{"why_not", exact->whyNot}};
  return object;
}

std::string Check::text() const {
  std::string out;
  for (const auto &[name, c] : outputs)
    out += llvm::formatv(
               "  {0}: max abs error {1:e2}, {2:f3} of the bound, "
               "{3:p2} ambiguous{4}{5}\n",
               name, c.maxAbs, c.errorOverBound, c.ambiguous,
               c.unwritten ? llvm::formatv(", {0} unwritten", c.unwritten).str()
                           : "",
               c.ok ? "" : "  MISMATCH")
               .str();
  if (exact && exact->whyNot.empty())
    out += llvm::formatv("  on exact integers: {0}\n",
                         exact->ok ? "the same bits" : "MISMATCH")
               .str();
  return out;
}

interpreter::Buffer
terrazzo::tool::elementsOf(const driver::Output &output,
                           const interpreter::Buffer &memory) {
  const std::vector<int64_t> &shape = output.shape;
  const std::vector<int64_t> &strides = output.strides;
  interpreter::Buffer out;
  out.name = output.name;
  out.data.type = memory.data.type;
  int64_t count = 1;
  for (int64_t n : shape)
    count *= n;
  out.data.allocate(size_t(count));
  out.data.flags.assign(size_t(count), 0);
  if (!memory.written.empty())
    out.written.resize(size_t(count));
  std::vector<int64_t> index(shape.size(), 0);
  int64_t at = output.offset;
  for (int64_t i = 0; i < count; ++i) {
    out.data.take(size_t(i), memory.data, size_t(at));
    if (!memory.written.empty())
      out.written[size_t(i)] = memory.written[size_t(at)];
    for (size_t d = shape.size(); d-- > 0;) { // the next index, and its place
      at += strides[d];
      if (++index[d] < shape[d])
        break;
      at -= index[d] * strides[d];
      index[d] = 0;
    }
  }
  return out;
}

std::optional<bool> terrazzo::tool::compareWithFile(
    const driver::Output &output, const interpreter::Tensor &data,
    const std::string &launchPath, const Limits &limits,
    DiagnosticEngine &engine) {
  const driver::Expectation &e = *output.expect;
  llvm::SmallString<128> path(llvm::sys::path::parent_path(launchPath));
  if (llvm::sys::path::is_absolute(e.file.text))
    path = e.file.text;
  else
    llvm::sys::path::append(path, e.file.text);
  auto array = driver::readNpy(path.str().str(), int64_t(limits.elements));
  if (!array) {
    engine.emit(DiagnosticKind::CannotReadFile, Where(e.file.where), path.str(),
                llvm::toString(array.takeError()));
    return std::nullopt;
  }
  if (array->shape != output.shape) {
    engine.emit(DiagnosticKind::LaunchFileShape, Where(e.file.where),
                path.str());
    return std::nullopt;
  }
  for (size_t i = 0; i < data.size(); ++i) {
    // Integers are compared as bits, whatever sign either side has.
    bool bits = !array->isFloat && !data.type.isFloat();
    double want = bits ? double(array->integers[i]) : array->real(i);
    double got = data.type.isFloat() ? data.values[i] : double(data.ints[i]);
    bool same = got == want || (std::isnan(got) && std::isnan(want));
    if (!same &&
        !(std::fabs(got - want) <= e.atol + e.rtol * std::fabs(want))) {
      engine.emit(DiagnosticKind::DiffersFromFile, Where(e.file.where),
                  output.name, std::to_string(i),
                  llvm::formatv("{0}", got).str(),
                  llvm::formatv("{0}", want).str());
      return false;
    }
  }
  return true;
}

std::optional<std::vector<double>>
terrazzo::tool::outputsFrom(const std::string &folder,
                            const driver::Output &output, const Limits &limits,
                            DiagnosticEngine &engine) {
  std::string path = folder + "/" + output.name + ".npy";
  auto array = driver::readNpy(path, int64_t(limits.elements));
  if (!array) {
    engine.emit(DiagnosticKind::CannotReadFile, Where(), path,
                llvm::toString(array.takeError()));
    return std::nullopt;
  }
  if (array->shape != output.shape) {
    engine.emit(DiagnosticKind::LaunchFileShape, Where(), path);
    return std::nullopt;
  }
  if (array->isFloat)
    return array->reals;
  return std::vector<double>(array->integers.begin(), array->integers.end());
}

bool terrazzo::tool::save(const std::string &folder,
                          const driver::Output &output,
                          const interpreter::Tensor &data,
                          DiagnosticEngine &engine) {
  if (std::error_code error = llvm::sys::fs::create_directories(folder)) {
    engine.emit(DiagnosticKind::CannotWriteFile, Where(), folder,
                error.message());
    return false;
  }
  std::string path = folder + "/" + output.name + ".npy";
  if (llvm::Error error = driver::writeNpy(path, data, output.shape)) {
    engine.emit(DiagnosticKind::CannotWriteFile, Where(), path,
                llvm::toString(std::move(error)));
    return false;
  }
  return true;
}
