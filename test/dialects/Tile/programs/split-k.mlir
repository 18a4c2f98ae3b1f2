// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
#row = #tile.nest<[]>
#gm  = #tile.place<"global", #row>
#reg = #tile.place<"reg", #row>
!pb = !kernel.ptr<bf16>
!pf = !kernel.ptr<f32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gf = !tile.view<tensor<?x?xf32, #gm>, []>
#sw = #tile.place<"smem", #tile.linear<{offset = [[0,1],[0,2],[0,4],[0,8],[0,16],[0,32],[1,8],[2,16],[4,32],[8,0],[16,0],[32,0],[64,0],[0,64]]}>>   // 128x128 bf16, 128-byte swizzle
// Form 1 (annotated, unplaced), the input of PartitionRoles: C[M,N] f32 += A B, tile 128 x 128 x 64, K split by 4. C is zeroed by the author's host code.
!wa = !tile.view<tensor<128x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]> !wb = !tile.view<tensor<64x128xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wc = !tile.view<tensor<128x128xf32, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]> !acc = tensor<128x128xf32>
func.func @splitk(%pa: !pb, %pB: !pb, %pc: !pf, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c4 = arith.constant 4 : index %c64 = arith.constant 64 : index %c128 = arith.constant 128 : index
  %A = "tile.view"(%pa, %M, %K, %K, %c1) : (!pb, index, index, index, index) -> !Gb %B = "tile.view"(%pB, %K, %N, %N, %c1) : (!pb, index, index, index, index) -> !Gb
  %C = "tile.view"(%pc, %M, %N, %N, %c1) : (!pf, index, index, index, index) -> !Gf %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c128 : index %NT = arith.ceildivui %N, %c128 : index %KT = arith.ceildivui %K, %c64 : index
  "tile.launch"(%MT, %NT, %c4) ({ ^bb0(%m: index, %n: index, %s: index):
    %i = arith.muli %m, %c128 : index %j = arith.muli %n, %c128 : index
    %acc = scf.for %kk = %s to %KT step %c4 iter_args(%x = %zero) -> (!acc) { %k = arith.muli %kk, %c64 : index
      %ga = "tile.slice"(%A, %i, %k) : (!Gb, index, index) -> !wa %a = "tile.load"(%ga) {role = "load", via = "ab"} : (!wa) -> tensor<128x64xbf16>
      %gb = "tile.slice"(%B, %k, %j) : (!Gb, index, index) -> !wb %b = "tile.load"(%gb) {role = "load", via = "ab"} : (!wb) -> tensor<64x128xbf16>
      %y = "tile.mma"(%a, %b, %x) {role = "mma"} : (tensor<128x64xbf16>, tensor<64x128xbf16>, !acc) -> !acc scf.yield %y : !acc }
    %gc = "tile.slice"(%C, %i, %j) : (!Gf, index, index) -> !wc
    tile.atomic %gc, %acc {kind = "add", sem = "relaxed", scope = "chip", role = "mma"} : !wc, !acc      // red.global / per-core partials + tree / atomic MTE3
    "tile.yield"() : () -> () }) {kinds = ["parallel", "parallel", "parallel"]} : (index, index, index) -> ()
  return
}
