// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every instruction is read, verified and printed as it was.
// RUN: terrazzo-opt %s | terrazzo-opt | FileCheck %s
// CHECK-LABEL: @transfers
func.func @transfers(%p: !kernel.ptr<f16>, %s: index, %l: index, %m: index) {
  %c1 = arith.constant 1 : index
  %ub = memref.alloc() : memref<32x32xf16, "ub">
  %l1 = memref.alloc() : memref<32x32xf16, "l1">
  %one = memref.alloc() : memref<f16, "stack">
  %at = memref.alloc() : memref<32xi64, "ub">
  %some = memref.alloc() : memref<32x32xi1, "ub">
  // CHECK: ascend.load %{{.*}}[%{{.*}}, %{{.*}}] from[%{{.*}}, %{{.*}}] to[%{{.*}}, %{{.*}}] mask %{{.*}}(memref<32x32xi1, "ub">), %{{.*}} : <f16>, memref<32x32xf16, "ub">
  ascend.load %p[%s, %c1] from [%l, %l] to [%m, %m] mask %some(memref<32x32xi1, "ub">), %ub : !kernel.ptr<f16>, memref<32x32xf16, "ub">
  // CHECK: ascend.load %{{.*}}[], %{{.*}} : <f16>, memref<f16, "stack">
  ascend.load %p[], %one : !kernel.ptr<f16>, memref<f16, "stack">
  // CHECK: ascend.nd2nz %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}} : <f16>, memref<32x32xf16, "l1">
  ascend.nd2nz %p[%s, %c1], %l1 : !kernel.ptr<f16>, memref<32x32xf16, "l1">
  // CHECK: ascend.store %{{.*}}[%{{.*}}, %{{.*}}] at %{{.*}}(memref<32xi64, "ub">) within[%{{.*}}, %{{.*}}], %{{.*}} {index_dim = 0 : i64} : <f16>, memref<32x32xf16, "ub">
  ascend.store %p[%s, %c1] at %at(memref<32xi64, "ub">) within [%l, %m], %ub {index_dim = 0} : !kernel.ptr<f16>, memref<32x32xf16, "ub">
  // CHECK: ascend.store %{{.*}} {atomic = 4 : i32}
  ascend.store %p[%s, %c1], %ub {atomic = 4 : i32} : !kernel.ptr<f16>, memref<32x32xf16, "ub">
  // CHECK: ascend.atomic %{{.*}}[], %{{.*}} old %{{.*}}(memref<f16, "stack">) {kind = 9 : i32} : <f16>, memref<f16, "stack">
  ascend.atomic %p[], %one old %one(memref<f16, "stack">) {kind = 9 : i32} : !kernel.ptr<f16>, memref<f16, "stack">
  return
}

// CHECK-LABEL: @cube
func.func @cube(%p: !kernel.ptr<f32>, %s: index, %fresh: i1) {
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<32x16xf16, "l1">
  %b = memref.alloc() : memref<16x32xf16, "l1">
  %l0a = memref.alloc() : memref<32x16xf16, "l0a">
  %l0b = memref.alloc() : memref<16x32xf16, "l0b">
  %acc = memref.alloc() : memref<32x32xf32, "l0c">
  %ws = memref.alloc() : memref<32x32xf32, "workspace">
  %ub = memref.alloc() : memref<32x32xf32, "ub">
  // CHECK: ascend.init_const_value -> %{{.*}} : memref<32x16xf16, "l1"> attributes {dims = []} {
  ascend.init_const_value -> %a : memref<32x16xf16, "l1"> attributes {dims = []} {
  ^bb0(%i: index, %j: index):
    %zero = arith.constant 0.0 : f16
    tile.yield %zero : f16
  }
  // CHECK: ascend.load_l0a %{{.*}}, %{{.*}} : memref<32x16xf16, "l1">, memref<32x16xf16, "l0a">
  ascend.load_l0a %a, %l0a : memref<32x16xf16, "l1">, memref<32x16xf16, "l0a">
  // CHECK: ascend.load_l0b %{{.*}}, %{{.*}} : memref<16x32xf16, "l1">, memref<16x32xf16, "l0b">
  ascend.load_l0b %b, %l0b : memref<16x32xf16, "l1">, memref<16x32xf16, "l0b">
  // CHECK: ascend.mmad %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<32x32xf32, "l0c">, memref<32x16xf16, "l0a">, memref<16x32xf16, "l0b">
  ascend.mmad %acc, %l0a, %l0b, %fresh : memref<32x32xf32, "l0c">, memref<32x16xf16, "l0a">, memref<16x32xf16, "l0b">
  // CHECK: ascend.fixpipe %{{.*}}, %{{.*}} : memref<32x32xf32, "l0c">, memref<32x32xf32, "workspace">
  ascend.fixpipe %acc, %ws : memref<32x32xf32, "l0c">, memref<32x32xf32, "workspace">
  // CHECK: ascend.fixpipe_store %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}} : <f32>, memref<32x32xf32, "l0c">
  ascend.fixpipe_store %p[%s, %c1], %acc : !kernel.ptr<f32>, memref<32x32xf32, "l0c">
  // CHECK: ascend.copy %{{.*}}, %{{.*}} : memref<32x32xf32, "workspace">, memref<32x32xf32, "ub">
  ascend.copy %ws, %ub : memref<32x32xf32, "workspace">, memref<32x32xf32, "ub">
  return
}

