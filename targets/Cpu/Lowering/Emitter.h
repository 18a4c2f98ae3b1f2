// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tile IR, form 1, becomes loops over 1-D vectors. Blocks are not computed
// where they are defined but where they are needed, inside the loop that needs
// them; only what several loops need, or what is changed in between, is kept
// in scratch memory. Parts: Emitter.cpp (the launch, scalars), Deferral.cpp
// (what is kept), Evaluate.cpp (a block's elements), Arithmetic.cpp (ops that
// LLVM leaves undefined somewhere), Casts.cpp, Memory.cpp (windows),
// Atomics.cpp, Loops.cpp, Bounds.cpp (what need not be computed),
// Reductions.cpp, Rows.cpp, RowLoops.cpp, RowEnds.cpp, Mma.cpp, Epilogues.cpp,
// MmaTiles.cpp and PackTiles.cpp (matrix registers), Control.cpp, Reports.cpp;
// Guards.cpp is what the entry asks of the arguments.
#ifndef TERRAZZO_TARGETS_CPU_LOWERING_EMITTER_H
#define TERRAZZO_TARGETS_CPU_LOWERING_EMITTER_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Tile/Tile.h"
#include "lib/Chip/Chip.h"
#include "lib/Diagnostics/Diagnostics.h"
#include "targets/Cpu/Lowering/Lower.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/ADT/SetVector.h"

#include <functional>
#include <optional>
#include <set>

namespace terrazzo::cpu {

using mlir::Value;

/// Ends a lowering; the cause was reported.
struct Refused {};

/// An index along one dimension: the same for all lanes, `scalar` + lane
/// number, or one number a lane.
struct Index {
  Value scalar;
  bool lanes = false;
  Value vector;
  bool operator==(const Index &) const = default;
  bool isUniform() const { return !lanes && !vector; }
};
using Indices = llvm::SmallVector<Index, 4>;

/// A block in scratch memory, row-major.
struct Buffer {
  Value base; // !llvm.ptr
  mlir::Type element;
  llvm::SmallVector<int64_t, 4> shape;
};

/// A window: base + sum of strides[d] * (offsets[d] + i_d), or the index tensor
/// in place of the sum.
struct Window {
  Value base; // !llvm.ptr
  mlir::Type element;
  llvm::SmallVector<int64_t, 4> shape;
  llvm::SmallVector<Value, 4> extents; // null: unknown
  llvm::SmallVector<Value, 4> strides; // null: 0
  llvm::SmallVector<Value, 4> offsets; // null: 0
  llvm::SmallVector<Value, 4> tensors; // Tile values, null: none
  llvm::SmallVector<mlir::Attribute, 4> boundaries;
  llvm::SmallVector<int64_t, 4> dims; // of the array, for each of the window
  bool wholeTensor = false;           // one index tensor of the window's rank
};

/// Rows: vectors a step, which are the partial sums of each reduction. Not a
/// fact of a chip: additions take 2 to 4 cycles on all of them, and what a loop
/// of several passes computes besides hides the rest.
inline constexpr int64_t unroll = 4;

class Emitter {
public:
  /// Pairs of arguments.
  using Equalities = std::set<std::pair<unsigned, unsigned>>;
  /// That a store to one window changes nothing that is read of another one,
  /// of another argument; not needed when there are equalities and they hold.
  struct Assumption {
    Value read, written;
    Equalities equal;
  };

  /// \p trustsArguments: they are known to be apart.
  Emitter(mlir::ModuleOp module, const chip::Chip &chip, bool assumeNoAlias,
          bool trustsArguments, DiagnosticEngine &engine);

  // Emitter.cpp
  tile::LaunchOp launchOf(mlir::func::FuncOp function);
  /// The programs of a launch as a function, named after the kernel.
  void emitBody(mlir::func::FuncOp function, tile::LaunchOp launch,
                llvm::StringRef suffix);
  /// The function that all call, in place of \p function. \p other is what
  /// emitted the version for arguments that overlap, if there is one.
  void emitEntry(mlir::func::FuncOp function, const Emitter *other);
  bool hasAssumed() const { return !assumptions.empty(); }
  /// Whether some of the code runs only where arguments are apart.
  bool asksForApart() const { return !apart.empty(); }

private:
  using Vector = mlir::VectorType;
  using Body = llvm::function_ref<void(const Indices &)>;

