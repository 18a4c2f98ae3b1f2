// RUN: terrazzo-opt %s --split-input-file --verify-diagnostics
func.func @p(%p: !kernel.ptr<f16>, %a: memref<8x128xf32, "vmem">, %c: index) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{moves 'f32' by a pointer to 'f16'}}
  tpu.enqueue_dma_in %p[%c, %c], %a, %s[%c] : !kernel.ptr<f16>, memref<8x128xf32, "vmem">, !tpu.semaphore<1>
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8x128xf32, "vmem">, %c: index) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{has 1 strides for a block of rank 2}}
  tpu.enqueue_dma_out %p[%c], %a, %s[%c] : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<1>
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8x128xf32, "vmem">, %c: index) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{needs a lower and an upper bound for each dimension, or none}}
  tpu.enqueue_dma_in %p[%c, %c] from(%c) to(%c, %c), %a, %s[%c] : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<1>
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8x128xf32, "vmem">, %c: index, %m: memref<8xi1, "vmem">) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{the mask is no i1 block of the same shape}}
  tpu.enqueue_dma_in %p[%c, %c] mask %m(memref<8xi1, "vmem">), %a, %s[%c] : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<1>
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8x128xf32, "vmem">, %c: index, %m: memref<8xi32, "vmem">) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{an index list needs `index_dim`}}
  tpu.enqueue_dma_in %p[%c, %c] at %m(memref<8xi32, "vmem">), %a, %s[%c] : !kernel.ptr<f32>, memref<8x128xf32, "vmem">, !tpu.semaphore<1>
  return
}
// -----
func.func @p(%p: !kernel.ptr<f32>, %a: memref<8xf32, "vmem">, %c: index, %m: memref<7xi32, "vmem">) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{the index list does not have the block's shape}}
  tpu.atomic_dma %p[%c] at %m(memref<7xi32, "vmem">), %a, %s[%c] {index_dim = -1 : i64, kind = 4 : i32} : !kernel.ptr<f32>, memref<8xf32, "vmem">, !tpu.semaphore<1>
  return
}
// -----
// expected-error @+2 {{makes at least one semaphore}}
func.func @p() {
  %s = tpu.sem_alloc : !tpu.semaphore<0>
  return
}
// -----
func.func @p(%c: index) {
  %s = tpu.sem_alloc : !tpu.semaphore<1>
  // expected-error @+1 {{waits for at least one DMA}}
  tpu.wait_dma %s[%c], 0 : !tpu.semaphore<1>
  return
}
// -----
func.func @p(%a: memref<8xf32, "vmem">, %b: memref<4xf32, "vmem">) {
  // expected-error @+1 {{an operand does not span dimension 0 of the result}}
  tpu.vpu %a : memref<8xf32, "vmem"> -> %b : memref<4xf32, "vmem"> attributes {dims = [[0]]} {
  ^bb0(%i: index, %x: f32):
    tile.yield %x : f32
  }
  return
}
// -----
func.func @p(%a: memref<8xf32, "vmem">) {
  // expected-error @+1 {{the region yields 'i32' for 'f32'}}
  tpu.vpu -> %a : memref<8xf32, "vmem"> attributes {dims = []} {
  ^bb0(%i: index):
    %x = arith.index_cast %i : index to i32
    tile.yield %x : i32
  }
  return
}
// -----
func.func @p(%a: memref<8x4xf32, "vmem">, %b: memref<8xf32, "vmem">) {
  // expected-error @+1 {{a result has the wrong shape}}
  tpu.xlu_reduce %a : memref<8x4xf32, "vmem"> -> %b : memref<8xf32, "vmem"> attributes {dim = 0 : i64, order = "any"} {
  ^bb0(%x: f32, %y: f32):
    tile.yield %x : f32
  }
  return
}
// -----
func.func @p(%a: memref<8x4xf32, "vmem">, %b: memref<8xf32, "vmem">) {
  // expected-error @+1 {{a result has the wrong shape}}
  tpu.xlu_scan %a : memref<8x4xf32, "vmem"> -> %b : memref<8xf32, "vmem"> attributes {dim = 1 : i64} {
  ^bb0(%x: f32, %y: f32):
    tile.yield %x : f32
  }
  return
}
// -----
func.func @p(%a: memref<8x4xf32, "vmem">, %b: memref<8xf32, "vmem">) {
  // expected-error @+1 {{the map does not lead from the result's indices to the operand's}}
  tpu.xlu_shuffle %a : memref<8x4xf32, "vmem"> -> %b : memref<8xf32, "vmem"> {map = affine_map<(i) -> (i)>}
  return
}
// -----
func.func @p(%a: memref<8xbf16, "vmem">) {
  // expected-error @+1 {{pushes a matrix}}
  %w = tpu.matmul_push_rhs %a : memref<8xbf16, "vmem">
  return
}
// -----
func.func @p(%a: memref<8x16xbf16, "vmem">, %b: memref<32x128xbf16, "vmem">, %c: memref<8x128xf32, "vmem">, %t: i1) {
  %w = tpu.matmul_push_rhs %b : memref<32x128xbf16, "vmem">
  // expected-error @+1 {{multiplies}}
  tpu.matmul_acc_lhs %a, %w, %c, %t : memref<8x16xbf16, "vmem">, memref<8x128xf32, "vmem">
  return
}