// CHECK-LABEL: @vector
func.func @vector() {
  %a = memref.alloc() : memref<8x32xf32, "ub">
  %b = memref.alloc() : memref<32x8xf32, "ub">
  %row = memref.alloc() : memref<8xf32, "ub">
  // CHECK: ascend.vf %{{.*}} : memref<8x32xf32, "ub"> -> %{{.*}} : memref<8x32xf32, "ub"> attributes {dims = {{.*}}} {
  ascend.vf %a : memref<8x32xf32, "ub"> -> %a : memref<8x32xf32, "ub"> attributes {dims = [[0, 1]]} {
  ^bb0(%i: index, %j: index, %x: f32):
    %y = arith.addf %x, %x : f32
    tile.yield %y : f32
  }
  // CHECK: ascend.vreduce %{{.*}} : memref<8x32xf32, "ub"> -> %{{.*}} : memref<8xf32, "ub"> attributes {dim = 1 : i64, order = "any"} {
  ascend.vreduce %a : memref<8x32xf32, "ub"> -> %row : memref<8xf32, "ub"> attributes {dim = 1 : i64, order = "any"} {
  ^bb0(%x: f32, %y: f32):
    %z = arith.addf %x, %y : f32
    tile.yield %z : f32
  }
  // CHECK: ascend.vcum %{{.*}} : memref<8x32xf32, "ub"> -> %{{.*}} : memref<8x32xf32, "ub"> attributes {dim = 1 : i64, reverse} {
  ascend.vcum %a : memref<8x32xf32, "ub"> -> %a : memref<8x32xf32, "ub"> attributes {dim = 1 : i64, reverse} {
  ^bb0(%x: f32, %y: f32):
    %z = arith.addf %x, %y : f32
    tile.yield %z : f32
  }
  // CHECK: ascend.vgather %{{.*}} : memref<8x32xf32, "ub"> -> %{{.*}} : memref<32x8xf32, "ub"> {map = #{{.*}}}
  ascend.vgather %a : memref<8x32xf32, "ub"> -> %b : memref<32x8xf32, "ub"> {map = affine_map<(i, j) -> (j, i)>}
  return
}

// CHECK-LABEL: @sync
func.func @sync(%slot: index) {
  %slots = memref.alloc() : memref<2x32xf32, "ub">
  // CHECK: ascend.set_flag "vector", "mte2", "v", 0 + %{{.*}}
  ascend.set_flag "vector", "mte2", "v", 0 + %slot
  // CHECK: ascend.wait_flag "vector", "mte2", "v", 3
  ascend.wait_flag "vector", "mte2", "v", 3
  // CHECK: ascend.pipe_barrier "cube"
  ascend.pipe_barrier "cube"
  // CHECK: ascend.sync_block_set "vector", "cube", "fix", 0
  ascend.sync_block_set "vector", "cube", "fix", 0
  // CHECK: ascend.sync_block_wait "vector", "cube", "fix", 0
  ascend.sync_block_wait "vector", "cube", "fix", 0
  // CHECK: ascend.init_que %{{.*}} : memref<2x32xf32, "ub"> -> <2>
  %q = ascend.init_que %slots : memref<2x32xf32, "ub"> -> !ascend.que<2>
  // CHECK: ascend.alloc_tensor %{{.*}}[%{{.*}}] : <2>
  ascend.alloc_tensor %q[%slot] : !ascend.que<2>
  // CHECK: ascend.en_que %{{.*}}[%{{.*}}] : <2>
  ascend.en_que %q[%slot] : !ascend.que<2>
  // CHECK: ascend.de_que %{{.*}}[%{{.*}}] : <2>
  ascend.de_que %q[%slot] : !ascend.que<2>
  // CHECK: ascend.free_tensor %{{.*}}[%{{.*}}] : <2>
  ascend.free_tensor %q[%slot] : !ascend.que<2>
  return
}