  // Emitter.cpp
  void openBody(mlir::func::FuncOp function, llvm::StringRef suffix);
  void emitPrograms(tile::LaunchOp launch, Value begin, Value end);
  void bindProgram(tile::LaunchOp launch, Value id);
  Value argument(Value arguments, unsigned number, mlir::Type type);
  /// Of what emitEntry hands to the body: the arguments, the grid, the runtime,
  /// what the entry will return, the launch's time stamp, and whether arguments
  /// are apart.
  Value contextSlot(int32_t number);
  Value contextWord(int32_t number, mlir::Type type);
  void emitProgram(mlir::Block &body);
  void block(mlir::Block &block);
  void operation(mlir::Operation *op);
  void scalarOp(mlir::Operation *op);
  [[noreturn]] void refuse(mlir::Operation *op, llvm::StringRef what);

  // Deferral.cpp
  void collectRoots(Value v, llvm::SmallPtrSetImpl<mlir::Operation *> &roots);
  bool isExpensive(Value v, unsigned &budget);
  bool mustLoadNow(tile::LoadOp load);
  bool mayAlias(Value view, Value other, bool sameIsFine = false);
  bool sameWindow(Value a, Value b, Equalities *equal = nullptr);
  void define(mlir::Operation *op);
  /// Blocks of the expression of \p roots that are to be kept and that a loop
  /// over \p shape can store on the way; others are materialised first.
  struct Kept {
    Value value;
    Buffer buffer;
  };
  llvm::SmallVector<Kept> alongTheWay(mlir::ValueRange roots,
                                      llvm::ArrayRef<int64_t> shape);
  void findPending(Value v, bool identity, llvm::ArrayRef<int64_t> shape,
                   llvm::SmallVectorImpl<Value> &along,
                   llvm::SmallVectorImpl<Value> &before,
                   llvm::DenseSet<std::pair<Value, unsigned>> &seen);
  std::optional<Buffer> reusable(Value v, mlir::Block *here);

  // Evaluate.cpp
  Value evaluate(Value v, const Indices &at);
  Value evaluateMap(tile::MapOp map, const Indices &at, unsigned result);
  Value evaluateTake(tile::TakeOp take, const Indices &at);
  llvm::SmallVector<Value> region(mlir::Block &block,
                                  llvm::DenseMap<Value, Value> &values,
                                  llvm::DenseMap<Value, Index> &indices);
  Value regionOp(mlir::Operation *op, llvm::DenseMap<Value, Value> &values,
                 llvm::DenseMap<Value, Index> &indices);
  Value vectorOf(const Index &index, mlir::Type element);
  Value asLanes(Value v);
  Index affine(mlir::AffineExpr e, const Indices &at,
               mlir::ValueRange symbols = {});

  // Casts.cpp
  Value roundToBf16(kernel::FpCastOp cast, Value from);

  // Arithmetic.cpp
  Value definedOp(mlir::Operation *op, llvm::ArrayRef<Value> operands,
                  mlir::Type result);
  Value divide(mlir::Operation *op, Value x, Value y);
  Value shift(mlir::Operation *op, Value x, Value y);
  Value toInteger(mlir::Operation *op, Value x, mlir::Type result);
  Value integerLike(Value like, const llvm::APInt &n);

