// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A view at run time: elements of one memory, found through positions along
// the dimensions of the array that the window was cut from.
#ifndef TERRAZZO_LIB_INTERPRETER_WINDOW_H
#define TERRAZZO_LIB_INTERPRETER_WINDOW_H

#include "lib/Interpreter/Engine.h"

#include "dialects/Tile/Tile.h"

namespace terrazzo::interpreter {

struct Hold; // Channels.h

/// One dimension of the array.
struct Axis {
  int64_t stride = 1;
  int64_t extent = -1; // of the array; -1: unknown
  int64_t offset = 0;
  int64_t size = 1;
  // Positions that the views on the way here promise to stay in.
  int64_t low = INT64_MIN, high = INT64_MAX;
  mlir::Attribute boundary; // of positions outside the array; null: in
  Shared index;             // gathered: the positions themselves
};

struct Window {
  ElementType type;
  Buffer *memory = nullptr; // null: the address lies in no argument, and
  bool absolute = false;    // positions count from address 0
  std::shared_ptr<Buffer> owned;
  int64_t base = 0; // element of position (0, …)
  uint8_t flag = 0; // of the address
  llvm::SmallVector<Axis> axes;
  llvm::SmallVector<int> dims; // the axis of each dimension
  std::vector<int64_t> shape;
  /// A rank-1 array gathered by an index tensor of another rank.
  bool reshaped = false;
  std::shared_ptr<const Hold> hold; // of a slot

  int64_t size() const { return countOf(shape); }
};

/// How an element of a window stands to its memory.
struct Place {
  enum Kind : uint8_t { Inside, Fill, PoisonIndex, OverflowIndex, Outside };
  Kind kind = Inside;
  uint8_t dim = 0;     // that made it so
  int64_t element = 0; // of the memory
  int64_t index = 0;   // the position, for a report
};

/// The places of a window's elements in row-major order.
class Places {
public:
  explicit Places(const Window &window);
  int64_t size() const { return count; }
  /// The element after the last one that was asked for.
  Place next();
  /// All elements at once, when each lies inside and in a memory of \p size;
  /// empty when one does not.
  std::vector<int64_t> elementsWithin(int64_t size) const;

private:
  std::vector<std::vector<Place>> tables; // by dimension, outermost first
  std::vector<Place> prefix;              // of the dimensions before
  llvm::SmallVector<int64_t> at;
  int64_t count = 0;
  bool started = false;
  void refresh(size_t from);
};

/// Row-major memory of an alloc or a slot, unwritten.
std::shared_ptr<Buffer> newMemory(std::string name,
                                  mlir::RankedTensorType type);
/// All of \p memory as an array of \p shape.
Window wholeOf(std::shared_ptr<Buffer> memory, llvm::ArrayRef<int64_t> shape);

/// Element \p i of \p r gets the value of the boundary `fill<v>`.
void putFill(Tensor &r, size_t i, mlir::Attribute boundary);

/// The view that \p value is.
const Window &windowOf(Program &program, mlir::Value value);
/// Reads and writes, each element checked. Without a mask all are active.
Tensor readWindow(Program &program, mlir::Operation *op, const Window &window,
                  const Tensor *mask = nullptr);
void writeWindow(Program &program, mlir::Operation *op, const Window &window,
                 const Tensor &value, const Tensor *mask = nullptr);

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_WINDOW_H
