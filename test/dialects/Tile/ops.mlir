// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s | terrazzo-opt | FileCheck %s
#gm = #tile.place<"global", #tile.nest<[]>>
!v = !tile.view<tensor<8x8xf32, #gm>, []>
!s = !tile.view<tensor<4x8xf32, #gm>, []>
!t = tensor<8x8xf32>
// CHECK-LABEL: @compute
func.func @compute(%a: !v, %b: !v, %c: !t, %d: index) -> !t {
  // CHECK: tile.load %{{.*}} {hint = "keep"}
  %x = tile.load %a {hint = "keep"} : !v -> !t
  // CHECK: tile.mma %{{.*}}, %{{.*}}, %{{.*}} : tensor
  %y = tile.mma %x, %b, %c : !t, !v, !t
  // CHECK: tile.take %{{.*}}[%{{.*}}] {map = #{{.*}}}
  %z = tile.take %y[%d] {map = affine_map<(i, j)[s] -> (j, i)>} : !t -> !t
  // CHECK: tile.move
  %m = tile.move %z : !t -> !t
  // CHECK: tile.store
  tile.store %m, %a : !t, !v
  // CHECK: tile.copy
  tile.copy %a to %b : !v, !v
  // CHECK: tile.prefetch
  tile.prefetch %b {to = "l1", write} : !v
  // CHECK: tile.atomic %{{.*}}, %{{.*}} {kind = "add"
  tile.atomic %a, %m {kind = "add", sem = "relaxed", scope = "chip"} : !v, !t
  // CHECK: tile.disjoint
  %ok = tile.disjoint %a, %b : !v, !v
  // CHECK: tile.alloc
  %w = tile.alloc : !v
  // CHECK: tile.scan(%{{.*}}) {dim = 1 : i64, order = "sequential"} : {{.*}} (%{{.*}}, %{{.*}}) {
  %p = "tile.scan"(%m) ({ ^bb0(%e: f32, %f: f32): %g = arith.addf %e, %f : f32 tile.yield %g : f32 }) {dim = 1 : i64, order = "sequential"} : (!t) -> !t
  return %p : !t
}
// CHECK-LABEL: @streams
func.func @streams(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    // CHECK: tile.order %{{.*}} in(%{{.*}}) {kind = "row"} : index
    %o = tile.order %i in (%n) {kind = "row"} : index
    // CHECK: tile.channel {{.*}}#tile.split<0>
    %c = tile.channel {from = "load", to = "use", consume = [#tile.split<0>]} : !tile.channel<2, [!v]>
    // CHECK: tile.roles role "load" on "warps" x 1 {regs = 24 : i64} (%{{.*}}) {
    "tile.roles"() ({ ^bb0(%z: index):
      // CHECK: tile.acquire %{{.*}} key(%{{.*}})
      %a = tile.acquire %c key(%o) : !tile.channel<2, [!v]> -> !v
      // CHECK: tile.commit
      tile.commit %c : !tile.channel<2, [!v]>
      tile.yield
    }, { ^bb0(%w: index):
      // CHECK: tile.wait %{{.*}} -> !tile.view<tensor<4x8xf32
      %b = tile.wait %c : !tile.channel<2, [!v]> -> !s
      // CHECK: tile.release
      tile.release %c : !tile.channel<2, [!v]>
      tile.yield
    }) {roles = [#tile.role<"load", "warps", 1, {regs = 24}>, #tile.role<"use", "warpgroup", 2, {}>]} : () -> ()
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}
