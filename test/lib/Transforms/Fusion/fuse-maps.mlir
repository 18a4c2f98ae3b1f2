// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s --fuse-maps | FileCheck %s
!t = tensor<8x4xf32>
!r = tensor<8xf32>

// One user: computed there, with the operands' dimensions seen through both.
// CHECK-LABEL: @chain
// CHECK: tile.map(%arg0, %arg1) {dims = {{\[\[0, 1\], \[0\]\]}}}
// CHECK: [[A:%.*]] = arith.mulf
// CHECK: arith.addf [[A]]
// CHECK-NOT: tile.map
func.func @chain(%x: !t, %s: !r) -> !t {
  %a = tile.map(%x, %s) {dims = [[0, 1], [0]]} : !t, !r -> !t (%i, %j, %e, %f) {
    %p = arith.mulf %e, %f : f32
    tile.yield %p : f32
  }
  %b = tile.map(%a) {dims = [[0, 1]]} : !t -> !t (%i, %j, %e) {
    %p = arith.addf %e, %e : f32
    tile.yield %p : f32
  }
  return %b : !t
}

// Two users: kept, unless it is as cheap as a number.
// CHECK-LABEL: @shared
// CHECK-COUNT-3: tile.map
// CHECK-NOT: tile.map
func.func @shared(%x: !r) -> (!r, !r) {
  %one = tile.map() {dims = []} : -> !r (%i) {
    %c = arith.constant 1.0 : f32
    tile.yield %c : f32
  }
  %a = tile.map(%x, %one) {dims = [[0], [0]]} : !r, !r -> !r (%i, %e, %f) {
    %p = arith.addf %e, %f : f32
    tile.yield %p : f32
  }
  %b = tile.map(%a, %one) {dims = [[0], [0]]} : !r, !r -> !r (%i, %e, %f) {
    %p = arith.mulf %e, %f : f32
    tile.yield %p : f32
  }
  %c = tile.map(%a) {dims = [[0]]} : !r -> !r (%i, %e) {
    %p = arith.negf %e : f32
    tile.yield %p : f32
  }
  return %b, %c : !r, !r
}

// Indices follow the dimension that the operand spans.
// CHECK-LABEL: @index
// CHECK: tile.map(%arg0) {dims = {{\[\[0\]\]}}} : tensor<4xf32> -> tensor<4x8xf32> (%{{.*}}, [[J:%.*]], %{{.*}})
// CHECK: arith.index_cast [[J]]
// CHECK-NOT: tile.map
func.func @index(%x: tensor<4xf32>) -> tensor<4x8xf32> {
  %n = tile.map() {dims = []} : -> tensor<8xi32> (%i) {
    %v = arith.index_cast %i : index to i32
    tile.yield %v : i32
  }
  %b = tile.map(%x, %n) {dims = [[0], [1]]} : tensor<4xf32>, tensor<8xi32> -> tensor<4x8xf32> (%i, %j, %e, %k) {
    %f = arith.sitofp %k : i32 to f32
    %p = arith.mulf %e, %f : f32
    tile.yield %p : f32
  }
  return %b : tensor<4x8xf32>
}
