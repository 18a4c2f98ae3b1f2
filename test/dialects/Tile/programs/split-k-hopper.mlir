// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// K in 4 parts; a producer warp fills a ring of 4 slots, a warpgroup multiplies and adds its tile to C with red.global.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#sa = #tile.place<"smem", #tile.linear<{offset = [[0, 1], [0, 2], [0, 4], [0, 8], [0, 16], [0, 32], [1, 8], [2, 16], [4, 32], [8, 0], [16, 0], [32, 0]]}>>
#ac = #tile.place<"reg", #tile.linear<{register = [[0, 1], [8, 0], [0, 8], [0, 16], [0, 32]], lane = [[0, 2], [0, 4], [1, 0], [2, 0], [4, 0]], warp = [[16, 0], [32, 0]]}>>
!A = !tile.view<tensor<64x64xbf16, #sa>, []>
!wa = !tile.view<tensor<64x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<64x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<64x64xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!acc = tensor<64x64xf32, #ac>
!ab = !tile.channel<4, [!A, !A]>
func.func @splitk(%pa: !pb, %pB: !pb, %pc: !pf, %M: index, %N: index, %K: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c64 : index
  %NT = arith.ceildivui %N, %c64 : index
  %KT = arith.ceildivui %K, %c64 : index
  tile.launch (%m, %n, %s) in (%MT, %NT, %c4) {kinds = ["parallel", "parallel", "parallel"]} {
    %ab = tile.channel {from = "load", to = "mma", via = "ab"} : !ab
    %i = arith.muli %m, %c64 : index
    %j = arith.muli %n, %c64 : index
    tile.roles role "load" on "warps" x 1 {regs = 40} (%z) {
      scf.for %kk = %s to %KT step %c4 {
        %k = arith.muli %kk, %c64 : index
        %a, %b = tile.acquire %ab : !ab -> !A, !A
        %ga = tile.slice %A[%i, %k] : !Gb to !wa
        tile.copy %ga to %a : !wa, !A
        %gb = tile.slice %B[%k, %j] : !Gb to !wb
        tile.copy %gb to %b : !wb, !A
        tile.commit %ab : !ab
      }
    } role "mma" on "warpgroup" x 1 {regs = 232} (%z) {
      %acc = scf.for %kk = %s to %KT step %c4 iter_args(%x = %zero) -> (!acc) {
        %a, %b = tile.wait %ab : !ab -> !A, !A
        %y = tile.mma %a, %b, %x : !A, !A, !acc
        tile.release %ab : !ab
        scf.yield %y : !acc
      }
      %gc = tile.slice %C[%i, %j] : !Gf to !wc
      tile.atomic %gc, %acc {kind = "add", sem = "relaxed", scope = "chip"} : !wc, !acc
    }
  }
  return
}
