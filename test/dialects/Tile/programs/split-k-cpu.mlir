// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// K in 4 parts that run as programs of their own; each adds its 32 x 32 tiles to C atomically. AMX: A and B through tile registers.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
!acc = tensor<32x32xf32, #tile.place<"tmm", #tile.nest<[[0, 2], [1, 2], [0, 16], [1, 16]]>>>
!ta = tensor<32x32xbf16, #tile.place<"tmm", #tile.nest<[[0, 2], [0, 16], [1, 32]]>>>
!tb = tensor<32x32xbf16, #tile.place<"tmm", #tile.nest<[[1, 2], [0, 16], [1, 16], [0, 2]]>>>
!rg = tensor<32x32xf32, #tile.place<"reg", #row>>
!wa = !tile.view<tensor<32x32xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wb = !tile.view<tensor<32x32xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<32x32xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
func.func @splitk(%pa: !pb, %pB: !pb, %pc: !pf, %M: index, %N: index, %K: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c32 = arith.constant 32 : index
  %A = tile.view %pa[%M, %K][%K, %c1] : !Gb
  %B = tile.view %pB[%K, %N][%N, %c1] : !Gb
  %C = tile.view %pc[%M, %N][%N, %c1] : !Gf
  %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c32 : index
  %NT = arith.ceildivui %N, %c32 : index
  %KT = arith.ceildivui %K, %c32 : index
  tile.launch (%m, %n, %s) in (%MT, %NT, %c4) {kinds = ["parallel", "parallel", "parallel"]} {
    %i = arith.muli %m, %c32 : index
    %j = arith.muli %n, %c32 : index
    %acc = scf.for %kk = %s to %KT step %c4 iter_args(%x = %zero) -> (!acc) {
      %k = arith.muli %kk, %c32 : index
      %ga = tile.slice %A[%i, %k] : !Gb to !wa
      %a = tile.load %ga : !wa -> !ta
      %gb = tile.slice %B[%k, %j] : !Gb to !wb
      %b = tile.load %gb : !wb -> !tb
      %y = tile.mma %a, %b, %x : !ta, !tb, !acc
      scf.yield %y : !acc
    }
    %r = tile.move %acc : !acc -> !rg
    %gc = tile.slice %C[%i, %j] : !Gf to !wc
    tile.atomic %gc, %r {kind = "add", sem = "relaxed", scope = "chip"} : !wc, !rg
  }
  return
}
