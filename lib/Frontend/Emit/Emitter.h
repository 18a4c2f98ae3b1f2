// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the AST of a kernel to Kernel IR: runs the Python that is known at
// compile time, gives Triton's types to the rest, and emits ops for it. Calls
// between jit functions are inlined, which makes tuples and constexpr arguments
// ordinary values.
//
// A mistake in the input throws Failure after it was reported: the visitor is
// deep, and nothing of a failed kernel is kept.
#ifndef TERRAZZO_LIB_FRONTEND_EMIT_EMITTER_H
#define TERRAZZO_LIB_FRONTEND_EMIT_EMITTER_H

#include "lib/Diagnostics/Diagnostics.h"
#include "lib/Frontend/Ast/Parser.h"
#include "lib/Frontend/Emit/Value.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/ProgramStack.h"

#include <map>
#include <set>

namespace terrazzo::frontend {

struct Failure {};

/// The arguments of a call, bound by name or position as the builtin asks.
struct Call {
  Expr *expr = nullptr;
  std::string name;
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> keywords;
  std::vector<Range> positionalRanges;
};

class Emitter {
public:
  using Kind = Value::Kind;

  Emitter(mlir::MLIRContext *context, SourceModule &source);

  //===-- Entry (Kernel.cpp) ----------------------------------------------===//
  /// \p arguments in the order of the parameters: a constant, or a Tensor
  /// without a value whose type becomes an argument of the function.
  mlir::ModuleOp emitKernel(Stmt *function, const std::vector<Value> &arguments,
                            const std::vector<int64_t> &divisibility);

  //===-- Statements (Statements.cpp, ControlFlow.cpp)
  //----------------------===//
  /// Whether control goes on: it does, it left, or a value decides.
  enum class Flow { Next, Left, Maybe };
  Flow flow();
  Flow suite(const Suite &statements);
  Flow run(const Suite &statements, size_t from);
  Flow rest(const Suite &statements, size_t from);
  void statement(Stmt *s);
  void assign(Expr *target, Value value);
  void augmentedAssign(Stmt *s);
  void leave(Stmt *s);
  void leaveLoop(bool returns);
  /// At the end of a function that control may reach: None is returned.
  void fallOff();
  Flow guarded(const Value &condition, const Suite &suite, size_t from,
               llvm::function_ref<void()> body, bool isEnd);
  Flow conditional(Stmt *s, const Suite &statements, size_t from,
                   bool &consumed);
  void forLoop(Stmt *s);
  void countedLoop(Stmt *s, const Call &call, Value start, Value stop,
                   Value step);
  void whileLoop(Stmt *s);
  void staticFor(Stmt *s, const std::vector<Value> &values);

  //===-- Expressions (Expressions.cpp)
  //---------------------------------------===//
  Value expression(Expr *e);
  Value name(Expr *e);
  Value attribute(Expr *e);
  Value subscript(Expr *e);
  Value compare(Expr *e);
  Value logical(Expr *e);
  std::string formatted(Expr *e);
  Value conditionalExpression(Expr *e);
  Value call(Expr *e);
  Value callFunction(Stmt *function, Call &call);

  //===-- Names at the top of files (Imports.cpp)
  //-----------------------------===//
  Value global(llvm::StringRef name, Range range);
  std::optional<Value> defined(llvm::StringRef name, Range at);
  std::optional<Value> definedIn(SourceModule &module, llvm::StringRef name);
  void pushTop(Range site);
  std::optional<Value> importedName(llvm::StringRef name, Range at);
  /// The file that this one imports as \p module; null when there is none under
  /// the folders of -I.
  SourceModule *fileOf(llvm::StringRef module);
  std::optional<Value> moduleNamed(llvm::StringRef name);
  Value moduleMember(const Value &module, llvm::StringRef name);
  [[noreturn]] void notAValue(const Value &v);
  /// The module of an import statement that a name is of which nobody has.
  std::optional<std::string> absentModule(llvm::StringRef name);
  [[noreturn]] void noModule(const std::string &module, Range at);
  std::string dottedName(Expr *e);

  //===-- Semantics (Arithmetic.cpp, Casts.cpp)
  //---------------------------------===//
  Value toTensor(const Value &v, std::optional<DType> as = std::nullopt);
  Value constant(DType type, const Value &number,
                 const std::vector<int64_t> &shape = {});
  Value binary(llvm::StringRef op, Value a, Value b);
  Value constantBinary(llvm::StringRef op, const Value &a, const Value &b);
  Value compareOne(llvm::StringRef op, Value a, Value b);
  Value unary(llvm::StringRef op, Value a);
  DType promote(DType a, bool aScalar, DType b, bool bScalar, bool divides);
  void unify(Value &a, Value &b, bool divides, bool arithmetic = true);
  Value cast(Value v, DType to, bool roundToZero = false);
  Value bitcast(Value v, DType to);
  Value broadcastTo(const Value &v, const std::vector<int64_t> &shape);
  void broadcastBoth(Value &a, Value &b);
  Value addPointer(Value pointer, Value offset);
  Value minMax(Value a, Value b, bool isMax, bool propagateNan);
  Value where(Value c, Value a, Value b);
  Value reshape(const Value &v, const std::vector<int64_t> &shape);
  Value expandDims(const Value &v, int64_t axis);
  Value trans(const Value &v, const std::vector<int32_t> &order);
  /// Combines along an axis with \p combine over scalars of the elements.
  std::vector<Value>
  reduce(const std::vector<Value> &inputs, int64_t axis, bool keepDims,
         llvm::function_ref<std::vector<Value>(std::vector<Value>)> combine);
  std::vector<Value>
  scan(const std::vector<Value> &inputs, int64_t axis, bool reverse,
       llvm::function_ref<std::vector<Value>(std::vector<Value>)> combine);
  Value callCombine(Stmt *function, std::vector<Value> arguments);

