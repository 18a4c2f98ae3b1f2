// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: terrazzo-opt %s -o %t.mlir && terrazzo-opt %t.mlir -o %t.again.mlir && diff %t.mlir %t.again.mlir
// RUN: terrazzo-opt %s -mlir-print-op-generic | terrazzo-opt -o %t.generic.mlir && diff %t.mlir %t.generic.mlir
// Decode attention over a paged cache: the cube core fetches pages to L1 and multiplies, two vector cores do the softmax of 8 heads each;
// S, P and PV pass through global workspace. The length comes from memory, so the balance of the channels is symbolic in it. Needs lens >= 1.
#row = #tile.nest<[]>
#gm = #tile.place<"global", #row>
!pb = !kernel.ptr<bf16>
!pi = !kernel.ptr<i32>
!Gb = !tile.view<tensor<?x?xbf16, #gm>, []>
!Gi = !tile.view<tensor<?x?xi32, #gm>, []>
#l1 = #tile.place<"l1", #tile.fractal<"zN">>
#lc = #tile.place<"l0c", #tile.fractal<"zN">>
#ub = #tile.place<"ub", #row>
!L = !tile.view<tensor<128x128xbf16, #l1>, []>
!LQ = !tile.view<tensor<16x128xbf16, #l1>, []>
!wq = !tile.view<tensor<16x128xbf16, #gm>, []>
!wh = !tile.view<tensor<8x128xbf16, #gm>, []>
!gs = !tile.view<tensor<16x128xf32, #gm>, []>
!gh = !tile.view<tensor<8x128xf32, #gm>, []>
!acc = tensor<16x128xf32, #lc>
!x = tensor<8x128xf32, #ub>
!h = tensor<8x128xbf16, #ub>
!v = tensor<8xf32, #ub>
!c1 = !tile.channel<1, [!LQ]>
!c2 = !tile.channel<2, [!L]>
!c3 = !tile.channel<2, [!LQ]>
!cs = !tile.channel<2, [!gs]>
!cp = !tile.channel<2, [!wq]>
!si = !tile.view<tensor<i32, #gm>, []>
!rows = !tile.view<tensor<16x128xbf16, #gm>, [#tile.fill<0.0>, #tile.in]>
!page = !tile.view<tensor<16x128xbf16, #l1>, []>
func.func @decode(%pq: !pb, %pk: !pb, %pv: !pb, %po: !pb, %pt: !pi, %pl: !pi, %nB: index, %HK: index, %P: index, %maxP: index, %scale: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c128 = arith.constant 128 : index
  %cm1 = arith.constant -1 : index
  %ninf = arith.constant 0xFF800000 : f32
  %zero = arith.constant dense<0.0> : !acc
  %l0 = arith.constant dense<0.0> : !v
  %m0 = arith.constant dense<0xFF800000> : !v
  %hd = arith.muli %HK, %c128 : index
  %bhs = arith.muli %nB, %HK : index
  %rows = arith.muli %bhs, %c16 : index
  %Q = tile.view %pq[%rows, %c128][%c128, %c1] : !Gb
  %O = tile.view %po[%rows, %c128][%c128, %c1] : !Gb
  %tb = tile.view %pt[%nB, %maxP][%maxP, %c1] : !Gi
  %ln = tile.view %pl[%nB, %c1][%c1, %c1] : !Gi
  %o0 = arith.constant dense<0.0> : !x
  tile.launch (%b, %kvh) in (%nB, %HK) {kinds = ["parallel", "parallel"]} {
    %cs = tile.channel {from = "cube", to = "vec", consume = [#tile.split<0>], via = "s"} : !cs
    %cp = tile.channel {from = "vec", to = "cube", produce = [#tile.split<0>], via = "p"} : !cp
    %cv = tile.channel {from = "cube", to = "vec", consume = [#tile.split<0>], via = "pv"} : !cs
    %ch = arith.muli %kvh, %c128 : index
    %qb = arith.muli %b, %HK : index
    %qh = arith.addi %qb, %kvh : index
    %q0 = arith.muli %qh, %c16 : index
    tile.roles role "cube" on "cube" x 1 (%rep) {
      %len_view = tile.slice %ln[%b, %c0] dims [] : !Gi to !si
      %len = tile.load %len_view : !si -> i32
      %li = arith.index_cast %len : i32 to index
      %n = arith.ceildivui %li, %c128 : index
      %l1 = arith.subi %li, %c1 : index
      %last = arith.divui %l1, %c16 : index
      %lq = tile.channel {via = "q"} : !c1
      %lk = tile.channel {via = "k"} : !c2
      %lv = tile.channel {via = "v"} : !c2
      %lp = tile.channel {via = "lp"} : !c3
      %aq = tile.acquire %lq : !c1 -> !LQ
      %gq = tile.slice %Q[%q0, %c0] : !Gb to !wq
      tile.copy %gq to %aq : !wq, !LQ
      tile.commit %lq : !c1
      %q = tile.wait %lq : !c1 -> !LQ
      scf.for %j = %cm1 to %n step %c1 {
        %jn = arith.addi %j, %c1 : index
        %gn = arith.cmpi slt, %jn, %n : index
        %gp = arith.cmpi sge, %j, %c0 : index
        scf.if %gn {
          %t0 = arith.muli %jn, %c128 : index
          %ak = tile.acquire %lk : !c2 -> !L
          scf.for %page = %c0 to %c8 step %c1 { // page by page: the cube core has scalars, no vectors of indices
            %tp = arith.muli %page, %c16 : index
            %tw = arith.addi %t0, %tp : index
            %lw = arith.divui %tw, %c16 : index
            %pn = arith.minui %lw, %last : index
            %tv = tile.slice %tb[%b, %pn] dims [] : !Gi to !si
            %te = tile.load %tv : !si -> i32
            %ti = arith.index_cast %te : i32 to index
            %r0 = arith.muli %ti, %c16 : index
            %valid = arith.subi %li, %tw : index
            %end = arith.addi %r0, %valid : index
            %ext = arith.maxsi %end, %c0 : index
            %pages = tile.view %pk[%ext, %hd][%hd, %c1] : !Gb // what lies behind the length is filled with 0
            %gk = tile.slice %pages[%r0, %ch] : !Gb to !rows
            %dk = tile.slice %ak[%tp, %c0] : !L to !page
            tile.copy %gk to %dk : !rows, !page
          }
          tile.commit %lk : !c2
          %k = tile.wait %lk : !c2 -> !L
          %kt = tile.slice %k[%c0, %c0] dims [1, 0] : !L to !L
          %s = tile.mma %q, %kt, %zero : !LQ, !L, !acc
          tile.release %lk : !c2
          %ss = tile.acquire %cs : !cs -> !gs
          tile.store %s, %ss : !acc, !gs
          tile.commit %cs : !cs
        }
        scf.if %gp {
          %t0 = arith.muli %j, %c128 : index
          %av = tile.acquire %lv : !c2 -> !L
          scf.for %page = %c0 to %c8 step %c1 { // page by page: the cube core has scalars, no vectors of indices
            %tp = arith.muli %page, %c16 : index
            %tw = arith.addi %t0, %tp : index
            %lw = arith.divui %tw, %c16 : index
            %pn = arith.minui %lw, %last : index
            %tv = tile.slice %tb[%b, %pn] dims [] : !Gi to !si
            %te = tile.load %tv : !si -> i32
            %ti = arith.index_cast %te : i32 to index
            %r0 = arith.muli %ti, %c16 : index
            %valid = arith.subi %li, %tw : index
            %end = arith.addi %r0, %valid : index
            %ext = arith.maxsi %end, %c0 : index
            %pages = tile.view %pv[%ext, %hd][%hd, %c1] : !Gb // what lies behind the length is filled with 0
            %gv = tile.slice %pages[%r0, %ch] : !Gb to !rows
            %dv = tile.slice %av[%tp, %c0] : !L to !page
            tile.copy %gv to %dv : !rows, !page
          }
          tile.commit %lv : !c2
          %gp2 = tile.wait %cp : !cp -> !wq
          %ap = tile.acquire %lp : !c3 -> !LQ
          tile.copy %gp2 to %ap : !wq, !LQ
          tile.commit %lp : !c3
          tile.release %cp : !cp
          %p = tile.wait %lp : !c3 -> !LQ
          %v = tile.wait %lv : !c2 -> !L
          %o = tile.mma %p, %v, %zero : !LQ, !L, !acc
          tile.release %lp : !c3
          tile.release %lv : !c2
          %so = tile.acquire %cv : !cs -> !gs
          tile.store %o, %so : !acc, !gs
          tile.commit %cv : !cs
        }
      }
      tile.release %lq : !c1
    } role "vec" on "vector" x 2 (%w) {
      %len_view = tile.slice %ln[%b, %c0] dims [] : !Gi to !si
      %len = tile.load %len_view : !si -> i32
      %li = arith.index_cast %len : i32 to index
      %n = arith.ceildivui %li, %c128 : index
      %wi = arith.muli %w, %c8 : index
      %r:4 = scf.for %j = %cm1 to %n step %c1 iter_args(%mx = %m0, %l = %l0, %o = %o0, %la = %l0) -> (!v, !v, !x, !v) {
        %jn = arith.addi %j, %c1 : index
        %gn = arith.cmpi slt, %jn, %n : index
        %gp = arith.cmpi sge, %j, %c0 : index
        %y:3 = scf.if %gn -> (!v, !v, !v) {
          %gs = tile.wait %cs : !cs -> !gh
          %s0 = tile.load %gs : !gh -> !x
          tile.release %cs : !cs
          %tm = arith.muli %jn, %c128 : index
          %sm = tile.map(%s0) : !x -> !x (%i, %c, %e) {
            %u = arith.addi %tm, %c : index
            %ok = arith.cmpi ult, %u, %li : index
            %f = arith.mulf %e, %scale : f32
            %g = arith.select %ok, %f, %ninf : f32
            tile.yield %g : f32
          }
          %rm = tile.reduce(%sm) {dims = [1], order = "any"} : !x -> !v (%e, %f) {
            %g = arith.maximumf %e, %f : f32
            tile.yield %g : f32
          }
          %m1 = tile.map(%mx, %rm) : !v, !v -> !v (%i, %e, %f) {
            %g = arith.maximumf %e, %f : f32
            tile.yield %g : f32
          }
          %al = tile.map(%mx, %m1) : !v, !v -> !v (%i, %e, %f) {
            %g = arith.subf %e, %f : f32
            %h = math.exp2 %g : f32
            tile.yield %h : f32
          }
          %pf = tile.map(%sm, %m1) {dims = [[0, 1], [0]]} : !x, !v -> !x (%i, %c, %e, %f) {
            %g = arith.subf %e, %f : f32
            %h = math.exp2 %g : f32
            tile.yield %h : f32
          }
          %rs = tile.reduce(%pf) {dims = [1], order = "any"} : !x -> !v (%e, %f) {
            %g = arith.addf %e, %f : f32
            tile.yield %g : f32
          }
          %l1 = tile.map(%l, %al, %rs) : !v, !v, !v -> !v (%i, %e, %f, %g) {
            %h = math.fma %e, %f, %g : f32
            tile.yield %h : f32
          }
          %ph = tile.map(%pf) : !x -> !h (%i, %c, %e) {
            %g = arith.truncf %e : f32 to bf16
            tile.yield %g : bf16
          }
          %sp = tile.acquire %cp : !cp -> !wh
          tile.store %ph, %sp : !h, !wh
          tile.commit %cp : !cp
          scf.yield %m1, %l1, %al : !v, !v, !v
        } else {
          scf.yield %mx, %l, %la : !v, !v, !v
        }
        %o2 = scf.if %gp -> (!x) {
          %go = tile.wait %cv : !cs -> !gh
          %op = tile.load %go : !gh -> !x
          tile.release %cv : !cs
          %t2 = tile.map(%o, %la, %op) {dims = [[0, 1], [0], [0, 1]]} : !x, !v, !x -> !x (%i, %c, %e, %f, %g) {
            %hh = math.fma %e, %f, %g : f32
            tile.yield %hh : f32
          }
          scf.yield %t2 : !x
        } else {
          scf.yield %o : !x
        }
        scf.yield %y#0, %y#1, %o2, %y#2 : !v, !v, !x, !v
      }
      %on = tile.map(%r#2, %r#1) {dims = [[0, 1], [0]]} : !x, !v -> !h (%i, %c, %e, %f) {
        %g = arith.divf %e, %f : f32
        %h = arith.truncf %g : f32 to bf16
        tile.yield %h : bf16
      }
      %or = arith.addi %q0, %wi : index
      %gw = tile.slice %O[%or, %c0] : !Gb to !wh
      tile.store %on, %gw : !h, !wh
    }
  }
  return
}
