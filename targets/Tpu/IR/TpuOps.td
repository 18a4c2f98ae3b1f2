// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERRAZZO_TARGETS_TPU_IR_TPUOPS
#define TERRAZZO_TARGETS_TPU_IR_TPUOPS

include "dialects/Interfaces/ChipOps.td"
include "mlir/IR/AttrTypeBase.td"

def Tpu_Dialect : Dialect {
  let name = "tpu";
  let cppNamespace = "::terrazzo::tpu";
  let summary = "The instructions of a TPU's TensorCore";
  let description = [{
    One stream per core. Only DMAs run beside it: each signals a semaphore at its
    end, and the stream waits. Vector and matrix units work in the order of the
    stream. Memories are `vmem` (tiles of 8 x 128 32-bit values) and `smem`
    (scalars); global memory is HBM.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::terrazzo::kernel::KernelDialect", "::terrazzo::tile::TileDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def Tpu_Semaphore : TypeDef<Tpu_Dialect, "Semaphore"> {
  let mnemonic = "semaphore";
  let summary = "An array of counting semaphores";
  let description = "Example: `!tpu.semaphore<2>`";
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
}
def Tpu_Weights : TypeDef<Tpu_Dialect, "Weights"> {
  let mnemonic = "weights";
  let summary = "What was pushed into the matrix units' weight registers";
  let description = "Example: `!tpu.weights`";
}

def Tpu_SemAllocOp : Chip_Op<Tpu_Dialect, "sem_alloc"> {
  let hasVerifier = 1;
  let summary = "Semaphores of this core, all 0";
  let description = "Example: `%s = tpu.sem_alloc : !tpu.semaphore<2>`";
  let results = (outs Tpu_Semaphore:$semaphores);
  let assemblyFormat = "attr-dict `:` type($semaphores)";
}
def Tpu_WaitDmaOp : Chip_Op<Tpu_Dialect, "wait_dma"> {
  let hasVerifier = 1;
  let summary = "The stream waits until so many DMAs have ended, and takes them off";
  let description = "Example: `tpu.wait_dma %s[%slot], 1 : !tpu.semaphore<2>`";
  let arguments = (ins Tpu_Semaphore:$semaphores, Index:$slot, I64Attr:$amount);
  let assemblyFormat = "$semaphores `[` $slot `]` `,` $amount attr-dict `:` type($semaphores)";
}

class Tpu_Dma<string mnemonic, dag local> : Chip_Transfer<Tpu_Dialect, mnemonic, local,
    (ins Tpu_Semaphore:$semaphores, Index:$slot)> {
  let assemblyFormat = [{
    $base `[` $strides `]` (`from` `(` $low^ `)` `to` `(` $high `)`)? (`at` $index^ `(` type($index) `)`)?
    (`within` `(` $indexBounds^ `)`)? (`mask` $mask^ `(` type($mask) `)`)?
    `,` $local `,` $semaphores `[` $slot `]` attr-dict
    `:` type($base) `,` type($local) `,` type($semaphores)
  }];
}
def Tpu_EnqueueDmaInOp : Tpu_Dma<"enqueue_dma_in", (ins Chip_Write:$local)> {
  let summary = "HBM to VMEM or SMEM; the end signals a semaphore";
  let description = "Example: `tpu.enqueue_dma_in %p[%s, %c1] from(%l, %l) to(%m, %n), %buffer, %sem[%slot] : !kernel.ptr<f32>, memref<8x128xf32, \"vmem\">, !tpu.semaphore<2>`";
}
def Tpu_EnqueueDmaOutOp : Tpu_Dma<"enqueue_dma_out", (ins Chip_Read:$local)> {
  let summary = "VMEM or SMEM to HBM; the end signals a semaphore";
  let description = "Example: as `tpu.enqueue_dma_in`";
}
def Tpu_AtomicDmaOp : Chip_Atomic<Tpu_Dialect, "atomic_dma",
    (ins Tpu_Semaphore:$semaphores, Index:$slot, OptionalAttr<Kernel_AtomicKind>:$kind)> {
  let summary = "Combines VMEM into HBM, element by element in their order";
  let description = "Without `kind` a compare-and-swap with `compare`. Example: as `tpu.enqueue_dma_in`, with `old`";
  let assemblyFormat = [{
    $base `[` $strides `]` (`from` `(` $low^ `)` `to` `(` $high `)`)? (`at` $index^ `(` type($index) `)`)?
    (`within` `(` $indexBounds^ `)`)? (`mask` $mask^ `(` type($mask) `)`)?
    `,` $local (`compare` $compare^ `(` type($compare) `)`)? (`old` $old^ `(` type($old) `)`)?
    `,` $semaphores `[` $slot `]` attr-dict
    `:` type($base) `,` type($local) `,` type($semaphores)
  }];
}

def Tpu_VpuOp : Chip_Map<Tpu_Dialect, "vpu"> {
  let summary = "Vector code, once for each vector register that the result fills";
  let description = [{
    Example:
    ```mlir
    tpu.vpu %a, %b : memref<8x128xf32, "vmem">, memref<8x128xf32, "vmem"> -> %c : memref<8x128xf32, "vmem"> attributes {dims = [[0, 1], [0, 1]]} {
    ^bb0(%i: index, %j: index, %x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      tile.yield %z : f32
    }
    ```
  }];
}
def Tpu_XluReduceOp : Chip_Combine<Tpu_Dialect, "xlu_reduce", (ins StrAttr:$order)> {
  let summary = "Combines along a dimension: lanes in the XLU, the others in the VPU";
  let description = "Example: `tpu.xlu_reduce %a : memref<8x128xf32, \"vmem\"> -> %b : memref<8xf32, \"vmem\"> attributes {dim = 1 : i64, order = \"any\"} {...}`";
}
def Tpu_XluScanOp : Chip_Combine<Tpu_Dialect, "xlu_scan", (ins UnitAttr:$reverse)> {
  let summary = "Inclusive prefixes along a dimension";
  let description = "Example: as `tpu.xlu_reduce`, the result having the operand's shape";
}
def Tpu_XluShuffleOp : Chip_Take<Tpu_Dialect, "xlu_shuffle"> {
  let summary = "Transpose, reshape, broadcast, flip in the XLU";
  let description = "Example: `tpu.xlu_shuffle %a : memref<8x128xf32, \"vmem\"> -> %b : memref<128x8xf32, \"vmem\"> {map = affine_map<(i, j) -> (j, i)>}`";
}

def Tpu_MatmulPushRhsOp : Chip_Op<Tpu_Dialect, "matmul_push_rhs"> {
  let hasVerifier = 1;
  let summary = "A K x N tile into the weight registers";
  let description = "At most the unit's side in each dimension. Example: `%w = tpu.matmul_push_rhs %b : memref<128x128xbf16, \"vmem\">`";
  let arguments = (ins Chip_Read:$rhs);
  let results = (outs Tpu_Weights:$weights);
  let assemblyFormat = "$rhs attr-dict `:` type($rhs)";
}
def Tpu_MatmulAccLhsOp : Chip_Op<Tpu_Dialect, "matmul_acc_lhs"> {
  let hasVerifier = 1;
  let summary = "Streams M x K rows through the weights and adds to the accumulator";
  let description = [{
    With `fresh` true the accumulator starts at 0. Sums are of f32 (i32 of i8).
    Example: `tpu.matmul_acc_lhs %a, %w, %acc, %fresh : memref<512x128xbf16, "vmem">, memref<512x128xf32, "vmem">`
  }];
  let arguments = (ins Chip_Read:$lhs, Tpu_Weights:$weights,
    Arg<AnyMemRef, "", [MemRead, MemWrite]>:$acc, I1:$fresh);
  let assemblyFormat = "$lhs `,` $weights `,` $acc `,` $fresh attr-dict `:` type($lhs) `,` type($acc)";
}

#endif // TERRAZZO_TARGETS_TPU_IR_TPUOPS
