// RUN: terrazzo-opt %s --split-input-file --verify-diagnostics
func.func @p(%s: memref<3x8xf16, "ls">) {
  // expected-error @+1 {{is not the number of slots}}
  %cb = mtia.cb_init %s : memref<3x8xf16, "ls"> -> !mtia.cb<2>
  return
}
// -----
func.func @p() {
  // expected-error @+1 {{knows the units riscv, fi, dpe, re, se and mlu}}
  mtia.depend {from = "se", to = "mxu"}
  return
}
// -----
func.func @p(%p: !kernel.ptr<f16>, %a: memref<8xf32, "ls">, %c: index) {
  // expected-error @+1 {{moves 'f32' by a pointer to 'f16'}}
  mtia.dma_in %p[%c], %a : !kernel.ptr<f16>, memref<8xf32, "ls">
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8xf32, "ls">, %c: index) {
  // expected-error @+1 {{has 2 strides for a block of rank 1}}
  mtia.dma_out %p[%c, %c], %a : !kernel.ptr<f32>, memref<8xf32, "ls">
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8xf32, "ls">, %i: memref<8xi32, "ls">, %c: index) {
  // expected-error @+1 {{the block has no dimension 3}}
  mtia.dma_atomic %p[%c] at %i(memref<8xi32, "ls">), %a {index_dim = 3 : i64, kind = 4 : i32} : !kernel.ptr<f32>, memref<8xf32, "ls">
  return
}
// -----
func.func @p(%acc: memref<8x8xf32, "acc">, %a: memref<8x4xf16, "ls">, %b: memref<8x8xf16, "ls">, %t: i1) {
  // expected-error @+1 {{multiplies}}
  mtia.mml %acc, %a, %b, %t : memref<8x8xf32, "acc">, memref<8x4xf16, "ls">, memref<8x8xf16, "ls">
  return
}
// -----
func.func @p(%acc: memref<8x8xf32, "acc">, %a: memref<8x4xf32, "ls">) {
  // expected-error @+1 {{reads a sum into a block of another shape}}
  mtia.reduce %acc, %a : memref<8x8xf32, "acc">, memref<8x4xf32, "ls">
  return
}
// -----
func.func @p(%a: memref<8xf32, "ls">, %b: memref<8xf32, "ls">) {
  // expected-error @+1 {{`dims` says 2 operands, there are 1}}
  mtia.se_eltwise %a : memref<8xf32, "ls"> -> %b : memref<8xf32, "ls"> attributes {dims = [[0], [0]]} {
  ^bb0(%i: index, %x: f32):
    tile.yield %x : f32
  }
  return
}
// -----
func.func @p(%a: memref<8xf32, "ls">, %b: memref<f32, "ls">) {
  // expected-error @+1 {{the region has the wrong arguments}}
  mtia.se_reduce %a : memref<8xf32, "ls"> -> %b : memref<f32, "ls"> attributes {dim = 0 : i64, order = "any"} {
  ^bb0(%x: f32):
    tile.yield %x : f32
  }
  return
}
// -----
func.func @p(%a: memref<8xf32, "ls">, %b: memref<8xf32, "ls">) {
  // expected-error @+1 {{an operand has no dimension 1}}
  mtia.se_scan %a : memref<8xf32, "ls"> -> %b : memref<8xf32, "ls"> attributes {dim = 1 : i64} {
  ^bb0(%x: f32, %y: f32):
    tile.yield %x : f32
  }
  return
}
// -----
func.func @p(%a: memref<8xf32, "ls">, %b: memref<8xf16, "ls">) {
  // expected-error @+1 {{changes the type of the elements}}
  mtia.mlu_shuffle %a : memref<8xf32, "ls"> -> %b : memref<8xf16, "ls"> {map = affine_map<(i) -> (i)>}
  return
}
// -----
func.func @p(%x: i32) {
  // expected-error @+1 {{expected '<'}}
  mtia.cb_reserve %x : i32
  return
}
// -----
func.func @p(%x: i32) {
  // expected-error @+1 {{expected '<'}}
  mtia.cb_push %x : i32
  return
}
// -----
func.func @p(%x: i32) {
  // expected-error @+1 {{expected '<'}}
  mtia.cb_wait %x : i32
  return
}
// -----
func.func @p(%x: i32) {
  // expected-error @+1 {{expected '<'}}
  mtia.cb_pop %x : i32
  return
}
