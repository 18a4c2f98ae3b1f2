// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The short forms of launch, roles, view, slice, map, reduce and scan; the
// generic form of each stays readable.
#include "dialects/Tile/Tile.h"

#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace terrazzo::tile;

using Operands = llvm::SmallVector<OpAsmParser::UnresolvedOperand>;
using Arguments = llvm::SmallVector<OpAsmParser::Argument>;

static ParseResult parseBody(OpAsmParser &parser, OperationState &result,
                             Arguments &arguments) {
  Region *body = result.addRegion();
  SMLoc where = parser.getCurrentLocation();
  if (parser.parseRegion(*body, arguments))
    return failure();
  if (body->empty())
    return parser.emitError(where, "a body has one block");
  Block &block = body->front();
  if (block.empty() || !block.back().hasTrait<OpTrait::IsTerminator>()) {
    OpBuilder builder(parser.getContext());
    builder.setInsertionPointToEnd(&block);
    YieldOp::create(builder, parser.getEncodedSourceLoc(where), ValueRange());
  }
  return success();
}

static void printBody(OpAsmPrinter &p, Region &region) {
  p << ' ';
  Operation &end = region.front().back();
  p.printRegion(region, /*printEntryBlockArgs=*/false,
                /*printBlockTerminators=*/end.getNumOperands() != 0 ||
                    !end.getAttrs().empty());
}

static void printArguments(OpAsmPrinter &p, Region &region) {
  p << '(';
  llvm::interleaveComma(region.getArguments(), p,
                        [&](BlockArgument a) { p.printOperand(a); });
  p << ')';
}

//===-- launch and roles --------------------------------------------------===//

ParseResult LaunchOp::parse(OpAsmParser &parser, OperationState &result) {
  Arguments ivs;
  Operands extents;
  Type index = parser.getBuilder().getIndexType();
  if (parser.parseArgumentList(ivs, OpAsmParser::Delimiter::Paren) ||
      parser.parseKeyword("in") ||
      parser.parseOperandList(extents, OpAsmParser::Delimiter::Paren) ||
      parser.parseOptionalAttrDict(result.attributes) ||
      parser.resolveOperands(extents, index, result.operands))
    return failure();
  for (OpAsmParser::Argument &iv : ivs)
    iv.type = index;
  return parseBody(parser, result, ivs);
}

void LaunchOp::print(OpAsmPrinter &p) {
  p << ' ';
  printArguments(p, getBody());
  p << " in (" << getExtents() << ')';
  p.printOptionalAttrDict((*this)->getAttrs());
  printBody(p, getBody());
}

ParseResult RolesOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  llvm::SmallVector<Attribute> roles;
  if (parser.parseOptionalAttrDict(result.attributes))
    return failure();
  while (succeeded(parser.parseOptionalKeyword("role"))) {
    StringAttr name, stream;
    int64_t replicas;
    NamedAttrList budget;
    Arguments replica;
    if (parser.parseAttribute(name, builder.getNoneType()) ||
        parser.parseKeyword("on") ||
        parser.parseAttribute(stream, builder.getNoneType()) ||
        parser.parseKeyword("x") || parser.parseInteger(replicas) ||
        parser.parseOptionalAttrDict(budget) ||
        parser.parseArgumentList(replica, OpAsmParser::Delimiter::Paren))
      return failure();
    for (OpAsmParser::Argument &argument : replica)
      argument.type = builder.getIndexType();
    auto role = RoleAttr::getChecked(
        [&] { return parser.emitError(parser.getCurrentLocation()); },
        parser.getContext(), name, stream, replicas,
        budget.getDictionary(parser.getContext()));
    if (!role || parseBody(parser, result, replica))
      return failure();
    roles.push_back(role);
  }
  result.addAttribute("roles", builder.getArrayAttr(roles));
  return success();
}

void RolesOp::print(OpAsmPrinter &p) {
  p.printOptionalAttrDict((*this)->getAttrs(), {"roles"});
  for (auto [attribute, body] : llvm::zip(getRoles(), getBodies())) {
    auto role = cast<RoleAttr>(attribute);
    p << " role " << role.getRole() << " on " << role.getStream() << " x "
      << role.getReplicas();
    if (!role.getBudget().empty())
      p << ' ' << role.getBudget();
    p << ' ';
    printArguments(p, body);
    printBody(p, body);
  }
}

//===-- view and slice ----------------------------------------------------===//

ParseResult ViewOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::UnresolvedOperand base;
  Operands sizes, strides;
  Type first, second;
  if (parser.parseOperand(base) ||
      parser.parseOperandList(sizes, OpAsmParser::Delimiter::OptionalSquare) ||
      parser.parseOperandList(strides,
                              OpAsmParser::Delimiter::OptionalSquare) ||
      parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(first))
    return failure();
  sizes.append(strides.begin(), strides.end());
  if (succeeded(parser.parseOptionalArrow())) {
    if (parser.parseType(second))
      return failure();
  } else { // the pointer to the view's elements
    auto view = dyn_cast<ViewType>(first);
    if (!view)
      return parser.emitError(parser.getNameLoc(), "the type is no view");
    second = view;
    first = kernel::PtrType::get(view.getTensor().getElementType());
  }
  result.addTypes(second);
  return failure(parser.resolveOperand(base, first, result.operands) ||
                 parser.resolveOperands(sizes,
                                        parser.getBuilder().getIndexType(),
                                        result.operands));
}

