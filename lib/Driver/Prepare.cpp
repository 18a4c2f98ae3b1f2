// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/Prepare.h"

#include "lib/Diagnostics/FirstFault.h"
#include "lib/Driver/Filling.h"
#include "lib/Expression/Expression.h"
#include "lib/Frontend/Emit/Value.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"

using namespace terrazzo;
using namespace terrazzo::driver;
using frontend::DType;

namespace {

class Preparer : FirstFault {
public:
  Preparer(const LaunchFile &file, const Limits &limits,
           const Footprint &footprint, DiagnosticEngine &engine)
      : FirstFault(engine), file(file), maxElements(int64_t(limits.elements)),
        footprint(footprint), bytesThere(memoryThere(limits)) {}
  void checkNames(const frontend::KernelInfo &kernel);
  /// The arguments of the file.
  void arguments();
  /// Its only launch.
  void launch(const frontend::KernelInfo &kernel, Complete complete);
  /// One of several; what it adds to the arguments is taken back.
  Prepared step(const LaunchStep &step, const frontend::KernelInfo &kernel,
                Complete complete);
  void outputs();
  Prepared out;

private:
  int64_t number(const Text &text);
  std::optional<int64_t> evaluate(const Text &text);
  std::optional<int64_t> lookup(llvm::StringRef name);
  int64_t sizeOf(const LaunchArg &arg, std::vector<int64_t> &shape);
  void buffer(const LaunchArg &arg);
  void view(const LaunchArg &arg);
  void addresses(const LaunchArg &arg);
  void scalar(const LaunchArg &arg);
  Prepared::Bound scalarOf(const LaunchArg &arg);
  void given(const LaunchStep::Given &given);
  void grid(const std::vector<Text> &extents, llvm::SMRange where);
  void constant(const std::string &name, const Text &text,
                const frontend::KernelInfo &kernel);
  void addOpen(const frontend::KernelInfo &kernel, Complete complete);
  DType dtype(const Text &text);

