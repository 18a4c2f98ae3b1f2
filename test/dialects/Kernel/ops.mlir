// RUN: terrazzo-opt %s | terrazzo-opt | FileCheck %s
// RUN: terrazzo-opt %s --mlir-print-op-generic | terrazzo-opt | FileCheck %s
// Every op of the dialect, in its custom form, there and back.

// CHECK-LABEL: func.func @programs
func.func @programs() {
  // CHECK: kernel.get_program_id 0
  %0 = kernel.get_program_id 0
  // CHECK: kernel.get_num_programs 1
  %1 = kernel.get_num_programs 1
  // CHECK: kernel.debug_barrier
  kernel.debug_barrier
  return
}

// CHECK-LABEL: func.func @shapes
func.func @shapes(%x: f32, %a: tensor<4x8xf32>, %v: tensor<4xf32>, %i: tensor<4xi32>) {
  // CHECK: kernel.make_range 2, 10 : tensor<8xi32>
  %0 = kernel.make_range 2, 10 : tensor<8xi32>
  // CHECK: kernel.splat %{{.*}} : f32 -> tensor<4x8xf32>
  %1 = kernel.splat %x : f32 -> tensor<4x8xf32>
  // CHECK: kernel.expand_dims %{{.*}} {axis = 1 : i32} : tensor<4xf32> -> tensor<4x1xf32>
  %2 = kernel.expand_dims %v {axis = 1 : i32} : tensor<4xf32> -> tensor<4x1xf32>
  // CHECK: kernel.broadcast %{{.*}} : tensor<4x1xf32> -> tensor<4x8xf32>
  %3 = kernel.broadcast %2 : tensor<4x1xf32> -> tensor<4x8xf32>
  // CHECK: kernel.reshape %{{.*}} : tensor<4x8xf32> -> tensor<32xf32>
  %4 = kernel.reshape %a : tensor<4x8xf32> -> tensor<32xf32>
  // CHECK: kernel.reshape %{{.*}} {allow_reorder}
  %5 = kernel.reshape %a {allow_reorder} : tensor<4x8xf32> -> tensor<32xf32>
  // CHECK: kernel.trans %{{.*}} {order = array<i32: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  %6 = kernel.trans %a {order = array<i32: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  // CHECK: kernel.join %{{.*}}, %{{.*}} : tensor<4xf32> -> tensor<4x2xf32>
  %7 = kernel.join %v, %v : tensor<4xf32> -> tensor<4x2xf32>
  // CHECK: kernel.split %{{.*}} : tensor<4x2xf32> -> tensor<4xf32>
  %8, %9 = kernel.split %7 : tensor<4x2xf32> -> tensor<4xf32>
  // CHECK: kernel.cat %{{.*}}, %{{.*}} : tensor<4xf32> -> tensor<8xf32>
  %10 = kernel.cat %v, %v : tensor<4xf32> -> tensor<8xf32>
  // CHECK: kernel.gather %{{.*}}, %{{.*}} {axis = 0 : i32} : tensor<8xf32>, tensor<4xi32> -> tensor<4xf32>
  %11 = kernel.gather %10, %i {axis = 0 : i32} : tensor<8xf32>, tensor<4xi32> -> tensor<4xf32>
  // CHECK: kernel.histogram %{{.*}} : tensor<4xi32> -> tensor<16xi32>
  %12 = kernel.histogram %i : tensor<4xi32> -> tensor<16xi32>
  return
}

// CHECK-LABEL: func.func @memory
func.func @memory(%p: !kernel.ptr<f32>, %o: tensor<8xi32>, %m: tensor<8xi1>, %x: tensor<8xf32>, %i: !kernel.ptr<i32>, %c: i32) {
  %0 = kernel.splat %p : !kernel.ptr<f32> -> tensor<8x!kernel.ptr<f32>>
  // CHECK: kernel.addptr %{{.*}}, %{{.*}} : tensor<8x!kernel.ptr<f32>>, tensor<8xi32>
  %1 = kernel.addptr %0, %o : tensor<8x!kernel.ptr<f32>>, tensor<8xi32>
  // CHECK: kernel.load %{{.*}} : tensor<8x!kernel.ptr<f32>>
  %2 = kernel.load %1 : tensor<8x!kernel.ptr<f32>>
  // CHECK: kernel.load %{{.*}} mask %{{.*}} other %{{.*}} : tensor<8x!kernel.ptr<f32>>
  %3 = kernel.load %1 mask %m other %x : tensor<8x!kernel.ptr<f32>>
  // CHECK: kernel.store %{{.*}}, %{{.*}} mask %{{.*}} : tensor<8x!kernel.ptr<f32>>
  kernel.store %1, %3 mask %m : tensor<8x!kernel.ptr<f32>>
  // CHECK: kernel.store %{{.*}}, %{{.*}} : tensor<8x!kernel.ptr<f32>>
  kernel.store %1, %2 : tensor<8x!kernel.ptr<f32>>
  // CHECK: kernel.atomic_rmw fadd, relaxed, gpu, %{{.*}}, %{{.*}} mask %{{.*}} : tensor<8x!kernel.ptr<f32>>
  %4 = kernel.atomic_rmw fadd, relaxed, gpu, %1, %x mask %m : tensor<8x!kernel.ptr<f32>>
  // CHECK: kernel.atomic_cas acq_rel, sys, %{{.*}}, %{{.*}}, %{{.*}} : !kernel.ptr<i32>
  %5 = kernel.atomic_cas acq_rel, sys, %i, %c, %c : !kernel.ptr<i32>
  // CHECK: kernel.ptr_to_int %{{.*}} : !kernel.ptr<f32> -> i64
  %6 = kernel.ptr_to_int %p : !kernel.ptr<f32> -> i64
  // CHECK: kernel.int_to_ptr %{{.*}} : i64 -> !kernel.ptr<bf16>
  %7 = kernel.int_to_ptr %6 : i64 -> !kernel.ptr<bf16>
  // CHECK: kernel.bitcast %{{.*}} : tensor<8xf32> -> tensor<8xi32>
  %8 = kernel.bitcast %x : tensor<8xf32> -> tensor<8xi32>
  return
}

