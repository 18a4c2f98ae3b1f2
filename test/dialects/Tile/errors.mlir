// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -split-input-file -verify-diagnostics
#gm = #tile.place<"global", #tile.nest<[]>>
!G = !tile.view<tensor<?x?xf32, #gm>, []>
// expected-error @+1 {{TC5: a view of rank 2 has 1 boundaries}}
!bad = !tile.view<tensor<?x?xf32, #gm>, [#tile.in]>
func.func private @tc5_boundaries(!bad)

// -----
// expected-error @+1 {{TC1: a fractal is zN, nZ, zZ or nN}}
#bad = #tile.fractal<"zz">
func.func private @tc1_fractal() attributes {a = #bad}

// -----
// expected-error @+1 {{TC1: dimension 0 has two factors of size -1}}
#bad = #tile.nest<[[0, -1], [0, -1]]>
func.func private @tc1_nest() attributes {a = #bad}

// -----
func.func @tc2_kinds(%n: index) {
  // expected-error @+1 {{TC2: parallel dims stand before sequential ones}}
  "tile.launch"(%n, %n) ({ ^bb0(%i: index, %j: index): tile.yield }) {kinds = ["sequential", "parallel"]} : (index, index) -> ()
  return
}

// -----
func.func @tc2_nested(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    // expected-error @+1 {{TC2: a launch is not nested}}
    "tile.launch"(%n) ({ ^bb0(%j: index): tile.yield }) {kinds = ["parallel"]} : (index) -> ()
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
func.func @tc4_twice(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    // expected-error @+1 {{TC4: two roles named "a"}}
    "tile.roles"() ({ ^bb0(%z: index): tile.yield }, { ^bb0(%w: index): tile.yield })
      {roles = [#tile.role<"a", "warps", 1, {}>, #tile.role<"a", "warps", 1, {}>]} : () -> ()
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
#sm = #tile.place<"smem", #tile.nest<[]>>
func.func @tc5_place(%v: !tile.view<tensor<?x?xf32, #gm>, []>, %i: index) {
  // expected-error @+1 {{TC5: a window keeps its parent's element type and place}}
  %w = "tile.slice"(%v, %i, %i) : (!tile.view<tensor<?x?xf32, #gm>, []>, index, index) -> !tile.view<tensor<8x8xf32, #sm>, []>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
func.func @tc5_dims(%v: !tile.view<tensor<?x?xf32, #gm>, []>, %i: index) {
  // expected-error @+1 {{TC5: `dims` names each source dimension at most once}}
  %w = "tile.slice"(%v, %i, %i) {dims = [0, 0]} : (!tile.view<tensor<?x?xf32, #gm>, []>, index, index) -> !tile.view<tensor<8x8xf32, #gm>, []>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
func.func @tc6_shapes(%a: !tile.view<tensor<8xf32, #gm>, []>, %b: !tile.view<tensor<4xf32, #gm>, []>) {
  // expected-error @+1 {{TC6: shapes differ}}
  tile.copy %a to %b : !tile.view<tensor<8xf32, #gm>, []>, !tile.view<tensor<4xf32, #gm>, []>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
func.func @tc6_clamp(%a: tensor<8xf32>, %b: !tile.view<tensor<8xf32, #gm>, [#tile.clamp]>) {
  // expected-error @+1 {{TC6: nothing is written through `clamp` or `wrap`}}
  tile.store %a, %b : tensor<8xf32>, !tile.view<tensor<8xf32, #gm>, [#tile.clamp]>
  return
}

// -----
func.func @tc9_from_without_to(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    // expected-error @+1 {{TC9: `from` and `to` stand together}}
    %c = tile.channel {from = "load"} : !tile.channel<2, []>
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
!h = !tile.view<tensor<4xf32, #gm>, []>
func.func @tc10_share(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    %c = tile.channel : !tile.channel<2, [!s]>
    // expected-error @+1 {{TC10: view 0 is}}
    %v = tile.acquire %c : !tile.channel<2, [!s]> -> !h
    tile.commit %c : !tile.channel<2, [!s]>
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc10_wrong_role(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    %c = tile.channel {from = "load", to = "mma"} : !tile.channel<2, [!s]>
    // expected-error @+1 {{TC10: only role `load` may call this}}
    %v = tile.acquire %c : !tile.channel<2, [!s]> -> !s
    tile.commit %c : !tile.channel<2, [!s]>
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @b1_commit_removed(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    %c = tile.channel : !tile.channel<2, [!s]>
    // expected-error @+1 {{B1: no commit follows in this block}}
    %v = tile.acquire %c : !tile.channel<2, [!s]> -> !s
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @b1_second_release(%n: index) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    %c = tile.channel : !tile.channel<2, [!s]>
    %v = tile.wait %c : !tile.channel<2, [!s]> -> !s
    tile.release %c : !tile.channel<2, [!s]>
    // expected-error @+1 {{B1: release without wait in this block}}
    tile.release %c : !tile.channel<2, [!s]>
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
func.func @tc14_shapes(%a: tensor<8x4xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>) {
  // expected-error @+1 {{TC14: a is MxK, b KxN, acc MxN}}
  %r = "tile.mma"(%a, %b, %c) : (tensor<8x4xf32>, tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----
func.func @tc15_span(%a: tensor<8xf32>) {
  // expected-error @+1 {{TC15: operand 0 does not span the result}}
  %r = "tile.map"(%a) ({ ^bb0(%i: index, %x: f32): tile.yield %x : f32 }) : (tensor<8xf32>) -> tensor<4xf32>
  return
}

// -----
func.func @tc16_kept(%a: tensor<8x4xf32>) {
  // expected-error @+1 {{TC16: the result keeps the dims that are not reduced}}
  %r = "tile.reduce"(%a) ({ ^bb0(%x: f32, %y: f32): tile.yield %x : f32 }) {dims = [0], order = "any"} : (tensor<8x4xf32>) -> tensor<8xf32>
  return
}

// -----
func.func @tc17_map(%a: tensor<8x4xf32>) {
  // expected-error @+1 {{TC17: the map goes from the result's index to the operand's}}
  %r = "tile.take"(%a) {map = affine_map<(i) -> (i)>} : (tensor<8x4xf32>) -> tensor<8xf32>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
func.func @tc19_scope(%v: !tile.view<tensor<8xf32, #gm>, []>, %x: tensor<8xf32>) {
  // expected-error @+1 {{TC19: no scope `gpu`}}
  tile.atomic %v, %x {kind = "add", sem = "relaxed", scope = "gpu"} : !tile.view<tensor<8xf32, #gm>, []>, tensor<8xf32>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc10_use_after_release(%n: index, %out: !s) {
  "tile.launch"(%n) ({ ^bb0(%i: index):
    %c = tile.channel : !tile.channel<2, [!s]>
    %v = tile.wait %c : !tile.channel<2, [!s]> -> !s
    tile.release %c : !tile.channel<2, [!s]>
    // expected-error @+1 {{TC10: use of a slot after `tile.release`}}
    tile.copy %v to %out : !s, !s
    tile.yield }) {kinds = ["parallel"]} : (index) -> ()
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @b2_counts(%n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n1 = arith.subi %n, %c1 : index
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{B2: steps(0..%arg0) commits and steps(0..%arg0)-1 waits}}
    %c = tile.channel {from = "a", to = "b"} : !tile.channel<2, [!s]>
    tile.roles role "a" on "warps" x 1 (%z) {
      scf.for %j = %c0 to %n step %c1 {
        %v = tile.acquire %c : !tile.channel<2, [!s]> -> !s
        // expected-note @+1 {{one is here}}
        tile.commit %c : !tile.channel<2, [!s]>
      }
    } role "b" on "warps" x 1 (%z) {
      scf.for %j = %c0 to %n1 step %c1 {
        // expected-note @+1 {{one is here}}
        %v = tile.wait %c : !tile.channel<2, [!s]> -> !s
        tile.release %c : !tile.channel<2, [!s]>
      }
    }
  }
  return
}

// -----
func.func @b2_counter(%n: index) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{B2: 1 commits and 0 waits}}
    %c = tile.channel {from = "a", to = "b"} : !tile.channel<2, []>
    tile.roles role "a" on "warps" x 1 (%z) {
      // expected-note @+1 {{one is here}}
      tile.commit %c : !tile.channel<2, []>
    } role "b" on "warps" x 1 (%z) { }
  }
  return
}

// -----
func.func @b2_replica(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{B2: how often a role calls a channel between roles depends on its replica}}
    %c = tile.channel {from = "a", to = "b"} : !tile.channel<2, []>
    tile.roles role "a" on "warps" x 1 (%z) {
      scf.for %j = %c0 to %n step %c1 { tile.commit %c : !tile.channel<2, []> }
    } role "b" on "warps" x 2 (%z) {
      scf.for %j = %z to %n step %c1 { tile.wait %c : !tile.channel<2, []> }
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
func.func @tc2_tensor(%n: index, %x: tensor<8xf32>, %v: !tile.view<tensor<8xf32, #gm>, []>) {
  // expected-error @+1 {{TC2: a tensor from outside is used}}
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    tile.store %x, %v : tensor<8xf32>, !tile.view<tensor<8xf32, #gm>, []>
  }
  return
}

// -----
#sm = #tile.place<"smem", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #sm>, []>
func.func @tc4_views(%n: index) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %v = tile.alloc : !s
    // expected-error @+1 {{TC4: a view of "smem" from outside; roles share global memory and channels}}
    tile.roles role "a" on "warps" x 1 (%z) { %x = tile.load %v : !s -> tensor<8xf32> }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc8_two_roles(%n: index) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{TC8: two roles use this memory}}
    %v = tile.alloc : !s
    tile.roles role "a" on "warps" x 1 (%z) { %x = tile.load %v : !s -> tensor<8xf32> }
      role "b" on "warps" x 1 (%z) { %x = tile.load %v : !s -> tensor<8xf32> }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc9_two_streams(%n: index) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{TC9: a channel without `from` and `to` belongs to one stream}}
    %c = tile.channel : !tile.channel<2, []>
    tile.roles role "a" on "warps" x 1 (%z) { tile.commit %c : !tile.channel<2, []> }
      role "b" on "warps" x 1 (%z) { tile.wait %c : !tile.channel<2, []> }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc10_chosen(%n: index, %w: !s, %b: i1) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %c = tile.channel : !tile.channel<2, [!s]>
    %v = tile.acquire %c : !tile.channel<2, [!s]> -> !s
    tile.commit %c : !tile.channel<2, [!s]>
    %x = tile.wait %c : !tile.channel<2, [!s]> -> !s
    // expected-error @+1 {{TC10: a view of a slot is sliced and accessed, nothing else}}
    %y = arith.select %b, %x, %w : !s
    tile.release %c : !tile.channel<2, [!s]>
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc11_dims(%n: index) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{TC11: `multicast` lists dims of the launch for each payload}}
    %c = tile.channel {multicast = [[1]]} : !tile.channel<2, [!s]>
  }
  return
}

// -----
func.func @tc14_scales(%a: tensor<8x4xf32>, %b: tensor<4x8xf32>, %c: tensor<8x8xf32>) {
  // expected-error @+1 {{TC14: scales are M x K/b and K/b x N, not 'tensor<4x8xf32>'}}
  %r = tile.mma %a, %b, %c scales (%b : tensor<4x8xf32>) : tensor<8x4xf32>, tensor<4x8xf32>, tensor<8x8xf32>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!G = !tile.view<tensor<?x?xf32, #gm>, []>
func.func @tc5_gather(%v: !G, %i: index, %x: tensor<4xi32>) {
  // expected-error @+1 {{TC5: an index tensor of 'tensor<4xi32>' does not gather}}
  %w = tile.slice %v[%x: tensor<4xi32>, %i] : !G to !tile.view<tensor<8x8xf32, #gm>, []>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!G = !tile.view<tensor<?xf32, #gm>, []>
func.func @tc5_gather_clamp(%v: !G, %x: tensor<4xi32>) {
  // expected-error @+1 {{TC5: a gathered dim is `in` or `fill`}}
  %w = tile.slice %v[%x: tensor<4xi32>] : !G to !tile.view<tensor<4xf32, #gm>, [#tile.clamp]>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc19_mask(%v: !s, %x: tensor<8xf32>, %m: tensor<4xi1>) {
  // expected-error @+1 {{TC6: a mask is i1 in the shape of the window}}
  tile.atomic %v, %x mask %m : tensor<4xi1>, {kind = "add", sem = "relaxed", scope = "chip"} : !s, tensor<8xf32>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc19_values(%v: !s, %x: tensor<8xf32>) {
  // expected-error @+1 {{TC19: `cas` takes 2 values}}
  tile.atomic %v, %x {kind = "cas", sem = "relaxed", scope = "chip"} : !s, tensor<8xf32>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc19_kind(%v: !s, %x: tensor<8xf32>) {
  // expected-error @+1 {{TC19: no `xor` of 'f32'}}
  tile.atomic %v, %x {kind = "xor", sem = "relaxed", scope = "chip"} : !s, tensor<8xf32>
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<i32, #gm>, []>
func.func @tc2_waits(%n: index, %v: !s, %k: i32) {
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    scf.while : () -> () {
      // expected-error @+1 {{TC2: a launch whose programs wait for memory is `cooperative`}}
      %x = tile.atomic %v {kind = "load", sem = "acquire", scope = "chip"} : !s -> i32
      %g = arith.cmpi ne, %x, %k : i32
      scf.condition(%g)
    } do { scf.yield }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!G = !tile.view<tensor<?xf32, #gm>, []>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc12_key(%x: !G, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %c = tile.channel : !tile.channel<2, [!s]>
    scf.for %j = %c0 to %n step %c1 {
      %k = arith.divui %j, %n : index
      %v = tile.acquire %c key(%k) : !tile.channel<2, [!s]> -> !s
      %g = tile.slice %x[%j] : !G to !s
      // expected-error @+1 {{TC12: what is copied depends on more than the key}}
      tile.copy %g to %v : !s, !s
      tile.commit %c : !tile.channel<2, [!s]>
      %w = tile.wait %c : !tile.channel<2, [!s]> -> !s
      tile.release %c : !tile.channel<2, [!s]>
    }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc12_store(%x: tensor<8xf32>, %n: index) {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %c = tile.channel : !tile.channel<2, [!s]>
    %v = tile.acquire %c key(%i) : !tile.channel<2, [!s]> -> !s
    // expected-error @+1 {{TC12: a slot with a key is filled by copies}}
    tile.store %z, %v : tensor<8xf32>, !s
    tile.commit %c : !tile.channel<2, [!s]>
    %w = tile.wait %c : !tile.channel<2, [!s]> -> !s
    tile.release %c : !tile.channel<2, [!s]>
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @tc3_host(%x: !s, %y: !s, %n: index) {
  // expected-error @+1 {{TC3: only views, memory and launches stand beside a launch}}
  tile.copy %x to %y : !s, !s
  tile.launch (%i) in (%n) {kinds = ["parallel"]} { }
  return
}

// -----
func.func @tc3_loop(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %j = %c0 to %n step %c1 {
    // expected-error @+1 {{TC3: a launch stands in a function or a branch}}
    tile.launch (%i) in (%n) {kinds = ["parallel"]} { }
  }
  return
}

// -----
#gm = #tile.place<"global", #tile.nest<[]>>
!s = !tile.view<tensor<8xf32, #gm>, []>
func.func @made_of_itself(%n: index) {
  %c1 = arith.constant 1 : index
  tile.launch (%i) in (%n) {kinds = ["parallel"]} {
    %c = tile.channel {from = "a", to = "b"} : !tile.channel<2, [!s]>
    tile.roles role "a" on "warps" x 1 (%z) {
      // expected-error @+2 {{operand #0 does not dominate this use}}
      // expected-note @+1 {{operand defined here}}
      %a = arith.addi %a, %c1 : index
      %d = arith.addi %e, %e : index
      %e = arith.addi %d, %d : index
      scf.for %j = %a to %e step %c1 {
      %v = tile.acquire %c key(%n) : !tile.channel<2, [!s]> -> !s
      %w = tile.slice %w[%c1] : !s to !s
      tile.copy %w to %v : !s, !s
      tile.commit %c : !tile.channel<2, [!s]>
      }
    } role "b" on "warps" x 1 (%z) { 
      %q = tile.alloc : !s
      %r = tile.slice %r[%c1] : !s to !s }
  }
  return
}

// -----
#vm = #tile.place<"vmem", #tile.nest<[[0, -1], [1, -1], [0, 8], [1, 128]]>>
!A = !tile.view<tensor<64x256xf32, #vm>, []>
func.func @tc5_granule(%n: index, %i: index) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %a = tile.alloc : !A
    %j = arith.muli %i, %c16 : index
    %k = arith.addi %j, %c8 : index
    %w = tile.slice %a[%k, %c0] : !A to !tile.view<tensor<8x128xf32, #vm>, []>
    %r = tile.slice %a[%i, %c0] : !A to !tile.view<tensor<1x128xf32, #vm>, []>
    %t = tile.slice %a[%c0, %c0] dims [1, 0] : !A to !tile.view<tensor<256x64xf32, #vm>, []>
    %u = tile.slice %t[%c0, %k] : !tile.view<tensor<256x64xf32, #vm>, []> to !tile.view<tensor<128x8xf32, #vm>, []>
    // expected-error @+1 {{TC5: the offset of dimension 1 is not known to be a multiple of 8}}
    %v = tile.slice %t[%c0, %i] : !tile.view<tensor<256x64xf32, #vm>, []> to !tile.view<tensor<128x8xf32, #vm>, []>
  }
  return
}

// -----
#vm = #tile.place<"vmem", #tile.nest<[[0, -1], [1, -1], [0, 8], [1, 128]]>>
!A = !tile.view<tensor<64x256xf32, #vm>, []>
func.func @tc5_granule_unknown(%n: index, %i: index) {
  %c0 = arith.constant 0 : index
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %a = tile.alloc : !A
    // expected-error @+1 {{TC5: the offset of dimension 0 is not known to be a multiple of 8}}
    %w = tile.slice %a[%i, %c0] : !A to !tile.view<tensor<16x128xf32, #vm>, []>
  }
  return
}

// -----
#ws = #tile.place<"smem", #tile.linear<{offset = [[0, 1], [0, 2], [0, 4], [1, 2], [2, 4], [4, 0], [8, 0]]}>>
!A = !tile.view<tensor<16x8xf32, #ws>, []>
func.func @tc5_granule_swizzle(%n: index) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %a = tile.alloc : !A
    %w = tile.slice %a[%c8, %c0] : !A to !tile.view<tensor<8x8xf32, #ws>, []>
    // expected-error @+1 {{TC5: the offset of dimension 0 is not known to be a multiple of 8}}
    %v = tile.slice %a[%c4, %c0] : !A to !tile.view<tensor<8x8xf32, #ws>, []>
  }
  return
}

// -----
!t = tensor<8xf32>
func.func @tc18_uses_reduction(%n: index, %x: f32) {
  %z = arith.constant dense<0.0> : !t
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %a = tile.map(%z) {group = 0} : !t -> !t (%i, %e) { tile.yield %e : f32 }
    %s = tile.reduce(%a) {dims = [0], order = "any", group = 0} : !t -> f32 (%e, %f) {
      %g = arith.addf %e, %f : f32
      tile.yield %g : f32
    }
    // expected-error @+1 {{TC18: uses what group 0 has only when its loop has ended}}
    %b = tile.map(%a) {group = 0} : !t -> !t (%i, %e) {
      %g = arith.divf %e, %s : f32
      tile.yield %g : f32
    }
  }
  return
}

// -----
!t = tensor<8xf32>
func.func @tc18_leaves_the_group(%n: index, %c: i1) {
  %z = arith.constant dense<0.0> : !t
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    %y = scf.if %c -> (!t) {
      %a = tile.map(%z) {group = 1} : !t -> !t (%i, %e) { tile.yield %e : f32 }
      scf.yield %a : !t
    } else {
      scf.yield %z : !t
    }
    %f = tile.map(%y) {group = 1} : !t -> !t (%i, %e) { tile.yield %e : f32 }
    %b = tile.take %y {map = affine_map<(i) -> (7 - i)>} : !t -> !t
    // expected-error @+1 {{TC18: uses what group 1 has only when its loop has ended}}
    %d = tile.map(%b) {group = 1} : !t -> !t (%i, %e) { tile.yield %e : f32 }
  }
  return
}

// -----
func.func @tc18_other_domain(%n: index) {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %y = arith.constant dense<0.0> : tensor<4x4xf32>
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    // expected-note @+1 {{here}}
    %a = tile.map(%z) {group = 0} : tensor<8xf32> -> tensor<8xf32> (%i, %e) { tile.yield %e : f32 }
    // expected-error @+1 {{TC18: 4 elements innermost, group 0 has 8}}
    %b = tile.map(%y) {group = 0} : tensor<4x4xf32> -> tensor<4x4xf32> (%i, %j, %e) { tile.yield %e : f32 }
  }
  return
}

// -----
func.func @tc18_no_element_loop(%n: index) {
  %z = arith.constant dense<0.0> : tensor<8x8xf32>
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{TC18: no loop over elements that group 2 could share}}
    %a = tile.mma %z, %z, %z {group = 2} : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  }
  return
}

// -----
func.func @tc18_no_number(%n: index) {
  %z = arith.constant dense<0.0> : tensor<8xf32>
  tile.launch (%p) in (%n) {kinds = ["parallel"]} {
    // expected-error @+1 {{TC18: a group is a number, not "a"}}
    %a = tile.map(%z) {group = "a"} : tensor<8xf32> -> tensor<8xf32> (%i, %e) { tile.yield %e : f32 }
  }
  return
}