  //===-- Builtins (Builtins*.cpp)
  //----------------------------------------------===//
  Value builtin(Call &call);
  [[noreturn]] void unknownBuiltin(const std::string &id, Range at);
  Value method(const Value &object, llvm::StringRef name, Call &call);
  Value load(Call &call);
  Value store(Call &call);
  Value random(Call &call);
  std::vector<Value> philox(const Value &seed, std::vector<Value> counters,
                            int64_t rounds);
  Value uniformOf(const Value &bits);
  void boundary(const BlockPointer &p, const std::vector<int64_t> &checked,
                Value &pointers, Value &mask);

  //===-- Python of the host, in decorators (Host.cpp)
  //---------------------------===//
  Value hostDict(Expr *e);
  Value hostLambda(Expr *e);
  Value hostComprehension(Expr *e);
  Value hostConfig(Expr *e);
  Value hostAttribute(const Value &object, const std::string &name);
  Value hostItem(const Value &dict, const Value &key);
  Value hostCall(const Value &callee, const std::vector<Value> &arguments);

  //===-- Arguments
  //-------------------------------------------------------------===//
  /// The argument called \p name or at \p position; none when it is missing.
  std::optional<Value> argument(Call &call, int position, llvm::StringRef name);
  Value required(Call &call, int position, llvm::StringRef name);
  int64_t constantInt(const Value &v, llvm::StringRef what);
  std::vector<int64_t> constantShape(Call &call, int position,
                                     llvm::StringRef name);
  std::vector<int64_t> checkShape(std::vector<int64_t> shape);

  //===-- Diagnostics and places
  //---------------------------------------------------===//
  template <typename... Args>
  [[noreturn]] void fail(DiagnosticKind kind, Args &&...args) {
    failAt(range, kind, std::forward<Args>(args)...);
  }
  template <typename... Args>
  [[noreturn]] void failAt(Range at, DiagnosticKind kind, Args &&...args) {
    auto d = source->diagnostics().emit(kind, source->where(at),
                                        std::forward<Args>(args)...);
    addCallers(d);
    d.report();
    throw Failure();
  }
  void addCallers(DiagnosticBuilder &d);
  mlir::Location location();
  void step();

  mlir::OpBuilder builder;
  SourceModule *source; // what is being emitted stands in it
  SourceModule *main;   // the kernel's own file
  Limits limits;
  uint64_t steps = 0;
  uint64_t operations = 0;
  unsigned nesting = 0;
  /// Expressions within calls within expressions: the visitor recurses, and
  /// each alone may be within its limit.
  uintptr_t stackBegin = llvm::getStackPointer();
  uintptr_t stackMost = llvm::getDefaultStackSize() / 2;
  /// Evaluates decorators and defaults: more of Python, and no ops.
  bool host = false;
  /// What is being emitted: the place of diagnostics and of ops.
  Range range;

  /// A loop that is being emitted: the names whose values a way out takes
  /// along, as they were when the step began, and where the body binds them.
  struct LoopScope {
    struct Entry {
      Value value;
      Range where;
    };
    std::map<std::string, Entry> kept;
    bool isStatic = false;
  };
  struct Frame {
    Stmt *function = nullptr;
    std::map<std::string, Value> names;
    /// Names that were bound in a block that has ended, and where.
    std::map<std::string, Range> lost;
    Range callSite;
    SourceModule *caller = nullptr; // that holds the call site
    bool isTop = false;             // no function's: the top of a file
    std::vector<LoopScope> loops;
    /// Suites of the function, or of the innermost loop, that are open.
    unsigned openSuites = 0;

    /// Before the first statement.
    void start();
  };
  std::vector<Frame> frames;
  Frame &frame() { return frames.back(); }
  SourceModule &callerOf(const Frame &frame) const;
  /// The top of one file.
  struct Scope {
    std::map<std::string, Value> globals;
    std::set<std::string> evaluating;
    std::map<std::string, std::string> modules; // alias → full module name
    /// name → module and name there
    std::map<std::string, std::vector<std::pair<std::string, std::string>>>
        imported;
    std::vector<std::string> stars; // modules
    bool importsRead = false;
  };
  std::map<SourceModule *, Scope> scopes;
  Scope &scope();
  /// The files of functions that were named.
  std::map<const Stmt *, SourceModule *> owners;
};

/// Emits what stands in another file while it lives.
class InModule {
public:
  InModule(Emitter &emitter, SourceModule &module)
      : emitter(emitter), saved(emitter.source) {
    emitter.source = &module;
  }
  ~InModule() { emitter.source = saved; }

private:
  Emitter &emitter;
  SourceModule *saved;
};

/// Sets the place while it lives.
class At {
public:
  At(Emitter &emitter, Range range) : emitter(emitter), saved(emitter.range) {
    emitter.range = range;
  }
  ~At() { emitter.range = saved; }

private:
  Emitter &emitter;
  Range saved;
};

/// Counts branches within branches while it lives: the visitor recurses.
class Nesting {
public:
  explicit Nesting(Emitter &emitter) : emitter(emitter) {
    if (++emitter.nesting > emitter.limits.nesting)
      emitter.fail(DiagnosticKind::TooDeeplyNested,
                   std::to_string(emitter.limits.nesting));
  }
  ~Nesting() { --emitter.nesting; }

private:
  Emitter &emitter;
};

/// The one name under which builtins are known: `tl.x` for every way to it.
std::string canonicalName(llvm::StringRef full);

/// Every name of the language that has a builtin, sorted.
std::vector<std::string> builtinNames();

} // namespace terrazzo::frontend

#endif // TERRAZZO_LIB_FRONTEND_EMIT_EMITTER_H
