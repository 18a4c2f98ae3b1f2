// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -split-input-file -verify-diagnostics
func.func @load(%p: !kernel.ptr<f16>, %s: index) {
  %a = memref.alloc() : memref<32xf16, "l1">
  // expected-error @+1 {{does not reach the memory `l1`, only ub, stack}}
  ascend.load %p[%s], %a : !kernel.ptr<f16>, memref<32xf16, "l1">
  return
}

// -----
func.func @load_strides(%p: !kernel.ptr<f16>, %s: index) {
  %a = memref.alloc() : memref<32xf16, "ub">
  // expected-error @+1 {{has 2 strides for a block of rank 1}}
  ascend.load %p[%s, %s], %a : !kernel.ptr<f16>, memref<32xf16, "ub">
  return
}

// -----
func.func @nd2nz(%p: !kernel.ptr<f16>, %s: index) {
  %a = memref.alloc() : memref<32xf16, "ub">
  // expected-error @+1 {{does not reach the memory `ub`, only l1}}
  ascend.nd2nz %p[%s], %a : !kernel.ptr<f16>, memref<32xf16, "ub">
  return
}

// -----
func.func @nd2nz_mask(%p: !kernel.ptr<f16>, %s: index) {
  %a = memref.alloc() : memref<32xf16, "l1">
  %m = memref.alloc() : memref<32xi1, "ub">
  // expected-error @+1 {{takes neither an index list nor a mask}}
  ascend.nd2nz %p[%s] mask %m(memref<32xi1, "ub">), %a : !kernel.ptr<f16>, memref<32xf16, "l1">
  return
}

// -----
func.func @store(%p: !kernel.ptr<f32>, %s: index) {
  %a = memref.alloc() : memref<32xf32, "l0c">
  // expected-error @+1 {{does not reach the memory `l0c`, only ub, stack}}
  ascend.store %p[%s], %a : !kernel.ptr<f32>, memref<32xf32, "l0c">
  return
}

// -----
func.func @fixpipe_store(%p: !kernel.ptr<f32>, %s: index) {
  %a = memref.alloc() : memref<32xf32, "ub">
  // expected-error @+1 {{does not reach the memory `ub`, only l0c}}
  ascend.fixpipe_store %p[%s], %a : !kernel.ptr<f32>, memref<32xf32, "ub">
  return
}

// -----
func.func @atomic(%p: !kernel.ptr<f32>, %s: index) {
  %a = memref.alloc() : memref<32xf32, "l1">
  // expected-error @+1 {{does not reach the memory `l1`, only ub, stack}}
  ascend.atomic %p[%s], %a {kind = 9 : i32} : !kernel.ptr<f32>, memref<32xf32, "l1">
  return
}

// -----
func.func @copy() {
  %a = memref.alloc() : memref<32xf32, "l0c">
  %b = memref.alloc() : memref<32xf32, "ub">
  // expected-error @+1 {{has no path from `l0c` to `ub`}}
  ascend.copy %a, %b : memref<32xf32, "l0c">, memref<32xf32, "ub">
  return
}

// -----
func.func @copy_shape() {
  %a = memref.alloc() : memref<32xf32, "ub">
  %b = memref.alloc() : memref<16xf32, "l1">
  // expected-error @+1 {{has a source and a target of different shapes}}
  ascend.copy %a, %b : memref<32xf32, "ub">, memref<16xf32, "l1">
  return
}

// -----
func.func @load_l0a() {
  %a = memref.alloc() : memref<32x16xf16, "ub">
  %b = memref.alloc() : memref<32x16xf16, "l0a">
  // expected-error @+1 {{does not reach the memory `ub`, only l1}}
  ascend.load_l0a %a, %b : memref<32x16xf16, "ub">, memref<32x16xf16, "l0a">
  return
}

// -----
func.func @load_l0b() {
  %a = memref.alloc() : memref<32x16xf16, "l1">
  %b = memref.alloc() : memref<32x16xf16, "l0a">
  // expected-error @+1 {{does not reach the memory `l0a`, only l0b}}
  ascend.load_l0b %a, %b : memref<32x16xf16, "l1">, memref<32x16xf16, "l0a">
  return
}

// -----
func.func @fixpipe() {
  %a = memref.alloc() : memref<32x16xf32, "l0c">
  %b = memref.alloc() : memref<32x16xf32, "l1">
  // expected-error @+1 {{does not reach the memory `l1`, only ub, workspace}}
  ascend.fixpipe %a, %b : memref<32x16xf32, "l0c">, memref<32x16xf32, "l1">
  return
}

// -----
func.func @mmad(%fresh: i1) {
  %a = memref.alloc() : memref<32x16xf16, "l0a">
  %b = memref.alloc() : memref<32x32xf16, "l0b">
  %acc = memref.alloc() : memref<32x32xf32, "l0c">
  // expected-error @+1 {{multiplies}}
  ascend.mmad %acc, %a, %b, %fresh : memref<32x32xf32, "l0c">, memref<32x16xf16, "l0a">, memref<32x32xf16, "l0b">
  return
}

