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
// C[M,N] = A[M,K] B[K,N]; tile 128 x 256 x 64; 132 resident programs; smem 4 x (16 + 32) KiB + 2 consumers x 2 x 8 KiB = 224 KiB.
#sa = #tile.place<"smem", #tile.linear<{offset = [[0,1],[0,2],[0,4],[0,8],[0,16],[0,32],[1,8],[2,16],[4,32],[8,0],[16,0],[32,0],[64,0]]}>>          // 128x64, 128-byte swizzle
#sb = #tile.place<"smem", #tile.linear<{offset = [[0,1],[0,2],[0,4],[0,8],[0,16],[0,32],[1,8],[2,16],[4,32],[8,0],[16,0],[32,0],[0,64],[0,128]]}>> // 64x256 as 4 boxes
#so = #tile.place<"smem", #tile.linear<{offset = [[0,1],[0,2],[0,4],[0,8],[0,16],[0,32],[1,8],[2,16],[4,32],[8,0],[16,0],[32,0]]}>>                 // 64x64
#ac = #tile.place<"reg", #tile.linear<{register = [[0,1],[8,0],[0,8],[0,16],[0,32],[0,64],[0,128]], lane = [[0,2],[0,4],[1,0],[2,0],[4,0]], warp = [[16,0],[32,0]]}>>
#ao = #tile.place<"reg", #tile.linear<{register = [[0,1],[8,0],[0,8],[0,16],[0,32]], lane = [[0,2],[0,4],[1,0],[2,0],[4,0]], warp = [[16,0],[32,0]]}>>
!A = !tile.view<tensor<128x64xbf16, #sa>, []> !B = !tile.view<tensor<64x256xbf16, #sb>, []> !Ah = !tile.view<tensor<64x64xbf16, #sa>, []> !O = !tile.view<tensor<64x64xbf16, #so>, []>
!ab = !tile.channel<4, [!A, !B]> !oc = !tile.channel<2, [!O]> !acc = tensor<64x256xf32, #ac> !p32 = tensor<64x64xf32, #ao> !p16 = tensor<64x64xbf16, #ao>
!wa = !tile.view<tensor<128x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]> !wb = !tile.view<tensor<64x256xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!wo = !tile.view<tensor<64x64xbf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
func.func @matmul(%pa: !pb, %pB: !pb, %pc: !pb, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c4 = arith.constant 4 : index %c64 = arith.constant 64 : index %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index %R = arith.constant 132 : index %zero = arith.constant dense<0.0> : !acc
  %A = "tile.view"(%pa, %M, %K, %K, %c1) : (!pb, index, index, index, index) -> !Gb %B = "tile.view"(%pB, %K, %N, %N, %c1) : (!pb, index, index, index, index) -> !Gb
  %C = "tile.view"(%pc, %M, %N, %N, %c1) : (!pb, index, index, index, index) -> !Gb
  %MT = arith.ceildivui %M, %c128 : index %NT = arith.ceildivui %N, %c256 : index %KT = arith.ceildivui %K, %c64 : index %T = arith.muli %MT, %NT : index
  "tile.launch"(%R) ({ ^bb0(%pid: index):
    %ab = "tile.channel"() {from = "load", to = "mma", consume = [#tile.split<0>, #tile.all]} : () -> !ab      // full: 49152 bytes; empty: 2 arrivals
    "tile.roles"() ({ ^bb0(%z: index):
      scf.for %t = %pid to %T step %R { %m, %n = "tile.order"(%t, %MT, %NT) {kind = "grouped", group = 8} : (index, index, index) -> (index, index)
        %i = arith.muli %m, %c128 : index %j = arith.muli %n, %c256 : index
        scf.for %kk = %c0 to %KT step %c1 { %k = arith.muli %kk, %c64 : index
          %a, %b = "tile.acquire"(%ab) : (!ab) -> (!A, !B)
          %ga = "tile.slice"(%A, %i, %k) : (!Gb, index, index) -> !wa "tile.copy"(%ga, %a) : (!wa, !A) -> ()
          %gb = "tile.slice"(%B, %k, %j) : (!Gb, index, index) -> !wb "tile.copy"(%gb, %b) : (!wb, !B) -> ()
          "tile.commit"(%ab) : (!ab) -> () } }
      "tile.yield"() : () -> ()
    }, { ^bb0(%w: index):
      %oc = "tile.channel"() : () -> !oc
      scf.for %t = %pid to %T step %R { %m, %n = "tile.order"(%t, %MT, %NT) {kind = "grouped", group = 8} : (index, index, index) -> (index, index)
        %acc = scf.for %kk = %c0 to %KT step %c1 iter_args(%x = %zero) -> (!acc) {
          %a, %b = "tile.wait"(%ab) : (!ab) -> (!Ah, !B)
          %y = "tile.mma"(%a, %b, %x) : (!Ah, !B, !acc) -> !acc                                                // wgmma m64n256k16 x 4
          "tile.release"(%ab) : (!ab) -> () scf.yield %y : !acc }                                              // lowered: wait_group 1, then arrive for the step before
        %i0 = arith.muli %m, %c128 : index %wi = arith.muli %w, %c64 : index %i = arith.addi %i0, %wi : index %j0 = arith.muli %n, %c256 : index
        scf.for %q = %c0 to %c4 step %c1 { %d = arith.muli %q, %c64 : index %j = arith.addi %j0, %d : index
          %e = "tile.take"(%acc, %d) {map = affine_map<(i, j)[s] -> (i, j + s)>} : (!acc, index) -> !p32
          %h = "tile.map"(%e) ({ ^bb0(%u: index, %v: index, %f: f32): %g = arith.truncf %f : f32 to bf16 "tile.yield"(%g) : (bf16) -> () }) : (!p32) -> !p16
          %so = "tile.acquire"(%oc) : (!oc) -> !O "tile.store"(%h, %so) : (!p16, !O) -> () "tile.commit"(%oc) : (!oc) -> ()
          %si = "tile.wait"(%oc) : (!oc) -> !O %gc = "tile.slice"(%C, %i, %j) : (!Gb, index, index) -> !wo
          "tile.copy"(%si, %gc) : (!O, !wo) -> () "tile.release"(%oc) : (!oc) -> () } {unroll} }                // TMA store; slot free when it has been read
      "tile.yield"() : () -> ()
    }) {roles = [#tile.role<"load", "warps", 1, {regs = 40}>, #tile.role<"mma", "warpgroup", 2, {regs = 232}>]} : () -> ()
    "tile.yield"() : () -> () }) {kinds = ["parallel"], resident} : (index) -> ()
  return
}
