// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The loop over rows with stages: maximum, exponential and sum, scale and
// store. Pipelining makes program (b) of it.
// RUN: terrazzo-opt %s -pipelining -cse -canonicalize | FileCheck %s
#gm = #tile.place<"global", #tile.nest<[]>>
#l1 = #tile.place<"l1", #tile.nest<[]>>
#reg = #tile.place<"reg", #tile.nest<[]>>
!pf = !kernel.ptr<f32>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
!win = !tile.view<tensor<64xf32, #gm>, [#tile.fill<0xFF800000 : f32>]>
!row = tensor<64xf32, #reg>
// CHECK-LABEL: @softmax
func.func @softmax(%px: !pf {kernel.noalias}, %po: !pf {kernel.noalias}, %M: index, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %one = arith.constant 1.0 : f32
  %x = tile.view %px[%M, %N][%N, %c1] : !Gf
  %o = tile.view %po[%M, %N][%N, %c1] : !Gf
  %C = arith.ceildivui %M, %c8 : index
  // CHECK: tile.launch
  tile.launch (%c) in (%C) {kinds = ["parallel"], schedule = #tile.schedule<{channels = {e = {depth = 2, place = #l1}}}>} {
    // CHECK: %[[E:.*]] = tile.channel {via = "e"} : <2, [!tile.view<tensor<64xf32, {{.*}}"l1"
    // CHECK: scf.for {{.*}} iter_args(%[[M:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}}) -> (f32, f32)
    // CHECK: scf.if
    // CHECK: arith.maximumf
    // CHECK: scf.if
    // CHECK: tile.acquire %[[E]]
    // CHECK: arith.subf %{{.*}}, %[[M]] : f32
    // CHECK: tile.commit %[[E]]
    // CHECK: scf.if
    // CHECK: arith.divf %{{.*}}, %[[S]] : f32
    // CHECK: tile.wait %[[E]]
    // CHECK: tile.release %[[E]]
    %r0 = arith.muli %c, %c8 : index
    %r8 = arith.addi %r0, %c8 : index
    %r1 = arith.minui %r8, %M : index
    scf.for %r = %r0 to %r1 step %c1 {
      %w = tile.slice %x[%r, %c0] dims [1] : !Gf to !win
      %a = tile.load %w {stage = 0} : !win -> !row
      %m = tile.reduce(%a) {dims = [0], order = "tree", stage = 0} : !row -> f32 (%e, %f) {
        %g = arith.maximumf %e, %f : f32
        tile.yield %g : f32
      }
      %b = tile.load %w {stage = 1} : !win -> !row
      %e = tile.map(%b) {stage = 1, via = "e"} : !row -> !row (%i, %v) {
        %d = arith.subf %v, %m : f32
        %q = math.exp %d : f32
        tile.yield %q : f32
      }
      %s = tile.reduce(%e) {dims = [0], order = "tree", stage = 1} : !row -> f32 (%f, %g) {
        %h = arith.addf %f, %g : f32
        tile.yield %h : f32
      }
      %inv = arith.divf %one, %s : f32
      %y = tile.map(%e) {stage = 2} : !row -> !row (%i, %v) {
        %q = arith.mulf %v, %inv : f32
        tile.yield %q : f32
      }
      %d = tile.slice %o[%r, %c0] dims [1] : !Gf to !win
      tile.store %y, %d {stage = 2} : !row, !win
    }
  }
  return
}