// CHECK-LABEL: func.func @compute
func.func @compute(%a: tensor<4x8xbf16>, %b: tensor<8x4xbf16>, %c: tensor<4x4xf32>, %x: tensor<8xf32>, %i: tensor<8xi32>) {
  // CHECK: kernel.dot %{{.*}}, %{{.*}}, %{{.*}} : tensor<4x8xbf16>, tensor<8x4xbf16>, tensor<4x4xf32>
  %0 = kernel.dot %a, %b, %c : tensor<4x8xbf16>, tensor<8x4xbf16>, tensor<4x4xf32>
  // CHECK: kernel.reduce(%{{.*}}) {axis = 0 : i32} : (tensor<8xf32>) -> f32
  %1 = kernel.reduce(%x) {axis = 0 : i32} : (tensor<8xf32>) -> f32 {
  ^bb0(%l: f32, %r: f32):
    %s = arith.addf %l, %r : f32
    // CHECK: kernel.yield %{{.*}} : f32
    kernel.yield %s : f32
  }
  // CHECK: kernel.scan(%{{.*}}) {axis = 0 : i32, reverse} : (tensor<8xf32>) -> tensor<8xf32>
  %2 = kernel.scan(%x) {axis = 0 : i32, reverse} : (tensor<8xf32>) -> tensor<8xf32> {
  ^bb0(%l: f32, %r: f32):
    %s = arith.mulf %l, %r : f32
    kernel.yield %s : f32
  }
  // CHECK: kernel.fp_cast %{{.*}} {saturate} : tensor<8xf32> -> tensor<8xf8E4M3FN>
  %3 = kernel.fp_cast %x {saturate} : tensor<8xf32> -> tensor<8xf8E4M3FN>
  // CHECK: kernel.clamp all, %{{.*}}, %{{.*}}, %{{.*}} : tensor<8xf32>
  %4 = kernel.clamp all, %x, %x, %x : tensor<8xf32>
  // CHECK: kernel.mulhi_ui %{{.*}}, %{{.*}} : tensor<8xi32>
  %5 = kernel.mulhi_ui %i, %i : tensor<8xi32>
  return
}

// CHECK-LABEL: func.func @scaled
func.func @scaled(%a: tensor<16x32xi8>, %s: tensor<16x2xi8>, %b: tensor<64x8xf8E4M3FN>, %t: tensor<8x2xi8>, %c: tensor<16x8xf32>,
                  %d: tensor<2x32x8xbf16>, %e: tensor<2x32x4xi8>, %u: tensor<2x8x2xf8E4M3FN>, %f: tensor<2x32x8xf32>, %g: tensor<2x16x32xi8>) {
  // CHECK: kernel.dot_scaled %{{.*}} scale %{{.*}}, %{{.*}} scale %{{.*}}, %{{.*}} : tensor<16x32xi8> scale tensor<16x2xi8>, tensor<64x8xf8E4M3FN> scale tensor<8x2xi8>, tensor<16x8xf32>
  %0 = kernel.dot_scaled %a scale %s, %b scale %t, %c : tensor<16x32xi8> scale tensor<16x2xi8>, tensor<64x8xf8E4M3FN> scale tensor<8x2xi8>, tensor<16x8xf32>
  // CHECK: kernel.dot_scaled %{{.*}}, %{{.*}}, %{{.*}} : tensor<16x32xi8>, tensor<64x8xf8E4M3FN>, tensor<16x8xf32>
  %1 = kernel.dot_scaled %a, %b, %c : tensor<16x32xi8>, tensor<64x8xf8E4M3FN>, tensor<16x8xf32>
  // CHECK: kernel.dot_scaled %{{.*}}, %{{.*}} scale %{{.*}}, %{{.*}} {fast_math, pack_m, pack_n} : tensor<2x16x32xi8>, tensor<2x32x4xi8> scale tensor<2x8x2xf8E4M3FN>, tensor<2x32x8xf32>
  %2 = kernel.dot_scaled %g, %e scale %u, %f {fast_math, pack_m, pack_n} : tensor<2x16x32xi8>, tensor<2x32x4xi8> scale tensor<2x8x2xf8E4M3FN>, tensor<2x32x8xf32>
  return
}

// CHECK-LABEL: func.func @effects
func.func @effects(%x: tensor<8xf32>, %c: i1, %m: tensor<8xi1>) {
  // CHECK: kernel.print "x = "(%{{.*}}) : tensor<8xf32>
  kernel.print "x = " (%x) : tensor<8xf32>
  // CHECK: kernel.assert %{{.*}}, "positive" : tensor<8xi1>
  kernel.assert %m, "positive" : tensor<8xi1>
  // CHECK: kernel.assume %{{.*}}
  kernel.assume %c
  return
}
