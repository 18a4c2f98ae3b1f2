// RUN: terrazzo-opt %s | FileCheck %s
// RUN: terrazzo-opt %s -o %t.1 && terrazzo-opt %t.1 -o %t.2 && cmp %t.1 %t.2
// Every op once: what is printed can be read again, to the same text.
#swap = affine_map<(i, j) -> (j, i)>
func.func @program(%p: !kernel.ptr<f16>, %q: !kernel.ptr<f32>, %n: index, %stride: index) {
  %cores = arith.constant 64 : index
  tile.launch (%core) in (%cores) {kinds = ["parallel"]} {
    %slots = memref.alloc() {address = 0 : i64} : memref<2x32x32xf16, "ls">
    %b = memref.alloc() {address = 8192 : i64} : memref<32x32xf16, "ls">
    %c = memref.alloc() {address = 16384 : i64} : memref<32x32xf32, "ls">
    %r = memref.alloc() {address = 32768 : i64} : memref<32xf32, "ls">
    %list = memref.alloc() {address = 36864 : i64} : memref<32xi32, "ls">
    %acc = memref.alloc() {address = 0 : i64} : memref<32x32xf32, "acc">
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %true = arith.constant true
    // CHECK: [[CB:%.*]] = mtia.cb_init %{{.*}} {consumers = ["dpe"], producers = ["fi"]} : memref<2x32x32xf16, "ls"> -> <2>
    %cb = mtia.cb_init %slots {consumers = ["dpe"], producers = ["fi"]} : memref<2x32x32xf16, "ls"> -> !mtia.cb<2>
    %a = memref.subview %slots[%c0, 0, 0] [1, 32, 32] [1, 1, 1] : memref<2x32x32xf16, "ls"> to memref<32x32xf16, strided<[32, 1], offset: ?>, "ls">
    // CHECK: mtia.cb_reserve [[CB]] : <2>
    mtia.cb_reserve %cb : !mtia.cb<2>
    // CHECK: mtia.dma_in %{{.*}}[%{{.*}}, %{{.*}}] from(%{{.*}}, %{{.*}}) to(%{{.*}}, %{{.*}}), %{{.*}} : <f16>
    mtia.dma_in %p[%stride, %c1] from(%c0, %c0) to(%n, %n), %a : !kernel.ptr<f16>, memref<32x32xf16, strided<[32, 1], offset: ?>, "ls">
    // CHECK: mtia.cb_push [[CB]] : <2>
    mtia.cb_push %cb : !mtia.cb<2>
    // CHECK: mtia.cb_wait [[CB]] : <2>
    mtia.cb_wait %cb : !mtia.cb<2>
    // CHECK: mtia.mml %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<32x32xf32, "acc">
    mtia.mml %acc, %a, %b, %true : memref<32x32xf32, "acc">, memref<32x32xf16, strided<[32, 1], offset: ?>, "ls">, memref<32x32xf16, "ls">
    // CHECK: mtia.cb_pop [[CB]] : <2>
    mtia.cb_pop %cb : !mtia.cb<2>
    // CHECK: mtia.depend {from = "dpe", to = "re"}
    mtia.depend {from = "dpe", to = "re"}
    // CHECK: mtia.reduce %{{.*}}, %{{.*}} : memref<32x32xf32, "acc">, memref<32x32xf32, "ls">
    mtia.reduce %acc, %c : memref<32x32xf32, "acc">, memref<32x32xf32, "ls">
    // CHECK: mtia.se_eltwise
    mtia.se_eltwise %c : memref<32x32xf32, "ls"> -> %b : memref<32x32xf16, "ls"> attributes {dims = [[0, 1]]} {
    ^bb0(%i: index, %j: index, %x: f32):
      %y = arith.truncf %x : f32 to f16
      tile.yield %y : f16
    }
    // CHECK: mtia.se_reduce
    mtia.se_reduce %c : memref<32x32xf32, "ls"> -> %r : memref<32xf32, "ls"> attributes {dim = 1 : i64, order = "any"} {
    ^bb0(%x: f32, %y: f32):
      %z = arith.maxnumf %x, %y : f32
      tile.yield %z : f32
    }
    // CHECK: mtia.se_scan
    mtia.se_scan %c : memref<32x32xf32, "ls"> -> %c : memref<32x32xf32, "ls"> attributes {dim = 0 : i64, reverse} {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      tile.yield %z : f32
    }
    // CHECK: mtia.mlu_shuffle
    mtia.mlu_shuffle %c : memref<32x32xf32, "ls"> -> %c : memref<32x32xf32, "ls"> {map = #swap}
    // CHECK: mtia.dma_out
    mtia.dma_out %p[%stride, %c1], %b : !kernel.ptr<f16>, memref<32x32xf16, "ls">
    // CHECK: mtia.dma_atomic {{.*}} at
    mtia.dma_atomic %q[%c1] at %list(memref<32xi32, "ls">) within(%c0, %n), %r {index_dim = -1 : i64, kind = 4 : i32} : !kernel.ptr<f32>, memref<32xf32, "ls">
  }
  return
}
