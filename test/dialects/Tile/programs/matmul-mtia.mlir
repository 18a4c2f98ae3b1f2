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
// C[M,N] f16 = A[M,K] B[K,N]; PE grid 8 x 8 = m 8 x n 4 x k-halves 2; tile 128 x 64 x 64 a PE; local store: A 2 x 16 + B 2 x 8 + out 2 x 16 = 80 of 384 KiB; accumulator 32 KiB in "acc". K a multiple of 128.
#ls = #tile.place<"ls", #tile.nest<[[1,-1],[0,-1],[1,16]]>>                         // operand rows of 32 B
#lr = #tile.place<"ls", #row> #re = #tile.place<"acc", #tile.nest<[[0,-1],[1,-1],[0,32],[1,32]]>>
!A = !tile.view<tensor<128x64xf16, #ls>, []> !B = !tile.view<tensor<64x64xf16, #ls>, []> !O = !tile.view<tensor<128x64xf16, #lr>, []> !acc = tensor<128x64xf32, #re>
!Gh = !tile.view<tensor<?x?xf16, #gm>, []> !wa = !tile.view<tensor<128x64xf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]> !wb = !tile.view<tensor<64x64xf16, #gm>, [#tile.fill<0.0>, #tile.fill<0.0>]>
!ca = !tile.channel<2, [!A]> !cb = !tile.channel<2, [!B]> !co = !tile.channel<2, [!O]> !ph = !kernel.ptr<f16> !o = tensor<128x64xf16, #lr>
func.func @matmul(%pa: !ph, %pB: !ph, %pc: !ph, %M: index, %N: index, %K: index) {
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c2 = arith.constant 2 : index %c64 = arith.constant 64 : index %c128 = arith.constant 128 : index
  %A = "tile.view"(%pa, %M, %K, %K, %c1) : (!ph, index, index, index, index) -> !Gh %B = "tile.view"(%pB, %K, %N, %N, %c1) : (!ph, index, index, index, index) -> !Gh
  %C = "tile.view"(%pc, %M, %N, %N, %c1) : (!ph, index, index, index, index) -> !Gh %zero = arith.constant dense<0.0> : !acc
  %MT = arith.ceildivui %M, %c128 : index %NT = arith.ceildivui %N, %c64 : index %K2 = arith.divui %K, %c2 : index %KT = arith.ceildivui %K2, %c64 : index
  "tile.launch"(%MT, %NT) ({ ^bb0(%m: index, %n: index):
    %i = arith.muli %m, %c128 : index %j = arith.muli %n, %c64 : index
    %acc = scf.parallel (%ks) = (%c0) to (%c2) step (%c1) init (%zero) -> !acc {                                  // one PE for each half of K
      %ca = "tile.channel"() {multicast = [[1]]} : () -> !ca %cb = "tile.channel"() {multicast = [[0]]} : () -> !cb // A: one read for the PEs along n; B: along m
      %k0 = arith.muli %ks, %K2 : index
      %part = scf.for %kk = %c0 to %KT step %c1 iter_args(%x = %zero) -> (!acc) { %ko = arith.muli %kk, %c64 : index %k = arith.addi %k0, %ko : index
        %a = "tile.acquire"(%ca) : (!ca) -> !A %ga = "tile.slice"(%A, %i, %k) : (!Gh, index, index) -> !wa "tile.copy"(%ga, %a) : (!wa, !A) -> () "tile.commit"(%ca) : (!ca) -> ()
        %b = "tile.acquire"(%cb) : (!cb) -> !B %gb = "tile.slice"(%B, %k, %j) : (!Gh, index, index) -> !wb "tile.copy"(%gb, %b) : (!wb, !B) -> () "tile.commit"(%cb) : (!cb) -> ()
        %wa = "tile.wait"(%ca) : (!ca) -> !A %wb = "tile.wait"(%cb) : (!cb) -> !B
        %y = "tile.mma"(%wa, %wb, %x) : (!A, !B, !acc) -> !acc                                                      // cb.pop when the DPE has read it
        "tile.release"(%ca) : (!ca) -> () "tile.release"(%cb) : (!cb) -> () scf.yield %y : !acc }
      scf.reduce(%part : !acc) { ^bb0(%l: !acc, %r: !acc):                                                          // reduction network, 32 KiB a PE pair
        %s = "tile.map"(%l, %r) ({ ^bb0(%u: index, %v: index, %e: f32, %f: f32): %g = arith.addf %e, %f : f32 "tile.yield"(%g) : (f32) -> () }) : (!acc, !acc) -> !acc
        scf.reduce.return %s : !acc } } {spread = "k"}
    %co = "tile.channel"() : () -> !co %s = "tile.acquire"(%co) : (!co) -> !O
    %h = "tile.map"(%acc) ({ ^bb0(%u: index, %v: index, %e: f32): %f = arith.truncf %e : f32 to f16 "tile.yield"(%f) : (f16) -> () }) : (!acc) -> !o   // SIMD engine
    "tile.store"(%h, %s) : (!o, !O) -> () "tile.commit"(%co) : (!co) -> () %w = "tile.wait"(%co) : (!co) -> !O
    %gc = "tile.slice"(%C, %i, %j) : (!Gh, index, index) -> !wa "tile.copy"(%w, %gc) : (!O, !wa) -> () "tile.release"(%co) : (!co) -> ()
    "tile.yield"() : () -> () }) {kinds = ["parallel", "parallel"], cluster = [8, 4]} : (index, index) -> ()
  return
}