  // Memory.cpp
  Buffer allocate(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  Value scratch(int64_t bytes);
  Window windowOf(Value view);
  struct Address {
    Value scalar; // index, in elements
    Value stride; // of a lane; null: 0
    Value vector; // one index a lane, on top
    Value mask;   // i1 or vector of i1; null: all
    Value some;   // i1: whether any lane may be wanted; null: not known
  };
  Address addressOf(const Window &w, const Indices &at, bool bounds);
  Value mappedPointer(Value pointer, const Address &a);
  Value loadAt(Value base, mlir::Type element, const Address &a, Value other);
  void storeAt(Value base, mlir::Type element, const Address &a, Value value,
               bool stream);
  Value loadWindow(tile::LoadOp op, const Indices &at);
  Value loadBuffer(const Buffer &buffer, const Indices &at);
  void storeBuffer(const Buffer &buffer, const Indices &at, Value value);
  Address addressOf(const Buffer &buffer, const Indices &at);
  Value both(Value a, Value b);
  std::optional<Value> isWhole(const Window &w);
  Value streams(const Window &w, tile::StoreOp op);
  bool couldStream(tile::StoreOp op, const Window &w);
  void store(tile::StoreOp op);
  void storeBlock(tile::StoreOp op, bool isSeldom);
  Value pointerAt(Value base, mlir::Type element, Value index);
  Value narrow(Value v, mlir::Type element);
  Value widen(Value v, mlir::Type element);

  // Atomics.cpp
  void atomic(tile::AtomicOp op);

  // Loops.cpp
  void loop(int64_t from, int64_t to, int64_t step,
            llvm::function_ref<void(Value)> body, Value end = {});
  llvm::SmallVector<Value> carryingLoop(
      int64_t from, int64_t to, int64_t step, mlir::ValueRange inits,
      llvm::function_ref<llvm::SmallVector<Value>(Value, mlir::ValueRange)>
          body,
      Value end = {});
  /// Runs \p body over all indices of \p shape, the lanes along \p laneDim;
  /// not over all of those beyond \p ends, at most the shape, null for all.
  void nest(llvm::ArrayRef<int64_t> shape, int64_t laneDim, unsigned width,
            Body body, llvm::ArrayRef<Value> ends = {});
  void lanesOf(int64_t size, unsigned width,
               llvm::function_ref<void(Index)> body, Value end = {});
  Buffer materialise(Value v, std::optional<Buffer> into = std::nullopt);
  void keep(llvm::ArrayRef<Kept> along, const Indices &at);
  void kept(llvm::ArrayRef<Kept> along);
  unsigned widthFor(mlir::Type element);

  // Reductions.cpp
  void reduce(tile::ReduceOp op);
  void scan(tile::ScanOp op);
  llvm::SmallVector<Value> combine(mlir::Region &region, mlir::ValueRange left,
                                   mlir::ValueRange right);
  Value identityOf(mlir::Region &region, mlir::Type element);
  static bool hasIdentity(mlir::Region &region);
  llvm::SmallVector<Value> reduceLanes(tile::ReduceOp op, Indices at,
                                       int64_t dim, llvm::ArrayRef<Kept> along);
  llvm::SmallVector<Value> acrossLanes(mlir::Region &region,
                                       llvm::SmallVector<Value> values);
  llvm::SmallVector<Value> reduceRows(tile::ReduceOp op, Indices at,
                                      int64_t dim, llvm::ArrayRef<Kept> along);
  llvm::SmallVector<Value> scanLanes(mlir::Region &region,
                                     llvm::SmallVector<Value> values,
                                     bool reverse);

  // Mma.cpp
  struct MmaShape {
    int64_t m, n, k;
    int64_t group = 1;   // rows of B that one instruction takes together
    int64_t width = 1;   // lanes of a vector of acc
    int64_t panel = 1;   // columns of a register tile
    int64_t rows = 1;    // rows of a register tile
    bool biased = false; // A is taken plus 128, without sign
    Value used; // of k: what is beyond is zero in A and in B; null: all
    // On matrix registers: tiles of a register tile, 0 for vectors; and the
    // groups of k that one instruction takes.
    int64_t rowTiles = 0, columnTiles = 0, depth = 0;
    mlir::Type a, b; // as multiplied
    mlir::Type acc;
  };
  void mma(tile::MmaOp op);
  MmaShape shapeOfMma(tile::MmaOp op);
  std::pair<Value, Value> rowsOfA(Value a, const MmaShape &s);
  void packA(Value a, const MmaShape &s, const Buffer &to);
  void packB(Value operand, const MmaShape &s, Value base);
  void prefetchElement(Value v, const Indices &at);
  Value packVector(Value operand, const MmaShape &s, Value base, Value panel,
                   Value g, int64_t v, int64_t ahead);
  void packVectors(Value operand, const MmaShape &s, Value base);
  Value excessOf(const MmaShape &s, Value w, Value panel);
  Value biasOfA();
  int64_t bytesOfB(const MmaShape &s);
  static int64_t stepsAtOnce(const MmaShape &s);
  Value groupsOf(const MmaShape &s);
  Value convertOperand(Value v, mlir::Type to);
  Buffer accumulator(tile::MmaOp op, const MmaShape &s, bool fromZero);
  void registerTile(const MmaShape &s, std::pair<Value, Value> a, Value w,
                    const Buffer &acc, Value row, Value panel, int64_t rows,
                    Value zero);
  Value elementAfter(Value pointer, mlir::Type element, int64_t offset);
  llvm::SmallVector<Value> multiplyTile(const MmaShape &s,
                                        llvm::ArrayRef<Value> aRows,
                                        Value bPanel,
                                        llvm::ArrayRef<Value> start);
  void takeExcessOff(const MmaShape &s, Value w, Value panel,
                     llvm::MutableArrayRef<Value> sums);
  llvm::SmallVector<Value> startOfTile(const MmaShape &s, Value corner,
                                       int64_t rows, Value zero);
  void prefetchRows(const MmaShape &s, llvm::ArrayRef<Value> rows,
                    Value distance);
  Value multiplyAdd(const MmaShape &s, Value a, Value c, Value acc);

  // Epilogues.cpp
  struct Epilogue {
    tile::MmaOp mma;
    tile::StoreOp store;
    Value sums;                                  // of the Tile program
    llvm::SmallVector<mlir::Operation *> before; // what comes before the loop
    std::optional<Value> whole; // i1: the window is; null: it always is
    Value tile;                 // !llvm.ptr: one register tile
    Value apart;                // i1: the arguments are; null: that is known
    Value isLast; // i1: whether the step that is being made stores
  };
  std::optional<Epilogue> epilogueOf(mlir::scf::ForOp loop);
  bool isReadLater(Value operand, Value view);
  void openEpilogue(mlir::scf::ForOp loop);
  void noteLastStep(mlir::scf::ForOp loop);
  void closeEpilogue(mlir::scf::ForOp loop);
  void storeTile(const MmaShape &s, Value row, Value panel, int64_t rows);

  // Bounds.cpp
  static Value zeroBeyond(Value operand, int64_t dim);
  llvm::SmallVector<Value> endsOf(const Window &w);
  Value usedOfK(tile::MmaOp op, const MmaShape &s);

  // MmaTiles.cpp
  /// One register tile: of which operands, where, and over which part of k.
  struct TileStep {
    std::pair<Value, Value> a;
    Value b;
    const Buffer &acc;
    Value row, panel, group;
    int64_t rows, groups;
    Value zero;       // i1: acc is taken as zero; null: it is read
    Value rowStep;    // the number of this register tile down the rows,
    int64_t rowSteps; // and how many there are
    Value nextA;      // to be prefetched; null: nothing is
  };
  bool shapeOnTiles(tile::MmaOp op, MmaShape &s);
  static std::string tileConfig(const MmaShape &s, int64_t rows);
  void tileOp(llvm::StringRef name, llvm::ArrayRef<int64_t> tiles,
              mlir::ValueRange more);
  void loadTileConfig(const std::string &bytes);
  void askForTiles(mlir::LLVM::LLVMFuncOp entry, Value runtime);
  void openTiles(tile::LaunchOp launch);
  void closeTiles();
  int64_t groupsAtOnce(const MmaShape &s);
  void tilesOfProduct(const MmaShape &s, const TileStep &t);
  void prefetchForTiles(const MmaShape &s, const TileStep &t, Value g,
                        Value bPanel);
  void prefetchRowsForTiles(const MmaShape &s, const TileStep &t, Value g);
  Value nextPartOfA(tile::MmaOp op, const MmaShape &s,
                    std::pair<Value, Value> a, Value group, int64_t many);
  void productOnTiles(tile::MmaOp op, const MmaShape &s,
                      std::pair<Value, Value> a, Value w, const Buffer &acc,
                      Value zero);
  bool startsUnwritten(mlir::scf::ForOp loop, unsigned number);
  void noteUnwritten(mlir::scf::ForOp loop, unsigned number);
  void fillUnwritten(mlir::scf::ForOp loop, unsigned number,
                     const Buffer &memory);

  // PackTiles.cpp
  int64_t consecutiveDim(Value v);
  void transposeSquares(llvm::MutableArrayRef<Value> rows);
  void packColumns(Value operand, const MmaShape &s, Value g, Value column,
                   Value to);
  Value interleaveForTile(llvm::ArrayRef<Value> rows);
  void packPanels(Value operand, const MmaShape &s, Value base);

  // Keyed.cpp
  struct Keyed {
    Value slots;   // !llvm.ptr: the packed operand, step after step
    Value fits;    // i1: there is room for all steps
    Value missing; // i1: it must be packed
    Value lower, step;
    Value iv; // of the Tile program
    int64_t tileBytes;
  };
  std::optional<llvm::SetVector<Value>> keyOf(tile::MmaOp op,
                                              mlir::scf::ForOp loop);
  bool isChanged(tile::LoadOp load, mlir::scf::ForOp loop);
  int64_t keyedBytes() const;
  void openKeyed(mlir::scf::ForOp loop);
  Value packKeyed(tile::MmaOp op, const MmaShape &s, const Keyed &k);

  // Rows.cpp
public:
  struct Reduced {
    tile::ReduceOp op;
    int64_t pass;
    int64_t firstRegister; // its number, for the pass after it, and so on
  };
  struct KeptRow {
    Value value;
    Buffer memory;       // `count` rows
    int64_t count, pass; // the pass that computes it
  };
  struct RowPlan {
    llvm::SmallVector<Reduced> reduces;
    llvm::SmallVector<KeptRow> kept;
    tile::StoreOp store;
    int64_t last = 0, size = 0, registers = 0;
    bool skewed = true; // else pass after pass
  };

private:
  /// What the emitter knows of one pass of one program.
  struct PassState {
    llvm::DenseMap<Value, Value> scalars;
    llvm::DenseMap<Value, Window> windows;
    llvm::DenseMap<Value, Buffer> buffers;
    llvm::SmallVector<Kept> along;
    llvm::DenseSet<Value> alwaysTrue;
  };
  std::optional<RowPlan> planRows(tile::LaunchOp launch);
  std::optional<RowPlan> planPasses(tile::LaunchOp launch);
  tile::LaunchOp singleSteps(tile::LaunchOp launch, Value &holds);
  bool isPlainRow(Value view);
  void planKept(RowPlan &plan, tile::LaunchOp launch);
  PassState openPass(RowPlan &plan, tile::LaunchOp launch, int64_t pass,
                     Value program, mlir::ValueRange registers);
  void swapState(PassState &state);
  /// With masks; all inside; the same, and stored past the caches.
  enum RowForm { Masked, Whole, Stream };
  uint64_t passesOf(Value v, RowPlan &plan);
  bool isSkewed(RowPlan &plan, tile::LaunchOp launch);
  void prefetchRow(RowPlan &plan, tile::LaunchOp launch, Value at,
                   int32_t bytes);
  void prefetchInTurn(RowPlan &plan, tile::LaunchOp launch, PassState &own,
                      PassState &next, int64_t pass, Value at);
  Value areWhole(RowPlan &plan, tile::LaunchOp launch, int64_t from,
                 llvm::MutableArrayRef<PassState> states);
  llvm::SmallVector<Value> rowLoop(RowPlan &plan, tile::LaunchOp launch,
                                   int64_t from,
                                   llvm::SmallVector<PassState> states,
                                   PassState *next, RowForm form, Value storing,
                                   Value end);
  void rowPasses(RowPlan &plan, tile::LaunchOp launch, int64_t from,
                 llvm::MutableArrayRef<PassState> states, PassState *next,
                 Value storing, llvm::MutableArrayRef<Value> known);
  llvm::SmallVector<Value> rowStep(RowPlan &plan, tile::LaunchOp launch,
                                   Value step, Value first, Value final,
                                   mlir::ValueRange registers);
  void rowInTurn(RowPlan &plan, tile::LaunchOp launch, Value program,
                 Value final);
  void emitRows(RowPlan &plan, tile::LaunchOp launch, Value begin, Value end);

  // RowEnds.cpp
  bool findRowEnds(RowPlan &plan, tile::LaunchOp launch,
                   llvm::SmallVectorImpl<Value> &extents,
                   llvm::SmallVectorImpl<tile::MapOp> &masks);
  Value endOfMask(tile::MapOp mask, int64_t size);
  Value endOfRows(RowPlan &plan, tile::LaunchOp launch, int64_t step);
  llvm::SmallVector<Value> behindRows(RowPlan &plan, int64_t from, int64_t step,
                                      Value end,
                                      llvm::MutableArrayRef<PassState> states,
                                      mlir::ValueRange results);

  // Reports.cpp
  Value textConstant(llvm::StringRef text);
  void fillWords(Value base, llvm::ArrayRef<Value> fields);
  void callReport(llvm::StringRef text, bool isFailure, Value values,
                  int64_t count, bool isHex);
  void assertion(kernel::AssertOp op);
  void print(kernel::PrintOp op);

  // Guards.cpp
  llvm::SmallVector<int64_t> guardWords(mlir::func::FuncOp function,
                                        bool isGuarded);
  Value numbersConstant(llvm::ArrayRef<int64_t> numbers);
  Value checkedArguments(mlir::func::FuncOp function, bool isGuarded,
                         Value arguments, Value grid, Value runtime);

  // Control.cpp
  void forLoop(mlir::scf::ForOp op);
  void branch(mlir::scf::IfOp op);
  void whileLoop(mlir::scf::WhileOp op);
  llvm::SmallVector<Buffer>
  carry(mlir::ValueRange inits, mlir::Block *here,
        const llvm::SmallDenseSet<unsigned> &unwritten = {});
  void bindAll(mlir::ValueRange inner, mlir::ValueRange now,
               llvm::ArrayRef<Buffer> carries);
  void assign(mlir::ValueRange nexts, llvm::ArrayRef<Buffer> carries,
              llvm::SmallVectorImpl<Value> &scalarNexts);
  void copy(const Buffer &from, const Buffer &to);

  // Of the chip file; 0 where it does not say.
  int64_t chipNumber(llvm::StringRef section, llvm::StringRef part,
                     llvm::StringRef key) const;
  int64_t cacheBytes(llvm::StringRef name) const {
    return chipNumber("memories", name, "bytes");
  }
  int64_t lastCacheBytes() const;
  int64_t bytesAhead() const {
    return chipNumber("memories", "global", "ahead");
  }
  /// Skewed rows take turns at memory: measured, they like twice as much
  /// (docs/Rationale/CpuRows.md).
  int64_t skewedAhead() const { return 2 * bytesAhead(); }

  /// The version for arguments that overlap runs seldom: it takes little time
  /// to compile.
  bool isSmall() const { return !assumeNoAlias; }

  // Small words.
  Value index(int64_t v);
  Value plus(Value a, Value b);
  Value times(Value a, Value b);
  Value scalarOf(Value tileScalar);
  mlir::Type storageOf(mlir::Type element);
  unsigned bytesOf(mlir::Type element);
  mlir::Type lanesType(mlir::Type element);
  Value constant(mlir::TypedAttr value) {
    return mlir::arith::ConstantOp::create(b, loc, value);
  }

  mlir::ModuleOp module;
  const chip::Chip &chip;
  bool assumeNoAlias, trustsArguments;
  std::vector<Assumption> assumptions;    // that the code needs
  llvm::SmallVector<Assumption, 0> apart; // that part of it needs, and asks for
  mlir::LLVM::LLVMFuncOp made;
  DiagnosticEngine &engine;
  mlir::OpBuilder b;
  mlir::Location loc;
  mlir::Type pointerType;

  unsigned vectorBits = 128;
  unsigned lanes = 1; // of the vectors being made

  llvm::DenseMap<Value, Value> scalars;  // Tile scalars and pointers
  llvm::DenseMap<Value, Buffer> buffers; // blocks in scratch memory
  llvm::SetVector<Value> pending;        // to be kept when first computed
  llvm::DenseMap<Value, Window> windows;
  llvm::SmallVector<Kept> along; // of the pass being made (Rows.cpp)
  // All windows of the pass being made are whole, and these masks are true.
  bool inside = false;
  llvm::DenseSet<Value> alwaysTrue;
  llvm::DenseMap<mlir::Operation *, Keyed> keyedB;
  /// What was computed in the loop body being made.
  llvm::DenseMap<Value, llvm::SmallVector<std::pair<Indices, Value>, 1>> cache;

  std::optional<Epilogue> epilogue;        // of the loop being made
  llvm::DenseSet<mlir::Operation *> early; // made before their turn
  /// Stores that were made with their product: i1, whether they were.
  llvm::DenseMap<mlir::Operation *, Value> stored;
  mlir::Operation *current = nullptr; // being lowered
  Value programs;                     // of the whole launch, index
  bool mayStream = false;  // stores of this launch may go past the caches
  bool usesStream = false; // some do
  // Matrix registers: whether the launch uses them, and whether their shapes
  // are the same for all of it.
  bool usesTiles = false, oneTileConfig = false;
  bool hasProducts = false; // the launch has some
  /// Carried blocks that stand in memory only from the first product on, and
  /// whether this is it (i1).
  llvm::DenseMap<Value, Value> zeroAt;

  Value scratchBase, context;
  Value spare; // a vector's bytes that nobody reads
  llvm::SmallVector<Value, 3> programIds;
  int64_t scratchTop = 0, scratchMost = 0;
};

/// Rows of a matrix register, and columns of sums.
inline constexpr int64_t tileRows = 16;

/// Whether an access has this hint, which eviction policies become.
inline bool hasHint(mlir::Operation *access, llvm::StringRef hint) {
  auto given = access->getAttrOfType<mlir::StringAttr>("hint");
  return given && given == hint;
}
inline bool isTensor(Value v) {
  return mlir::isa<mlir::RankedTensorType>(v.getType());
}
inline llvm::ArrayRef<int64_t> shapeOf(Value v) {
  auto t = mlir::dyn_cast<mlir::RankedTensorType>(v.getType());
  return t ? t.getShape() : llvm::ArrayRef<int64_t>();
}
inline mlir::Type elementOf(Value v) {
  return mlir::getElementTypeOrSelf(v.getType());
}
/// A map, take or load is computed where it is needed; all else where it
/// stands.
inline bool isDeferrable(mlir::Operation *op) {
  return mlir::isa_and_nonnull<tile::MapOp, tile::TakeOp, tile::LoadOp>(op) &&
         isTensor(op->getResult(0));
}
/// The load behind a block that is one, or one with its dimensions exchanged.
tile::LoadOp loadBehind(Value v);
/// Whether a block is zero everywhere, by structure.
bool isZero(Value v);
/// The window that \p op writes; null when it writes none.
Value writtenBy(mlir::Operation *op);
/// The value at the root of a view or pointer: an argument or an allocation.
Value rootOf(Value view);
/// Consecutive numbers: the index, plus what is the same for all elements.
bool isRamp(Value v);
/// The ramp of `ramp < bound`, which holds for all if it holds for the last.
Value boundedRamp(tile::MapOp map);
/// Whether \p v may differ from program to program.
bool variesIn(Value v, mlir::Block &body);
/// The dimensions of the result that operand \p number of a map runs along.
llvm::SmallVector<int64_t, 4> spanOf(tile::MapOp map, unsigned number);

/// The kernel's code, in place of \p function.
Versions emitKernel(mlir::ModuleOp module, mlir::func::FuncOp function,
                    const chip::Chip &chip, const LoweringOptions &options,
                    DiagnosticEngine &engine);

} // namespace terrazzo::cpu

#endif // TERRAZZO_TARGETS_CPU_LOWERING_EMITTER_H
