// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_DIALECTS_TILE_TILEDIALECT
#define TERRAZZO_DIALECTS_TILE_TILEDIALECT

include "mlir/IR/DialectBase.td"
include "mlir/IR/AttrTypeBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::terrazzo::tile";
  let summary = "A whole launch under a schedule";
  let description = [{
    Values have places, windows are views, and streams meet through channels.
    docs/Spec/Tile.md numbers the constraints; verifiers and tests cite them.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

class Tile_Attr<string name, string mnemonic_> : AttrDef<Tile_Dialect, name> {
  let mnemonic = mnemonic_;
}

def Tile_Place : Tile_Attr<"Place", "place"> {
  let summary = "Where a value lives and how its elements lie there";
  let parameters = (ins "::mlir::StringAttr":$memory, "::mlir::Attribute":$layout);
  let assemblyFormat = "`<` $memory `,` $layout `>`";
  let genVerifyDecl = 1;
}
def Tile_Nest : Tile_Attr<"Nest", "nest"> {
  let summary = "Address as a mixed-radix number of [dim, size] factors";
  let parameters = (ins "::mlir::ArrayAttr":$factors, OptionalParameter<"::mlir::ArrayAttr">:$pad);
  let assemblyFormat = "`<` $factors (`,` `pad` `=` $pad^)? `>`";
  let genVerifyDecl = 1;
}
def Tile_Linear : Tile_Attr<"Linear", "linear"> {
  let summary = "F2-linear map from the bits of its inputs to the index";
  let parameters = (ins "::mlir::DictionaryAttr":$inputs);
  let assemblyFormat = "`<` $inputs `>`";
  let genVerifyDecl = 1;
}
def Tile_Fractal : Tile_Attr<"Fractal", "fractal"> {
  let summary = "zN, nZ, zZ or nN with blocks of 16 x 32 bytes";
  let parameters = (ins "::mlir::StringAttr":$order);
  let assemblyFormat = "`<` $order `>`";
  let genVerifyDecl = 1;
}
def Tile_In : Tile_Attr<"In", "in"> { let summary = "promised inside"; }
def Tile_Clamp : Tile_Attr<"Clamp", "clamp"> { let summary = "index clamped to the extent"; }
def Tile_Wrap : Tile_Attr<"Wrap", "wrap"> { let summary = "index modulo extent"; }
def Tile_Fill : Tile_Attr<"Fill", "fill"> {
  let summary = "reads outside give a value, writes outside are dropped";
  let parameters = (ins "::mlir::Attribute":$value);
  let assemblyFormat = "`<` $value `>`";
}
def Tile_All : Tile_Attr<"All", "all"> { let summary = "every replica has the whole payload"; }
def Tile_Split : Tile_Attr<"Split", "split"> {
  let summary = "replicas share the payload along a dimension";
  let parameters = (ins "int64_t":$dim);
  let assemblyFormat = "`<` $dim `>`";
}
def Tile_Role : Tile_Attr<"Role", "role"> {
  let summary = "name, stream, replicas and budget of a role";
  let parameters = (ins "::mlir::StringAttr":$role, "::mlir::StringAttr":$stream,
                        "int64_t":$replicas, "::mlir::DictionaryAttr":$budget);
  let assemblyFormat = "`<` $role `,` $stream `,` $replicas `,` $budget `>`";
  let genVerifyDecl = 1;
}

def Tile_Schedule : Tile_Attr<"Schedule", "schedule"> {
  let summary = "What was chosen about a launch, by key: the keys of docs/Spec/Schedule.md";
  let description = [{
    Stands on `tile.launch` as `schedule`. Never changes a result (TC20).

    Example: `#tile.schedule<{coarsen = [2, 1], kmerge = 4}>`
  }];
  let parameters = (ins "::mlir::DictionaryAttr":$keys);
  let assemblyFormat = "`<` $keys `>`";
}

def Tile_View : TypeDef<Tile_Dialect, "View"> {
  let mnemonic = "view";
  let summary = "A reference to elements of a placed tensor";
  let parameters = (ins "::mlir::RankedTensorType":$tensor, "::mlir::ArrayAttr":$boundaries);
  let assemblyFormat = "`<` $tensor `,` $boundaries `>`";
  let genVerifyDecl = 1;
}
def Tile_Channel : TypeDef<Tile_Dialect, "Channel"> {
  let mnemonic = "channel";
  let summary = "A ring of slots, or a counter when the payload is empty";
  let parameters = (ins "int64_t":$depth, "::mlir::ArrayAttr":$payload);
  let assemblyFormat = "`<` $depth `,` $payload `>`";
  let genVerifyDecl = 1;
}

#endif
