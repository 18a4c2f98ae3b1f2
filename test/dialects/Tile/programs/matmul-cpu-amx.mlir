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
#B  = #tile.place<"l3", #tile.nest<[[1,-1],[0,-1],[1,8],[0,256],[1,2],[1,16],[0,2]]>>   // [N/256][K/512][8][k/2][2 tiles][16][2]
#A  = #tile.place<"l2", #tile.nest<[[1,-1],[0,8],[1,16],[0,2],[0,16],[1,32]]>>          // [p][32-row panel][k/32][2][16x32]
#S  = #tile.place<"l2", #tile.nest<[[0,8],[1,8],[0,2],[1,2],[0,16],[1,16]]>>            // C scratch, tile-packed
!acc = tensor<32x32xf32, #tile.place<"tmm", #tile.nest<[[0,2],[1,2],[0,16],[1,16]]>>>   // 4 tiles
!ta = tensor<32x32xbf16, #tile.place<"tmm", #tile.nest<[[0,2],[0,16],[1,32]]>>>         // 2 tiles
!tb = tensor<32x32xbf16, #tile.place<"tmm", #tile.nest<[[1,2],[0,16],[1,16],[0,2]]>>>   // 2 tiles: all 8 in use
!WB = !tile.view<tensor<1024x1024xbf16, #B>, []> !WA = !tile.view<tensor<256x1024xbf16, #A>, []> !WS = !tile.view<tensor<256x256xf32, #S>, []>
!vB = !tile.view<tensor<32x32xbf16, #B>, []> !vA = !tile.view<tensor<32x32xbf16, #A>, []> !vS = !tile.view<tensor<32x32xf32, #S>, []>
!pB = !tile.view<tensor<64x32xbf16, #B>, [#tile.clamp, #tile.clamp]> !vC = !tile.view<tensor<32x32xbf16, #gm>, []>
!rB = !tile.view<tensor<32x1024xbf16, #gm>, []> !rW = !tile.view<tensor<32x1024xbf16, #B>, []> !rA = !tile.view<tensor<256x1024xbf16, #gm>, []>
func.func @matmul(%pa: !pb, %pB: !pb, %pc: !pb) {                                       // specialised: M = N = K = 1024
  %c0 = arith.constant 0 : index %c1 = arith.constant 1 : index %c2 = arith.constant 2 : index %c4 = arith.constant 4 : index %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index %c32 = arith.constant 32 : index %c64 = arith.constant 64 : index %c256 = arith.constant 256 : index
  %c512 = arith.constant 512 : index %n = arith.constant 1024 : index %zero = arith.constant dense<0.0> : !acc
  %gA = "tile.view"(%pa, %n, %n, %n, %c1) : (!pb, index, index, index, index) -> !Gb
  %gB = "tile.view"(%pB, %n, %n, %n, %c1) : (!pb, index, index, index, index) -> !Gb
  %gC = "tile.view"(%pc, %n, %n, %n, %c1) : (!pb, index, index, index, index) -> !Gb
  %wb = "tile.alloc"() : () -> !WB                                                      // outside a launch: workspace, 2 MiB, kept by the runtime
  %ok = "tile.disjoint"(%gC, %gA, %gB) : (!Gb, !Gb, !Gb) -> i1
  scf.if %ok {
    "tile.launch"(%c32) ({ ^bb0(%kb: index):                                            // the prologue is an earlier launch: packs B by whole rows
      %k = arith.muli %kb, %c32 : index
      %s = "tile.slice"(%gB, %k, %c0) : (!Gb, index, index) -> !rB %d = "tile.slice"(%wb, %k, %c0) : (!WB, index, index) -> !rW
      "tile.copy"(%s, %d) : (!rB, !rW) -> () "tile.yield"() : () -> () }) {kinds = ["parallel"]} : (index) -> ()
    "tile.launch"(%c4) ({ ^bb0(%ic: index):                                             // MC = 256 rows a program
      %m0 = arith.muli %ic, %c256 : index
      %wa = "tile.alloc"() : () -> !WA %cs = "tile.alloc"() : () -> !WS                 // per core: 512 KiB packed A, 256 KiB C scratch
      %ga = "tile.slice"(%gA, %m0, %c0) : (!Gb, index, index) -> !rA "tile.copy"(%ga, %wa) : (!rA, !WA) -> ()
      scf.for %jc = %c0 to %c4 step %c1 { scf.for %p = %c0 to %c2 step %c1 { scf.for %jr = %c0 to %c8 step %c1 { scf.for %ir = %c0 to %c8 step %c1 {
        %j0 = arith.muli %jc, %c256 : index %jn = arith.muli %jr, %c32 : index %j = arith.addi %j0, %jn : index %i = arith.muli %ir, %c32 : index
        %kp = arith.muli %p, %c512 : index %first = arith.cmpi eq, %p, %c0 : index %last = arith.cmpi eq, %p, %c1 : index %mi = arith.addi %m0, %i : index
        %cw = "tile.slice"(%cs, %i, %jn) : (!WS, index, index) -> !vS %ov = "tile.slice"(%gC, %mi, %j) : (!Gb, index, index) -> !vC
        %init = scf.if %first -> (!acc) { scf.yield %zero : !acc } else { %l = "tile.load"(%cw) : (!vS) -> !acc scf.yield %l : !acc }
        %r = scf.for %kk = %c0 to %c16 step %c1 iter_args(%acc = %init) -> (!acc) {
          %ko = arith.muli %kk, %c32 : index %k = arith.addi %kp, %ko : index
          %va = "tile.slice"(%wa, %i, %k) : (!WA, index, index) -> !vA %a = "tile.load"(%va) {hint = "stream"} : (!vA) -> !ta        // tileloaddt1
          %vb = "tile.slice"(%wb, %k, %j) : (!WB, index, index) -> !vB %b = "tile.load"(%vb) {hint = "keep"} : (!vB) -> !tb          // panel stays in L1
          %x = "tile.mma"(%a, %b, %acc) : (!ta, !tb, !acc) -> !acc scf.yield %x : !acc }
        %i8 = arith.muli %ir, %c64 : index %kn = arith.addi %kp, %i8 : index %jx = arith.addi %j, %c32 : index
        %nb = "tile.slice"(%wb, %kn, %jx) : (!WB, index, index) -> !pB "tile.prefetch"(%nb) {to = "l2"} : (!pB) -> ()               // 1/8 of the next B panel
        scf.if %last { %f = "tile.move"(%r) : (!acc) -> tensor<32x32xf32, #reg>                                                     // through 4 KiB of scratch
          %h = "tile.map"(%f) ({ ^bb0(%u: index, %v: index, %e: f32): %t = arith.truncf %e : f32 to bf16 "tile.yield"(%t) : (bf16) -> () })
            : (tensor<32x32xf32, #reg>) -> tensor<32x32xbf16, #reg>
          "tile.store"(%h, %ov) : (tensor<32x32xbf16, #reg>, !vC) -> ()
        } else { "tile.store"(%r, %cw) : (!acc, !vS) -> () "tile.prefetch"(%ov) {to = "l2", write} : (!vC) -> () }
      } } } }
      "tile.yield"() : () -> () }) {kinds = ["parallel"]} : (index) -> ()
  } else { func.call @matmul.plain(%pa, %pB, %pc) : (!pb, !pb, !pb) -> () }             // the fallback version, without packing
  return
}
func.func private @matmul.plain(!pb, !pb, !pb)
