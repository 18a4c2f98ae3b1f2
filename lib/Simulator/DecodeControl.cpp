// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Launches, loops and branches become jumps; what they carry, moves.
#include "lib/Simulator/DecodeState.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace terrazzo;
using namespace terrazzo::simulator;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

void Decoder::State::move(mlir::Operation *op, Register target, Scalar source) {
  if (source.reg == target)
    return;
  Instruction &next = decoder.emit(op, Action::Move, -1);
  next.result = target;
  next.scalar = source;
}

void Decoder::State::moveAll(mlir::Operation *op, mlir::ValueRange targets,
                             mlir::ValueRange sources) {
  llvm::SmallVector<std::pair<Register, Scalar>> moves;
  for (auto [target, source] : llvm::zip(targets, sources))
    if (!mlir::isa<mlir::MemRefType>(target.getType()))
      moves.push_back({decoder.reg(target), decoder.scalar(source)});
  for (size_t i = 0; i < moves.size(); ++i) {
    // A source that an earlier move overwrites is kept aside first.
    Register source = moves[i].second.reg;
    bool isOverwritten =
        source >= 0 && llvm::any_of(llvm::ArrayRef(moves).take_front(i),
                                    [&](auto &m) { return m.first == source; });
    if (!isOverwritten)
      continue;
    Register aside = fresh();
    move(op, aside, moves[i].second);
    moves[i].second = {aside, 0};
  }
  for (auto &[target, source] : moves)
    move(op, target, source);
}

int32_t Decoder::State::jump(mlir::Operation *op, Action action,
                             Register condition) {
  Instruction &next = decoder.emit(op, action, -1);
  next.scalar.reg = condition;
  return here() - 1;
}

Register Decoder::State::binary(mlir::Operation *op, Arithmetic::Code code,
                                ElementType type, Register a, Register b,
                                int32_t detail) {
  Arithmetic work;
  work.code = code;
  work.from = work.to = type;
  work.detail = detail;
  work.operands = {a, b};
  work.result = fresh();
  Instruction &next = decoder.emit(op, Action::Arithmetic, -1);
  next.payload = int32_t(program.arithmetic.size());
  next.result = work.result;
  program.arithmetic.push_back(work);
  return work.result;
}

llvm::LogicalResult Decoder::State::launchBody(tile::LaunchOp launch) {
  if (this->launch)
    return launch.emitError("a launch stands inside another");
  if (launch.getExtents().size() != 1)
    return launch.emitError("a chip's launch has one dimension: its cores");
  std::optional<Word> cores = constantOf(launch.getExtents()[0]);
  if (!cores || cores->integer < 1)
    return launch.emitError("the number of cores must be a constant above 0");
  this->launch = launch;
  int32_t over = jump(launch, Action::Jump);
  Launch next;
  next.cores = cores->integer;
  mlir::Block &body = launch.getBody().front();
  next.core = decoder.reg(body.getArgument(0));
  next.begin = here();
  if (mlir::failed(block(body)))
    return mlir::failure();
  decoder.emit(launch, Action::End, -1);
  program.instructions[over].target = here();
  program.launches.push_back(next);
  this->launch = nullptr;
  return mlir::success();
}

llvm::LogicalResult Decoder::State::loop(scf::ForOp loop) {
  moveAll(loop, loop.getRegionIterArgs(), loop.getInitArgs());
  for (auto [result, carried] :
       llvm::zip(loop.getResults(), loop.getRegionIterArgs()))
    registers[result] = decoder.reg(carried);
  Register at = decoder.reg(loop.getInductionVar());
  move(loop, at, decoder.scalar(loop.getLowerBound()));
  ElementType type =
      interpreter::elementTypeOf(loop.getInductionVar().getType());
  using P = arith::CmpIPredicate;
  P below = loop.getUnsignedCmp() ? P::ult : P::slt;
  int32_t head = here();
  Register goes = binary(loop, Arithmetic::Code::CmpI, type, at,
                         decoder.reg(loop.getUpperBound()), int32_t(below));
  program.arithmetic.back().to.bits = 1;
  int32_t out = jump(loop, Action::JumpIfZero, goes);
  if (mlir::failed(block(*loop.getBody())))
    return mlir::failure();
  moveAll(loop, loop.getRegionIterArgs(),
          loop.getBody()->getTerminator()->getOperands());
  Register next = binary(loop, Arithmetic::Code::AddI, type, at,
                         decoder.reg(loop.getStep()));
  program.arithmetic.back().result = at;
  program.instructions.back().result = at;
  (void)next;
  program.instructions[jump(loop, Action::Jump)].target = head;
  program.instructions[out].target = here();
  return mlir::success();
}

llvm::LogicalResult Decoder::State::branch(scf::IfOp op) {
  int32_t other = jump(op, Action::JumpIfZero, decoder.reg(op.getCondition()));
  if (mlir::failed(block(op.getThenRegion().front())))
    return mlir::failure();
  moveAll(op, op.getResults(), op.thenYield().getOperands());
  if (op.getElseRegion().empty()) {
    program.instructions[other].target = here();
    return mlir::success();
  }
  int32_t out = jump(op, Action::Jump);
  program.instructions[other].target = here();
  if (mlir::failed(block(op.getElseRegion().front())))
    return mlir::failure();
  moveAll(op, op.getResults(), op.elseYield().getOperands());
  program.instructions[out].target = here();
  return mlir::success();
}

llvm::LogicalResult Decoder::State::loop(scf::WhileOp loop) {
  mlir::Block &before = loop.getBefore().front(),
              &after = loop.getAfter().front();
  auto condition = mlir::cast<scf::ConditionOp>(before.getTerminator());
  moveAll(loop, before.getArguments(), loop.getInits());
  int32_t head = here();
  if (mlir::failed(block(before)))
    return mlir::failure();
  // What is carried to the body is what the loop gives at its end.
  moveAll(loop, after.getArguments(), condition.getArgs());
  for (auto [result, carried] :
       llvm::zip(loop.getResults(), after.getArguments()))
    registers[result] = decoder.reg(carried);
  int32_t out =
      jump(loop, Action::JumpIfZero, decoder.reg(condition.getCondition()));
  if (mlir::failed(block(after)))
    return mlir::failure();
  moveAll(loop, before.getArguments(), after.getTerminator()->getOperands());
  program.instructions[jump(loop, Action::Jump)].target = head;
  program.instructions[out].target = here();
  return mlir::success();
}