  const LaunchFile &file;
  const int64_t maxElements;
  const Footprint footprint;
  const uint64_t bytesThere;
  const std::vector<std::pair<std::string, Text>> *constexprs =
      &file.constexprs;
  std::map<std::string, int64_t> numbers;
  std::vector<std::string> evaluating;
  Text cause;
  int64_t total = 0;
  unsigned __int128 bytes = 0;
  std::map<std::string, Prepared::Bound> all; // shared by the launches
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

} // namespace

std::optional<int64_t> Preparer::lookup(llvm::StringRef name) {
  auto known = numbers.find(name.str());
  if (known != numbers.end())
    return known->second;
  if (llvm::is_contained(evaluating, name))
    return std::nullopt;
  evaluating.push_back(name.str());
  std::optional<int64_t> result;
  auto consider = [&](llvm::StringRef id, const Text &text) {
    if (!result && id == name && text)
      result = evaluate(text);
  };
  for (auto &[id, text] : *constexprs)
    consider(id, text);
  for (auto &[id, text] : file.lets)
    consider(id, text);
  for (const LaunchArg &arg : file.args)
    consider(arg.name, arg.value);
  evaluating.pop_back();
  if (result)
    numbers[name.str()] = *result;
  return result;
}

/// Where it fails, \ref cause says at which expression that began.
std::optional<int64_t> Preparer::evaluate(const Text &text) {
  expression::Error error;
  auto v = expression::evaluate(
      text.text, [&](llvm::StringRef n) { return lookup(n); }, error);
  if (!v && cause.text.empty())
    cause = {error.message, text.where};
  return v;
}

int64_t Preparer::number(const Text &text) {
  cause = {};
  auto v = evaluate(text);
  if (!v)
    fail(cause.where, DiagnosticKind::LaunchBadExpression, cause.text);
  return *v;
}

DType Preparer::dtype(const Text &text) {
  if (auto type = frontend::dtypeNamed(text.text))
    return *type;
  fail(text.where, DiagnosticKind::LaunchBadDtype, text.text);
}

/// The elements of an argument, no more of them than there may be.
int64_t Preparer::sizeOf(const LaunchArg &arg, std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (const Text &t : arg.shape) {
    int64_t n = number(t);
    if (n < 0)
      fail(t.where, DiagnosticKind::LaunchBadShape, std::to_string(n));
    if (__builtin_mul_overflow(count, n, &count) || total + count > maxElements)
      fail(t.where, DiagnosticKind::LaunchTooLarge,
           std::to_string(maxElements));
    shape.push_back(n);
  }
  total += count;
  return count;
}

void Preparer::buffer(const LaunchArg &arg) {
  std::vector<int64_t> shape;
  int64_t count = sizeOf(arg, shape);
  if (!arg.dtype)
    fail(arg.where, DiagnosticKind::LaunchMissing, "dtype", arg.name);
  DType type = dtype(arg.dtype);
  interpreter::Buffer b;
  b.name = arg.name;
  b.data.type = interpreter::elementTypeOf(frontend::toMLIR(&context, type));
  bytes +=
      uint64_t(count) * (unsigned __int128)footprint.bytesEach(b.data.type);
  constexpr unsigned mebi = 20;
  if (bytes > bytesThere)
    fail(arg.shape.front().where, DiagnosticKind::LaunchNoMemory,
         std::to_string(uint64_t(bytes >> mebi)),
         std::to_string(bytesThere >> mebi));
  if (footprint.timesOnly && b.data.type.isFloat()) {
    b.data.bare = size_t(count);
  } else {
    b.data.allocate(count);
    Filling(
        file, maxElements, [&](const Text &t) { return number(t); }, engine)
        .fill(b.data, arg, type, shape);
    if (b.data.flags.empty())
      b.data.flags.assign(b.data.size(), 0);
  }
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  out.shapes[arg.name] = shape;
  out.strides[arg.name] = strides;
  Prepared::Bound bound;
  bound.type = "*" + frontend::nameOf(type).str();
  bound.argument.buffer = int(out.buffers.size());
  out.bound[arg.name] = bound;
  out.types.push_back(b.data.type);
  out.buffers.push_back(std::move(b));
}

void Preparer::view(const LaunchArg &arg) {
  auto base = out.bound.find(arg.viewof.text);
  if (base == out.bound.end() || base->second.argument.buffer < 0)
    fail(arg.viewof.where, DiagnosticKind::LaunchUnknownArgument,
         arg.viewof.text);
  std::vector<int64_t> shape, strides;
  for (const Text &t : arg.shape)
    shape.push_back(number(t));
  for (const Text &t : arg.strides)
    strides.push_back(number(t));
  if (shape.size() != strides.size())
    fail(arg.where, DiagnosticKind::LaunchMissing, "strides", arg.name);
  Prepared::Bound bound = base->second;
  int64_t offset = arg.offset ? number(arg.offset) : 0;
  bool far = __builtin_add_overflow(bound.argument.offset, offset,
                                    &bound.argument.offset);
  int64_t low = bound.argument.offset, high = low;
  bool empty = false;
  for (size_t d = 0; d < shape.size(); ++d) {
    int64_t reach = 0;
    empty |= shape[d] <= 0;
    far |= __builtin_sub_overflow(shape[d], 1, &reach) ||
           __builtin_mul_overflow(reach, strides[d], &reach);
    int64_t &end = reach < 0 ? low : high;
    far |= __builtin_add_overflow(end, reach, &end);
  }
  if (far && !empty)
    fail(arg.where, DiagnosticKind::LaunchViewOutside, arg.name);
  int64_t size = out.buffers[bound.argument.buffer].data.size();
  if (!empty && (low < 0 || high >= size))
    fail(arg.where, DiagnosticKind::LaunchViewOutside, arg.name);
  out.shapes[arg.name] = shape;
  out.strides[arg.name] = strides;
  out.bound[arg.name] = bound;
}

/// Symbolic addresses: the oracle's own; a device gets its own in their place.
void Preparer::addresses(const LaunchArg &arg) {
  if (arg.dtype || arg.init || arg.value || arg.strideof || arg.viewof ||
      !arg.shape.empty())
    fail(arg.where, DiagnosticKind::LaunchTwoKinds, arg.name);
  interpreter::Buffer b;
  b.name = arg.name;
  b.data.type = interpreter::elementTypeOf(
      frontend::toMLIR(&context, *frontend::dtypeNamed("i64")));
  for (const Text &name : arg.addressof) {
    auto found = out.bound.find(name.text);
    if (found == out.bound.end() || found->second.argument.buffer < 0 ||
        out.addresses.count(found->second.argument.buffer))
      fail(name.where, DiagnosticKind::LaunchUnknownArgument, name.text);
    const interpreter::LaunchArgument &a = found->second.argument;
    b.data.ints.push_back(interpreter::addressOf(
        a.buffer, a.offset, out.buffers[a.buffer].data.type));
  }
  b.data.flags.assign(b.data.size(), 0);
  out.shapes[arg.name] = {int64_t(b.data.size())};
  out.strides[arg.name] = {1};
  Prepared::Bound bound;
  bound.type = "*i64";
  bound.argument.buffer = int(out.buffers.size());
  out.addresses.insert(bound.argument.buffer);
  out.bound[arg.name] = bound;
  out.types.push_back(b.data.type);
  out.buffers.push_back(std::move(b));
}

void Preparer::scalar(const LaunchArg &arg) {
  out.bound[arg.name] = scalarOf(arg);
}

Prepared::Bound Preparer::scalarOf(const LaunchArg &arg) {
  Prepared::Bound bound;
  llvm::StringRef text = llvm::StringRef(arg.value.text).trim();
  double real;
  if (arg.strideof) {
    auto strides = out.strides.find(arg.strideof.text);
    if (strides == out.strides.end())
      fail(arg.strideof.where, DiagnosticKind::LaunchUnknownArgument,
           arg.strideof.text);
    int64_t d = arg.dim ? number(arg.dim) : 0;
    int64_t rank = strides->second.size();
    if (d < -rank || d >= rank)
      fail(arg.dim ? arg.dim.where : arg.where, DiagnosticKind::LaunchBadDim,
           std::to_string(d), arg.strideof.text);
    bound.argument.integer = strides->second[d < 0 ? d + rank : d];
    bound.type = "i32";
    numbers[arg.name] = bound.argument.integer;
  } else if (text == "true" || text == "True" || text == "false" ||
             text == "False") {
    bound.type = "i1";
    bound.argument.integer = text.lower() == "true";
  } else if (text.find_first_of(".eE") != llvm::StringRef::npos &&
             !text.contains_insensitive("x") && llvm::to_float(text, real)) {
    bound.type = "fp32";
    bound.argument.real = real;
  } else {
    if (!arg.value)
      fail(arg.where, DiagnosticKind::LaunchMissing, "shape` or `value",
           arg.name);
    bound.argument.integer = number(arg.value);
    bound.type = "i32";
  }
  if (arg.dtype) {
    DType type = dtype(arg.dtype);
    bool wasFloat = bound.type == "fp32";
    if (frontend::isFloat(type) && !wasFloat)
      bound.argument.real = double(bound.argument.integer);
    if (!frontend::isFloat(type) && wasFloat)
      fail(arg.dtype.where, DiagnosticKind::LaunchBadDtype, arg.dtype.text);
    if (!frontend::isFloat(type) && !fits(type, bound.argument.integer))
      fail(arg.value ? arg.value.where : arg.where,
           DiagnosticKind::ConstantOutOfRange,
           std::to_string(bound.argument.integer), frontend::nameOf(type));
    bound.type = frontend::nameOf(type).str();
  } else if (bound.type == "i32" &&
             bound.argument.integer != int32_t(bound.argument.integer)) {
    bound.type = "i64";
  }
  if (auto type = frontend::dtypeNamed(bound.type);
      type && frontend::isFloat(*type)) {
    auto format =
        interpreter::elementTypeOf(frontend::toMLIR(&context, *type)).format;
    if (!fits(format, bound.argument.real))
      fail(arg.value ? arg.value.where : arg.where,
           DiagnosticKind::ConstantOutOfRange, text, bound.type);
  }
  return bound;
}

void Preparer::constant(const std::string &name, const Text &text,
                        const frontend::KernelInfo &kernel) {
  bool known = llvm::any_of(kernel.parameters,
                            [&](const auto &p) { return p.name == name; });
  if (!known)
    fail(text.where, DiagnosticKind::UnknownArgument, name, kernel.name);
  Prepared::Bound bound;
  expression::Error error;
  auto v = expression::evaluate(
      text.text, [&](llvm::StringRef n) { return lookup(n); }, error);
  double real;
  llvm::StringRef t = llvm::StringRef(text.text).trim();
  if (v)
    bound.type = std::to_string(*v);
  else if (t == "True" || t == "true" || t == "False" || t == "false" ||
           t == "None" || t.starts_with("tl.") || llvm::to_float(t, real))
    bound.type = t.str();
  else
    bound.type = "'" + t.trim("'\"").str() + "'";
  out.bound[name] = bound;
}

/// The constants that the file leaves to the kernel's decorators; the grid may
/// name them.
void Preparer::addOpen(const frontend::KernelInfo &kernel, Complete complete) {
  bool open = llvm::any_of(kernel.parameters, [&](const auto &p) {
    return !out.bound.count(p.name);
  });
  if (!open || (kernel.space.empty() && kernel.heuristics.empty() &&
                kernel.tuningFault.empty()))
    return;
  std::vector<frontend::Argument> given;
  for (auto &[name, bound] : out.bound) {
    bool isNumber = bound.argument.buffer < 0 && bound.type != "None";
    std::string text = bound.type;
    if (isNumber && frontend::dtypeNamed(bound.type))
      text = bound.type.starts_with("fp") || bound.type.starts_with("bf")
                 ? llvm::formatv("{0:e17}", bound.argument.real).str()
                 : std::to_string(bound.argument.integer);
    given.push_back({name, text});
  }
  auto added = complete(given);
  if (!added)
    throw Stop();
  for (const frontend::Argument &a : *added) {
    Prepared::Bound bound;
    bound.type = a.text;
    int64_t n;
    if (!llvm::StringRef(a.text).getAsInteger(10, n))
      numbers[a.name] = n;
    out.bound[a.name] = bound;
  }
}

void Preparer::checkNames(const frontend::KernelInfo &kernel) {
  for (const LaunchArg &arg : file.args) {
    bool known = llvm::any_of(
        kernel.parameters, [&](const auto &p) { return p.name == arg.name; });
    // An argument may also stand for memory that others lead to.
    bool base = llvm::any_of(file.args, [&](const LaunchArg &other) {
      return (other.viewof && other.viewof.text == arg.name) ||
             llvm::any_of(other.addressof,
                          [&](const Text &t) { return t.text == arg.name; });
    });
    if (!known && !base)
      fail(arg.where, DiagnosticKind::UnknownArgument, arg.name, kernel.name);
  }
}

void Preparer::arguments() {
  // A name for expressions stands for one thing.
  for (const auto &[name, text] : file.lets)
    if (llvm::any_of(file.args,
                     [&, id = llvm::StringRef(name)](const LaunchArg &a) {
                       return a.name == id;
                     }))
      fail(text.where, DiagnosticKind::LaunchRepeatedKey, name);
  // The order of a mapping says nothing: memory first, then what is cut from
  // it, then what points to either.
  for (const LaunchArg &arg : file.args)
    if (!arg.viewof && !arg.shape.empty())
      buffer(arg);
  for (const LaunchArg &arg : file.args)
    if (arg.viewof)
      view(arg);
  for (const LaunchArg &arg : file.args)
    if (!arg.addressof.empty())
      addresses(arg);
  for (const LaunchArg &arg : file.args)
    if (!arg.viewof && arg.shape.empty() && arg.addressof.empty())
      scalar(arg);
}

/// \p where is the launch; invalid: the file.
void Preparer::grid(const std::vector<Text> &extents, llvm::SMRange where) {
  if (extents.empty() && where.isValid())
    fail(where, DiagnosticKind::LaunchMissing, "grid", "launches");
  if (extents.empty())
    fail(engine.range(file.buffer, 0, 0), DiagnosticKind::LaunchMissing, "grid",
         "the launch file");
  int64_t programs = 1;
  for (size_t d = 0; d < extents.size(); ++d) {
    out.grid[d] = number(extents[d]);
    if (out.grid[d] < 0 || out.grid[d] > INT32_MAX)
      fail(extents[d].where, DiagnosticKind::LaunchBadGrid);
    if (__builtin_mul_overflow(programs, out.grid[d], &programs))
      fail(extents[d].where, DiagnosticKind::LaunchBadGrid);
  }
}

void Preparer::launch(const frontend::KernelInfo &kernel, Complete complete) {
  for (auto &[name, text] : file.constexprs)
    constant(name, text, kernel);
  addOpen(kernel, complete);
  grid(file.grid, {});
}

/// A parameter of a launch: a shared argument, or a number.
void Preparer::given(const LaunchStep::Given &given) {
  const std::string &name = given.parameter.text;
  llvm::StringRef text = llvm::StringRef(given.value.text).trim();
  if (auto shared = all.find(text.str()); shared != all.end()) {
    out.bound[name] = shared->second;
    if (shared->second.argument.buffer < 0 &&
        !llvm::StringRef(shared->second.type).starts_with("fp"))
      numbers[name] = shared->second.argument.integer;
    return;
  }
  bool isName =
      !text.empty() && (llvm::isAlpha(text[0]) || text[0] == '_') &&
      llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  bool isKnown = text.lower() == "true" || text.lower() == "false";
  if (isName && !isKnown && !lookup(text))
    fail(given.value.where, DiagnosticKind::LaunchNotAnArgument, text);
  LaunchArg arg;
  arg.name = name;
  arg.where = given.parameter.where;
  arg.value = given.value;
  Prepared::Bound bound = scalarOf(arg);
  if (bound.type == "i32" || bound.type == "i64")
    numbers[name] = bound.argument.integer;
  out.bound[name] = bound;
}

Prepared Preparer::step(const LaunchStep &step,
                        const frontend::KernelInfo &kernel, Complete complete) {
  all = out.bound;
  auto kept = numbers;
  out.bound.clear();
  out.grid = {1, 1, 1};
  constexprs = &step.constexprs;
  for (const LaunchStep::Given &g : step.args) {
    bool known = llvm::any_of(kernel.parameters, [&](const auto &p) {
      return p.name == g.parameter.text;
    });
    if (!known)
      fail(g.parameter.where, DiagnosticKind::UnknownArgument, g.parameter.text,
           kernel.name);
    given(g);
  }
  for (auto &[name, text] : step.constexprs)
    constant(name, text, kernel);
  addOpen(kernel, complete);
  for (const auto &p : kernel.parameters)
    if (!p.hasDefault && !out.bound.count(p.name))
      fail(step.where, DiagnosticKind::LaunchMissing, p.name, "args");
  grid(step.grid, step.where);
  Prepared one;
  one.types = out.types;
  one.addresses = out.addresses;
  one.shapes = out.shapes;
  one.strides = out.strides;
  one.bound = std::move(out.bound);
  one.grid = out.grid;
  out.bound = std::move(all);
  numbers = std::move(kept);
  constexprs = &file.constexprs;
  return one;
}

void Preparer::outputs() {
  for (const Text &name : file.outputs) {
    auto found = out.bound.find(name.text);
    if (found == out.bound.end() || found->second.argument.buffer < 0)
      fail(name.where, DiagnosticKind::LaunchUnknownArgument, name.text);
    Output output;
    output.name = name.text;
    output.buffer = found->second.argument.buffer;
    output.offset = found->second.argument.offset;
    output.shape = out.shapes[name.text];
    output.strides = out.strides[name.text];
    // A view may repeat elements.
    int64_t count = 1;
    for (int64_t n : output.shape)
      if (__builtin_mul_overflow(count, n, &count) || count > maxElements)
        fail(name.where, DiagnosticKind::LaunchTooLarge,
             std::to_string(maxElements));
    for (const Expectation &e : file.expect)
      if (e.name.text == name.text)
        output.expect = e;
    out.outputs.push_back(output);
  }
  for (const Expectation &e : file.expect)
    if (llvm::none_of(file.outputs,
                      [&](const Text &o) { return o.text == e.name.text; }))
      fail(e.name.where, DiagnosticKind::LaunchMissing, e.name.text, "outputs");
}

std::optional<Prepared>
terrazzo::driver::prepare(const LaunchFile &file,
                          const frontend::KernelInfo &kernel, Complete complete,
                          DiagnosticEngine &engine, const Limits &limits,
                          const Footprint &footprint) {
  if (file.launchesWhere.isValid()) {
    engine.emit(DiagnosticKind::LaunchUnsupportedKey, Where(file.launchesWhere),
                "launches");
    return std::nullopt;
  }
  Preparer preparer(file, limits, footprint, engine);
  try {
    preparer.checkNames(kernel);
    preparer.arguments();
    preparer.launch(kernel, complete);
    preparer.outputs();
  } catch (const Stop &) {
    return std::nullopt;
  }
  return std::move(preparer.out);
}

std::optional<std::vector<Prepared>>
terrazzo::driver::prepareAll(const LaunchFile &file,
                             llvm::ArrayRef<frontend::KernelInfo> kernels,
                             CompleteStep complete, DiagnosticEngine &engine,
                             const Limits &limits, const Footprint &footprint) {
  std::vector<Prepared> out;
  if (!file.launchesWhere.isValid()) {
    auto only = prepare(
        file, kernels[0],
        [&](const std::vector<frontend::Argument> &given) {
          return complete(0, given);
        },
        engine, limits, footprint);
    if (!only)
      return std::nullopt;
    out.push_back(std::move(*only));
    return out;
  }
  Preparer preparer(file, limits, footprint, engine);
  try {
    preparer.arguments();
    for (size_t i = 0; i < file.launches.size(); ++i)
      out.push_back(
          preparer.step(file.launches[i], kernels[i],
                        [&](const std::vector<frontend::Argument> &given) {
                          return complete(i, given);
                        }));
    preparer.outputs();
  } catch (const Stop &) {
    return std::nullopt;
  }
  for (Prepared &one : out)
    one.outputs = preparer.out.outputs;
  out[0].buffers = std::move(preparer.out.buffers);
  return out;
}