void ViewOp::print(OpAsmPrinter &p) {
  p << ' ' << getBase();
  size_t rank = getSizes().size() / 2;
  if (rank)
    p << '[' << getSizes().take_front(rank) << "]["
      << getSizes().drop_front(rank) << ']';
  p.printOptionalAttrDict((*this)->getAttrs());
  ViewType view = getView().getType();
  auto pointer = dyn_cast<kernel::PtrType>(getBase().getType());
  p << " : ";
  if (!pointer || pointer.getPointee() != view.getTensor().getElementType())
    p << getBase().getType() << " -> ";
  p << view;
}

ParseResult SliceOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::UnresolvedOperand view;
  Operands offsets;
  llvm::SmallVector<Type> types;
  Type from, to;
  auto offset = [&]() -> ParseResult {
    types.push_back(parser.getBuilder().getIndexType());
    if (parser.parseOperand(offsets.emplace_back()))
      return failure();
    if (succeeded(parser.parseOptionalColon()))
      return parser.parseType(types.back());
    return success();
  };
  if (parser.parseOperand(view) ||
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, offset))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("dims"))) {
    ArrayAttr dims;
    if (parser.parseAttribute(dims, "dims", result.attributes))
      return failure();
  }
  if (parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(from) || parser.parseKeyword("to") ||
      parser.parseType(to))
    return failure();
  result.addTypes(to);
  return failure(parser.resolveOperand(view, from, result.operands) ||
                 parser.resolveOperands(offsets, types, parser.getNameLoc(),
                                        result.operands));
}

void SliceOp::print(OpAsmPrinter &p) {
  p << ' ' << getView() << '[';
  llvm::interleaveComma(getOffsets(), p, [&](Value offset) {
    p << offset;
    if (!offset.getType().isIndex())
      p << ": " << offset.getType();
  });
  p << ']';
  if (getDims()) {
    p << " dims [";
    llvm::interleaveComma(getDims()->getAsRange<IntegerAttr>(), p,
                          [&](IntegerAttr dim) { p << dim.getInt(); });
    p << ']';
  }
  p.printOptionalAttrDict((*this)->getAttrs(), {"dims"});
  p << " : " << getView().getType() << " to " << getWindow().getType();
}

//===-- map, reduce, scan -------------------------------------------------===//

/// `(%a, %b) {attributes} : types -> types (%x, %y) { … }`; \p typesOf gives
/// the region's arguments their types.
static ParseResult
parseRegional(OpAsmParser &parser, OperationState &result,
              llvm::function_ref<llvm::SmallVector<Type>(llvm::ArrayRef<Type>,
                                                         llvm::ArrayRef<Type>)>
                  typesOf) {
  Operands ins;
  llvm::SmallVector<Type> inTypes, outTypes;
  Arguments arguments;
  if (parser.parseOperandList(ins, OpAsmParser::Delimiter::Paren) ||
      parser.parseOptionalAttrDict(result.attributes) || parser.parseColon() ||
      (!ins.empty() && parser.parseTypeList(inTypes)) || parser.parseArrow() ||
      parser.parseTypeList(outTypes))
    return failure();
  SMLoc where = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren) ||
      parser.resolveOperands(ins, inTypes, where, result.operands))
    return failure();
  result.addTypes(outTypes);
  llvm::SmallVector<Type> types = typesOf(inTypes, outTypes);
  if (types.size() != arguments.size())
    return parser.emitError(where, "this body takes ")
           << types.size() << " arguments, not " << arguments.size();
  for (auto [argument, type] : llvm::zip(arguments, types))
    argument.type = type;
  return parseBody(parser, result, arguments);
}

static void printRegional(OpAsmPrinter &p, Operation *op) {
  p << '(' << op->getOperands() << ')';
  p.printOptionalAttrDict(op->getAttrs());
  p << " : ";
  llvm::interleaveComma(op->getOperandTypes(), p);
  p << (op->getNumOperands() ? " -> " : "-> ");
  llvm::interleaveComma(op->getResultTypes(), p);
  p << ' ';
  printArguments(p, op->getRegion(0));
  printBody(p, op->getRegion(0));
}

ParseResult MapOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseRegional(
      parser, result, [&](llvm::ArrayRef<Type> ins, llvm::ArrayRef<Type> outs) {
        auto out = dyn_cast<RankedTensorType>(outs.front());
        llvm::SmallVector<Type> types(out ? out.getRank() : 0,
                                      parser.getBuilder().getIndexType());
        for (Type in : ins)
          types.push_back(getElementTypeOrSelf(in));
        return types;
      });
}
void MapOp::print(OpAsmPrinter &p) { printRegional(p, *this); }

static llvm::SmallVector<Type> twice(llvm::ArrayRef<Type> ins,
                                     llvm::ArrayRef<Type>) {
  llvm::SmallVector<Type> types;
  for (int side = 0; side < 2; ++side)
    for (Type in : ins)
      types.push_back(getElementTypeOrSelf(in));
  return types;
}
ParseResult ReduceOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseRegional(parser, result, twice);
}
void ReduceOp::print(OpAsmPrinter &p) { printRegional(p, *this); }
ParseResult ScanOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseRegional(parser, result, twice);
}
void ScanOp::print(OpAsmPrinter &p) { printRegional(p, *this); }
