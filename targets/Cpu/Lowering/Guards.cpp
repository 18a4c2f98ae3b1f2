// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an entry asks of its arguments before any program runs (tile-ir.md, L8):
// that addresses and numbers are divisible by what they were promised to be,
// and that arguments are apart where the code needs it. The runtime answers;
// here are the numbers of which it is asked (lib/Runtime/Guards.h).
#include "lib/Runtime/Guards.h"
#include "lib/Transforms/Access/Hulls.h"
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

namespace {

/// Two arguments that must be apart.
struct Pair {
  access::Hulls::Hull read, written;
  Emitter::Equalities equal;
  bool holdsIfSame = true; // and the equalities
};

} // namespace

/// The assumptions, those of the same two arguments as one.
static std::map<std::pair<unsigned, unsigned>, Pair>
pairsOf(llvm::ArrayRef<Emitter::Assumption> assumptions, access::Hulls &hulls) {
  std::map<std::pair<unsigned, unsigned>, Pair> pairs;
  for (const Emitter::Assumption &a : assumptions) {
    unsigned read = cast<BlockArgument>(rootOf(a.read)).getArgNumber(),
             written = cast<BlockArgument>(rootOf(a.written)).getArgNumber();
    Pair &pair = pairs[{read, written}];
    pair.read = hulls.join(pair.read, hulls.hullOf(a.read, read));
    pair.written = hulls.join(pair.written, hulls.hullOf(a.written, written));
    pair.equal.insert(a.equal.begin(), a.equal.end());
    pair.holdsIfSame &= !a.equal.empty();
  }
  return pairs;
}

llvm::SmallVector<int64_t> Emitter::guardWords(func::FuncOp function,
                                               bool isGuarded) {
  llvm::SmallVector<int64_t> promises, tests;
  for (unsigned i = 0; i + 3 < function.getNumArguments(); ++i) {
    Type type = function.getArgument(i).getType();
    auto pointer = dyn_cast<kernel::PtrType>(type);
    // Elements are aligned, as Triton demands.
    int64_t divisor = pointer ? bytesOf(pointer.getPointee()) : 1;
    if (auto by =
            function.getArgAttrOfType<IntegerAttr>(i, "kernel.divisibility"))
      divisor = std::lcm(divisor, by.getInt());
    if (divisor > 1 && (pointer || type.isIntOrIndex()))
      promises.append({i,
                       pointer || type.isIndex()
                           ? 64
                           : int64_t(type.getIntOrFloatBitWidth()),
                       divisor});
  }
  access::Hulls hulls;
  int64_t count = 0;
  llvm::SmallVector<Assumption, 0> all(assumptions.begin(), assumptions.end());
  all.append(apart.begin(), apart.end());
  if (isGuarded)
    for (auto &[arguments, pair] : pairsOf(all, hulls)) {
      ++count;
      for (const auto &hull : {pair.read, pair.written})
        tests.append({hull.argument, hull.value, hull.bytes});
      if (!pair.holdsIfSame)
        pair.equal.clear();
      tests.push_back(int64_t(pair.equal.size()));
      for (auto [a, c] : pair.equal)
        tests.append({a, c});
    }
  llvm::SmallVector<int64_t> words{int64_t(promises.size()) / 3,
                                   int64_t(hulls.values().size()), count};
  words.append(promises);
  for (const auto &value : hulls.values())
    words.append(value.begin(), value.end());
  words.append(tests);
  return words;
}

/// The address of numbers in the module's constants.
Value Emitter::numbersConstant(llvm::ArrayRef<int64_t> numbers) {
  std::string name;
  unsigned number = 0;
  do
    name = ("numbers." + llvm::Twine(number++)).str();
  while (module.lookupSymbol(name));
  auto type = LLVM::LLVMArrayType::get(b.getI64Type(), numbers.size());
  LLVM::GlobalOp global;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    global = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true,
                                    LLVM::Linkage::Internal, name,
                                    b.getI64TensorAttr(numbers), 8);
  }
  return LLVM::AddressOfOp::create(b, loc, global);
}

/// What the runtime says of the arguments, an i64; null when there is nothing
/// to ask. An older runtime cannot be asked: then anything may overlap.
Value Emitter::checkedArguments(func::FuncOp function, bool isGuarded,
                                Value arguments, Value grid, Value runtime) {
  auto words = guardWords(function, isGuarded);
  if (words[0] == 0 && words[2] == 0)
    return {};
  std::string names;
  for (unsigned i = 0; i + 3 < function.getNumArguments(); ++i) {
    if (isa<kernel::PtrType>(function.getArgument(i).getType()))
      names += '*';
    names += function.getArgAttrOfType<StringAttr>(i, "kernel.name").str();
    names += '\0';
  }
  Type i32 = b.getI32Type();
  Value version = LLVM::LoadOp::create(b, loc, i32, runtime, 4);
  Value canAsk =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, version,
                            constant(b.getI32IntegerAttr(3)));
  auto branch = scf::IfOp::create(b, loc, TypeRange{i32}, canAsk, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value at = LLVM::GEPOp::create(b, loc, pointerType, b.getI64Type(), runtime,
                                 llvm::ArrayRef<LLVM::GEPArg>{4});
  Value callee = LLVM::LoadOp::create(b, loc, pointerType, at, 8);
  auto type =
      LLVM::LLVMFunctionType::get(i32, llvm::SmallVector<Type>(5, pointerType));
  Value answer =
      LLVM::CallOp::create(b, loc, type,
                           ValueRange{callee, runtime, numbersConstant(words),
                                      textConstant(names), arguments, grid})
          .getResult();
  scf::YieldOp::create(b, loc, answer);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(
      b, loc,
      constant(b.getI32IntegerAttr(isGuarded ? TERRAZZO_MAY_OVERLAP : 0)));
  b.setInsertionPointAfter(branch);
  return arith::ExtSIOp::create(b, loc, b.getI64Type(), branch.getResult(0));
}