// -----
func.func @init_const_value() {
  %a = memref.alloc() : memref<32xf16, "ub">
  // expected-error @+1 {{does not reach the memory `ub`, only l1}}
  ascend.init_const_value -> %a : memref<32xf16, "ub"> attributes {dims = []} {
  ^bb0(%i: index):
    %zero = arith.constant 0.0 : f16
    tile.yield %zero : f16
  }
  return
}

// -----
func.func @init_const_value_operand() {
  %a = memref.alloc() : memref<32xf16, "l1">
  // expected-error @+1 {{takes no operands but the value that it yields}}
  ascend.init_const_value %a : memref<32xf16, "l1"> -> %a : memref<32xf16, "l1"> attributes {dims = [[0]]} {
  ^bb0(%i: index, %x: f16):
    tile.yield %x : f16
  }
  return
}

// -----
func.func @vf() {
  %a = memref.alloc() : memref<32xf32, "ub">
  // expected-error @+1 {{the region yields 'f16' for 'f32'}}
  ascend.vf -> %a : memref<32xf32, "ub"> attributes {dims = []} {
  ^bb0(%i: index):
    %zero = arith.constant 0.0 : f16
    tile.yield %zero : f16
  }
  return
}

// -----
func.func @vreduce() {
  %a = memref.alloc() : memref<8x32xf32, "ub">
  // expected-error @+1 {{a result has the wrong shape}}
  ascend.vreduce %a : memref<8x32xf32, "ub"> -> %a : memref<8x32xf32, "ub"> attributes {dim = 1 : i64, order = "any"} {
  ^bb0(%x: f32, %y: f32):
    tile.yield %x : f32
  }
  return
}

// -----
func.func @vcum() {
  %a = memref.alloc() : memref<8x32xf32, "ub">
  %b = memref.alloc() : memref<8xf32, "ub">
  // expected-error @+1 {{a result has the wrong shape}}
  ascend.vcum %a : memref<8x32xf32, "ub"> -> %b : memref<8xf32, "ub"> attributes {dim = 1 : i64} {
  ^bb0(%x: f32, %y: f32):
    tile.yield %x : f32
  }
  return
}

// -----
func.func @vgather() {
  %a = memref.alloc() : memref<8x32xf32, "ub">
  %b = memref.alloc() : memref<32xf32, "ub">
  // expected-error @+1 {{the map does not lead from the result's indices to the operand's}}
  ascend.vgather %a : memref<8x32xf32, "ub"> -> %b : memref<32xf32, "ub"> {map = affine_map<(i, j) -> (j, i)>}
  return
}

// -----
func.func @set_flag() {
  // expected-error @+1 {{the cube stream has no pipe `mte3`, only s, mte2, mte1, m, fix}}
  ascend.set_flag "cube", "mte3", "m", 0
  return
}

// -----
func.func @wait_flag() {
  // expected-error @+1 {{a pipe is in order with itself}}
  ascend.wait_flag "vector", "v", "v", 0
  return
}

// -----
func.func @pipe_barrier() {
  // expected-error @+1 {{has no stream `scalar`, only cube, vector}}
  ascend.pipe_barrier "scalar"
  return
}

// -----
func.func @sync_block_set() {
  // expected-error @+1 {{is between two streams}}
  ascend.sync_block_set "cube", "cube", "fix", 0
  return
}

// -----
func.func @sync_block_wait() {
  // expected-error @+1 {{the vector stream has no pipe `fix`, only s, mte2, v, mte3}}
  ascend.sync_block_wait "cube", "vector", "fix", 0
  return
}

// -----
func.func @init_que() {
  %a = memref.alloc() : memref<2x32xf32, "ub">
  // expected-error @+1 {{the first dimension of 'memref<2x32xf32, "ub">' is not the number of buffers}}
  %q = ascend.init_que %a : memref<2x32xf32, "ub"> -> !ascend.que<3>
  return
}

// -----
func.func @alloc_tensor(%q: !ascend.que<2>) {
  %c2 = arith.constant 2 : index
  // expected-error @+1 {{the queue has 2 buffers, not number 2}}
  ascend.alloc_tensor %q[%c2] : !ascend.que<2>
  return
}

// -----
func.func @en_que(%q: !ascend.que<2>) {
  %c2 = arith.constant 2 : index
  // expected-error @+1 {{the queue has 2 buffers, not number 2}}
  ascend.en_que %q[%c2] : !ascend.que<2>
  return
}

// -----
func.func @de_que(%q: !ascend.que<2>) {
  %c2 = arith.constant 2 : index
  // expected-error @+1 {{the queue has 2 buffers, not number 2}}
  ascend.de_que %q[%c2] : !ascend.que<2>
  return
}

// -----
func.func @free_tensor(%q: !ascend.que<2>) {
  %c2 = arith.constant 2 : index
  // expected-error @+1 {{the queue has 2 buffers, not number 2}}
  ascend.free_tensor %q[%c2] : !ascend.que<2>
  return
}
