// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// One core; blocks of 8 x 1024 in (8, 128) tiles; the fetch of block t + 1 is issued before block t is used. N at most 1024.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pf = !kernel.ptr<f32>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#vm = #tile.place<"vmem", #tile.nest<[[0, -1], [1, -1], [0, 8], [1, 128]]>>
#vv = #tile.place<"vmem", #row>
!w = !tile.view<tensor<8x1024xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0xFF800000 : f32>]>
!S = !tile.view<tensor<8x1024xf32, #vm>, []>
!ring = !tile.channel<2, [!S]>
!row = tensor<8x1024xf32, #vm>
!v = tensor<8xf32, #vv>
func.func @softmax(%px: !pf, %po: !pf, %M: index, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %cm1 = arith.constant -1 : index
  %x = tile.view %px[%M, %N][%N, %c1] : !Gf
  %o = tile.view %po[%M, %N][%N, %c1] : !Gf
  %T = arith.ceildivui %M, %c8 : index
  tile.launch (%core) in (%c1) {kinds = ["parallel"]} {
    %in = tile.channel {via = "in"} : !ring
    %out = tile.channel {via = "out"} : !ring
    scf.for %t = %cm1 to %T step %c1 {
      %tn = arith.addi %t, %c1 : index
      %gn = arith.cmpi slt, %tn, %T : index
      %gp = arith.cmpi sge, %t, %c0 : index
      scf.if %gn {
        %r = arith.muli %tn, %c8 : index
        %w = tile.slice %x[%r, %c0] : !Gf to !w
        %sa = tile.acquire %in : !ring -> !S
        tile.copy %w to %sa : !w, !S
        tile.commit %in : !ring
      }
      scf.if %gp {
        %r = arith.muli %t, %c8 : index
        %wa = tile.wait %in : !ring -> !S
        %a = tile.load %wa : !S -> !row
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
        tile.release %in : !ring
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
