// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// Two vector cores of a group take blocks of 4 rows in turn; global to UB by MTE2, back by MTE3, 2 slots each: events. N at most 1024.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pf = !kernel.ptr<f32>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#ub = #tile.place<"ub", #row>
!w = !tile.view<tensor<4x1024xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0xFF800000 : f32>]>
!S = !tile.view<tensor<4x1024xf32, #ub>, []>
!ring = !tile.channel<2, [!S]>
!row = tensor<4x1024xf32, #ub>
!v = tensor<4xf32, #ub>
func.func @softmax(%px: !pf, %po: !pf, %M: index, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c20 = arith.constant 20 : index
  %c40 = arith.constant 40 : index
  %x = tile.view %px[%M, %N][%N, %c1] : !Gf
  %o = tile.view %po[%M, %N][%N, %c1] : !Gf
  %T = arith.ceildivui %M, %c4 : index
  tile.launch (%grp) in (%c20) {kinds = ["parallel"], resident} {
    tile.roles role "vec" on "vector" x 2 (%z) {
      %in = tile.channel {via = "in"} : !ring
      %out = tile.channel {via = "out"} : !ring
      %g2 = arith.muli %grp, %c2 : index
      %first = arith.addi %g2, %z : index
      scf.for %t = %first to %T step %c40 {
        %r = arith.muli %t, %c4 : index
        %w = tile.slice %x[%r, %c0] : !Gf to !w
        %sa = tile.acquire %in : !ring -> !S
        tile.copy %w to %sa : !w, !S
        tile.commit %in : !ring
        %wa = tile.wait %in : !ring -> !S
        %a = tile.load %wa : !S -> !row
        tile.release %in : !ring
        %m = tile.reduce(%a) {dims = [1], order = "any"} : !row -> !v (%e, %f) {
          %g = arith.maximumf %e, %f : f32
          tile.yield %g : f32
        }
        %p = tile.map(%a, %m) {dims = [[0, 1], [0]]} : !row, !v -> !row (%i, %j, %e, %f) {
          %g = arith.subf %e, %f : f32
          %h = math.exp %g : f32
          tile.yield %h : f32
        }
        %s = tile.reduce(%p) {dims = [1], order = "any"} : !row -> !v (%e, %f) {
          %g = arith.addf %e, %f : f32
          tile.yield %g : f32
        }
        %y = tile.map(%p, %s) {dims = [[0, 1], [0]]} : !row, !v -> !row (%i, %j, %e, %f) {
          %g = arith.divf %e, %f : f32
          tile.yield %g : f32
        }
        %so = tile.acquire %out : !ring -> !S
        tile.store %y, %so : !row, !S
        tile.commit %out : !ring
        %wo = tile.wait %out : !ring -> !S
        %d = tile.slice %o[%r, %c0] : !Gf to !w
        tile.copy %wo to %d : !S, !w
        tile.release %out : !ring
      }
    }
  }
  return
}
