// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// 64 PEs take blocks of 8 rows in turn; two circular buffers of 2 x 32 KiB in local store.
// Waits block engines, not the stream, so nothing is skewed. N at most 1024.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pf = !kernel.ptr<f32>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#ls = #tile.place<"ls", #row>
!w = !tile.view<tensor<8x1024xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0xFF800000 : f32>]>
!S = !tile.view<tensor<8x1024xf32, #ls>, []>
!ring = !tile.channel<2, [!S]>
!row = tensor<8x1024xf32, #ls>
!v = tensor<8xf32, #ls>
func.func @softmax(%px: !pf, %po: !pf, %M: index, %N: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c64 = arith.constant 64 : index
  %x = tile.view %px[%M, %N][%N, %c1] : !Gf
  %o = tile.view %po[%M, %N][%N, %c1] : !Gf
  %T = arith.ceildivui %M, %c8 : index
  tile.launch (%pe) in (%c64) {kinds = ["parallel"], resident} {
    %in = tile.channel {via = "in"} : !ring
    %out = tile.channel {via = "out"} : !ring
    scf.for %t = %pe to %T step %c64 {
      %r = arith.muli %t, %c8 : index
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
  return
}
