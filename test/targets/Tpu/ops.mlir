// RUN: terrazzo-opt %s | FileCheck %s
// RUN: terrazzo-opt %s -o %t.1 && terrazzo-opt %t.1 -o %t.2 && cmp %t.1 %t.2
// Every op once: what is printed can be read again, to the same text.
#swap = affine_map<(i, j) -> (j, i)>
func.func @program(%p: !kernel.ptr<f32>, %n: index, %stride: index) {
  %cores = arith.constant 1 : index
  tile.launch (%core) in (%cores) {kinds = ["parallel"]} {
    %a = memref.alloc() {address = 0 : i64} : memref<8x128xf32, "vmem">
    %b = memref.alloc() {address = 4096 : i64} : memref<128x8xf32, "vmem">
    %r = memref.alloc() {address = 8192 : i64} : memref<8xf32, "vmem">
    %list = memref.alloc() {address = 8704 : i64} : memref<8xi32, "vmem">
    %mask = memref.alloc() {address = 9216 : i64} : memref<8x128xi1, "vmem">
    %l = memref.alloc() {address = 16384 : i64} : memref<16x128xbf16, "vmem">
    %w = memref.alloc() {address = 32768 : i64} : memref<128x128xbf16, "vmem">
    %acc = memref.alloc() {address = 65536 : i64} : memref<16x128xf32, "vmem">
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %true = arith.constant true
    // CHECK: [[S:%.*]] = tpu.sem_alloc : <2>
    %s = tpu.sem_alloc : !tpu.semaphore<2>
    // CHECK: tpu.enqueue_dma_in %{{.*}}[%{{.*}}, %{{.*}}] from(%{{.*}}, %{{.*}}) to(%{{.*}}, %{{.*}}), %{{.*}}, [[S]][%{{.*}}] : <f32>, memref<8x128xf32, "vmem">, <2>
    tpu.enqueue_dma_in %p[%stride, %c1] from(%c0, %c0) to(%n, %n), %a, %s[%c0] : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<2>
    // CHECK: tpu.enqueue_dma_in {{.*}} at %{{.*}}(memref<8xi32, "vmem">) within(%{{.*}}, %{{.*}}) mask
    tpu.enqueue_dma_in %p[%stride, %c1] at %list(memref<8xi32, "vmem">) within(%c0, %n) mask %mask(memref<8x128xi1, "vmem">), %a, %s[%c1] {index_dim = 0 : i64} : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<2>
    // CHECK: tpu.wait_dma [[S]][%{{.*}}], 1 : <2>
    tpu.wait_dma %s[%c0], 1 : !tpu.semaphore<2>
    tpu.wait_dma %s[%c1], 1 : !tpu.semaphore<2>
    // CHECK: tpu.vpu %{{.*}} : memref<8x128xf32, "vmem"> -> %{{.*}} : memref<8x128xf32, "vmem">
    tpu.vpu %a : memref<8x128xf32, "vmem"> -> %a : memref<8x128xf32, "vmem"> attributes {dims = [[0, 1]]} {
    ^bb0(%i: index, %j: index, %x: f32):
      %y = arith.addf %x, %x : f32
      tile.yield %y : f32
    }
    // CHECK: tpu.xlu_reduce
    tpu.xlu_reduce %a : memref<8x128xf32, "vmem"> -> %r : memref<8xf32, "vmem"> attributes {dim = 1 : i64, order = "any"} {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      tile.yield %z : f32
    }
    // CHECK: tpu.xlu_scan
    tpu.xlu_scan %a : memref<8x128xf32, "vmem"> -> %a : memref<8x128xf32, "vmem"> attributes {dim = 1 : i64} {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      tile.yield %z : f32
    }
    // CHECK: tpu.xlu_shuffle
    tpu.xlu_shuffle %a : memref<8x128xf32, "vmem"> -> %b : memref<128x8xf32, "vmem"> {map = #swap}
    // CHECK: [[W:%.*]] = tpu.matmul_push_rhs
    %weights = tpu.matmul_push_rhs %w : memref<128x128xbf16, "vmem">
    // CHECK: tpu.matmul_acc_lhs %{{.*}}, [[W]], %{{.*}}, %{{.*}} : memref<16x128xbf16, "vmem">, memref<16x128xf32, "vmem">
    tpu.matmul_acc_lhs %l, %weights, %acc, %true : memref<16x128xbf16, "vmem">, memref<16x128xf32, "vmem">
    // CHECK: tpu.enqueue_dma_out
    tpu.enqueue_dma_out %p[%stride, %c1], %a, %s[%c0] : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<2>
    tpu.wait_dma %s[%c0], 1 : !tpu.semaphore<2>
    // CHECK: tpu.atomic_dma {{.*}} old
    tpu.atomic_dma %p[%c1] at %list(memref<8xi32, "vmem">), %r old %r(memref<8xf32, "vmem">), %s[%c0] {index_dim = -1 : i64, kind = 4 : i32} : !kernel.ptr<f32>, memref<8xf32, "vmem">, !tpu.semaphore<2>
    tpu.wait_dma %s[%c0], 1 : !tpu.semaphore<2>
  }
  return
}
