// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// K in 4 parts on the cube cores; fixpipe adds what leaves L0C to global memory atomically.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#l1 = #tile.place<"l1", #tile.fractal<"zN">>
#lc = #tile.place<"l0c", #tile.fractal<"zN">>
!A = !tile.view<tensor<128x64xbf16, #l1>, []>
!B = !tile.view<tensor<64x128xbf16, #l1>, []>
!wa = !tile.view<tensor<128x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<64x128xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<128x128xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!acc = tensor<128x128xf32, #lc>
!ca = !tile.channel<2, [!A]>
!cb = !tile.channel<2, [!B]>
func.func @splitk(%pa: !pb, %pB: !pb, %pc: !pf, %M: index, %N: index, %K: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c128 : index
  %NT = arith.ceildivui %N, %c128 : index
  %KT = arith.ceildivui %K, %c64 : index
  tile.launch (%m, %n, %s) in (%MT, %NT, %c4) {kinds = ["parallel", "parallel", "parallel"]} {
    %i = arith.muli %m, %c128 : index
    %j = arith.muli %n, %c128 : index
    tile.roles role "cube" on "cube" x 1 (%z) {
      %la = tile.channel {via = "a"} : !ca
      %lb = tile.channel {via = "b"} : !cb
      %acc = scf.for %kk = %s to %KT step %c4 iter_args(%x = %zero) -> (!acc) {
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
      %gc = tile.slice %C[%i, %j] : !Gf to !wc
      tile.atomic %gc, %acc {kind = "add", sem = "relaxed", scope = "chip"} : !wc, !acc
    }
  }
  return
}
