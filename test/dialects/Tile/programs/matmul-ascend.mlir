// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// The cube core alone: global to L1 by MTE2 as zN blocks, L1 to L0A and L0B inside the mma, the result out of L0C by fixpipe.
// Tiles 128 x 128 x 64; events between MTE2 and the cube are two self channels.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
#l1 = #tile.place<"l1", #tile.fractal<"zN">>
#lc = #tile.place<"l0c", #tile.fractal<"zN">>
!A = !tile.view<tensor<128x64xbf16, #l1>, []>
!B = !tile.view<tensor<64x128xbf16, #l1>, []>
!wa = !tile.view<tensor<128x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<64x128xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<128x128xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!acc = tensor<128x128xf32, #lc>
!out = tensor<128x128xbf16, #lc>
!ca = !tile.channel<2, [!A]>
!cb = !tile.channel<2, [!B]>
func.func @matmul(%pa: !pb, %pB: !pb, %pc: !pb, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gb
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c128 : index
  %NT = arith.ceildivui %N, %c128 : index
  %KT = arith.ceildivui %K, %c64 : index
  %T = arith.muli %MT, %NT : index
  tile.launch (%t) in (%T) {kinds = ["parallel"]} {
    %m, %n = tile.order %t in (%MT, %NT) {kind = "snake"} : index, index
    %i = arith.muli %m, %c128 : index
    %j = arith.muli %n, %c128 : index
    tile.roles role "cube" on "cube" x 1 (%z) {
      %la = tile.channel {via = "a"} : !ca
      %lb = tile.channel {via = "b"} : !cb
      %acc = scf.for %kk = %c0 to %KT step %c1 iter_args(%x = %zero) -> (!acc) {
        %k = arith.muli %kk, %c64 : index
        %ak = tile.acquire %la : !ca -> !A
        %ga = tile.slice %A[%i, %k] : !Gb to !wa
        tile.copy %ga to %ak : !wa, !A
        tile.commit %la : !ca
        %bk = tile.acquire %lb : !cb -> !B
        %gb = tile.slice %B[%k, %j] : !Gb to !wb
        tile.copy %gb to %bk : !wb, !B
        tile.commit %lb : !cb
        %a = tile.wait %la : !ca -> !A
        %b = tile.wait %lb : !cb -> !B
        %y = tile.mma %a, %b, %x : !A, !B, !acc
        tile.release %la : !ca
        tile.release %lb : !cb
        scf.yield %y : !acc
      }
      %h = tile.map(%acc) : !acc -> !out (%u, %v, %e) {
        %f = arith.truncf %e : f32 to bf16
        tile.yield %f : bf16
      }
      %gc = tile.slice %C[%i, %j] : !Gb to !wc
      tile.store %h, %gc : !out, !wc
    }
  }
  return
}
