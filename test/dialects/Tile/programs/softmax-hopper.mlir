// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// One row a program, 4 warps, 8 elements a thread: loads of 16 bytes. N at most 1024.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pf = !kernel.ptr<f32>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#rg = #tile.place<"reg", #tile.linear<{register = [[0, 1], [0, 2], [0, 512]], lane = [[0, 4], [0, 8], [0, 16], [0, 32], [0, 64]], warp = [[0, 128], [0, 256]]}>>
#rv = #tile.place<"reg", #tile.linear<{register = [], lane = [[0], [0], [0], [0], [0]], warp = [[0], [0]]}>>
!w = !tile.view<tensor<1x1024xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0xFF800000 : f32>]>
!row = tensor<1x1024xf32, #rg>
!v = tensor<1xf32, #rv>
func.func @softmax(%px: !pf, %po: !pf, %M: index, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.view %px[%M, %N][%N, %c1] : !Gf
  %o = tile.view %po[%M, %N][%N, %c1] : !Gf
  tile.launch (%r) in (%M) {kinds = ["parallel"]} {
    %w = tile.slice %x[%r, %c0] : !Gf to !w
    %a = tile.load %w : !w -> !row
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
    %d = tile.slice %o[%r, %c0] : !Gf to !w
    tile.store %y, %d : !row, !w
  }
  return
}
