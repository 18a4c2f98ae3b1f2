// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// device_print and device_assert: calls of the runtime's report.
#include "lib/Transforms/Decompose/FloatCasts.h"
#include "targets/Cpu/Lowering/Emitter.h"

using namespace terrazzo;
using namespace terrazzo::cpu;
using namespace mlir;

/// The address of \p text in the module's constants.
Value Emitter::textConstant(llvm::StringRef text) {
  std::string name;
  unsigned number = 0;
  do
    name = ("text." + llvm::Twine(number++)).str();
  while (module.lookupSymbol(name));
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), text.size() + 1);
  LLVM::GlobalOp global;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    global = LLVM::GlobalOp::create(
        b, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
        b.getStringAttr(llvm::Twine(text) + llvm::Twine('\0')));
  }
  return LLVM::AddressOfOp::create(b, loc, global);
}

/// Stores \p fields, each of 8 bytes, one after the other.
void Emitter::fillWords(Value base, llvm::ArrayRef<Value> fields) {
  for (auto [k, field] : llvm::enumerate(fields)) {
    Value at = LLVM::GEPOp::create(b, loc, pointerType, b.getI64Type(), base,
                                   llvm::ArrayRef<LLVM::GEPArg>{int32_t(k)});
    LLVM::StoreOp::create(b, loc, field, at, 8);
  }
}

/// Calls the runtime with a TerrazzoReport.
void Emitter::callReport(llvm::StringRef text, bool isFailure, Value values,
                         int64_t count, bool isHex) {
  auto number = [&](int64_t n) { return constant(b.getI64IntegerAttr(n)); };
  llvm::SmallVector<Value> fields{textConstant(text), number(text.size()),
                                  number(isFailure)};
  for (Value id : programIds)
    fields.push_back(arith::IndexCastOp::create(b, loc, b.getI64Type(), id));
  if (!values)
    values = LLVM::ZeroOp::create(b, loc, pointerType);
  fields.append({values, number(count), number(isHex)});
  Value memory = scratch(int64_t(fields.size()) * 8);
  fillWords(memory, fields);
  Value runtime = contextWord(4, pointerType);
  Value at = LLVM::GEPOp::create(b, loc, pointerType, b.getI64Type(), runtime,
                                 llvm::ArrayRef<LLVM::GEPArg>{2});
  Value callee = LLVM::LoadOp::create(b, loc, pointerType, at, 8);
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(b.getContext()), {pointerType, pointerType});
  LLVM::CallOp::create(b, loc, type, ValueRange{callee, runtime, memory});
}

/// The condition is looked at in vectors; where one does not hold, the launch
/// has failed and begins no further program.
void Emitter::assertion(kernel::AssertOp op) {
  Value condition = op.getCondition();
  llvm::ArrayRef<int64_t> shape = shapeOf(condition);
  auto along = alongTheWay({condition}, shape);
  nest(shape, int64_t(shape.size()) - 1, widthFor(b.getI32Type()),
       [&](const Indices &at) {
         Value holds = evaluate(condition, at);
         keep(along, at);
         if (isa<VectorType>(holds.getType()))
           holds = vector::ReductionOp::create(
               b, loc, vector::CombiningKind::AND, holds);
         Value fails = arith::XOrIOp::create(b, loc, holds,
                                             constant(b.getBoolAttr(true)));
         auto branch = scf::IfOp::create(b, loc, fails, false);
         OpBuilder::InsertionGuard guard(b);
         b.setInsertionPointToStart(branch.thenBlock());
         callReport(op.getMessage(), /*isFailure=*/true, {}, 0, false);
         LLVM::StoreOp::create(b, loc, constant(b.getI64IntegerAttr(2)),
                               contextSlot(5), 8, /*isVolatile=*/false,
                               /*isNonTemporal=*/false,
                               /*isInvariantGroup=*/false,
                               LLVM::AtomicOrdering::monotonic);
       });
  kept(along);
}

void Emitter::print(kernel::PrintOp op) {
  llvm::SmallVector<Value> words;
  auto number = [&](int64_t n) { return constant(b.getI64IntegerAttr(n)); };
  auto isSigned = op.getIsSigned();
  for (auto [n, v] : llvm::enumerate(op.getValues())) {
    Type element = elementOf(v);
    bool isFloat = isa<FloatType>(element);
    bool keepsSign = !isSigned || n >= isSigned->size() || (*isSigned)[n];
    int64_t size = 1;
    llvm::SmallVector<Value> sizes;
    for (int64_t d : shapeOf(v)) {
      size *= d;
      sizes.push_back(number(d));
    }
    Value memory = scratch(size * 8), dims = scratch(int64_t(sizes.size()) * 8);
    fillWords(dims, sizes);
    std::optional<Buffer> buffer;
    if (isTensor(v)) {
      buffer = materialise(v);
      buffer->shape = {size};
    }
    loop(0, size, 1, [&](Value i) {
      Value x = buffer ? loadBuffer(*buffer, {{i, false, {}}}) : scalarOf(v);
      if (isFloat)
        x = castFloat(b, loc, x, b.getF64Type());
      else if (element.isIndex())
        x = arith::IndexCastOp::create(b, loc, b.getI64Type(), x);
      else if (element.isInteger(1))
        x = arith::ExtUIOp::create(b, loc, b.getI64Type(), x);
      else if (!element.isInteger(64))
        x = arith::ExtSIOp::create(b, loc, b.getI64Type(), x);
      LLVM::StoreOp::create(b, loc, x, pointerAt(memory, b.getI64Type(), i), 8);
    });
    unsigned bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
    words.append({memory, number(size), number(isFloat), number(keepsSign),
                  number(bits), number(sizes.size()), dims});
  }
  Value values;
  if (!words.empty()) {
    values = scratch(int64_t(words.size()) * 8);
    fillWords(values, words);
  }
  callReport(op.getPrefix(), /*isFailure=*/false, values,
             int64_t(op.getValues().size()), op.getHex());
}
