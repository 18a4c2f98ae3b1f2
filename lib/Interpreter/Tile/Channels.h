// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Channels at run time: slots that go from free to acquired, full, waited for
// and free again, counted per replica on either side.
#ifndef TERRAZZO_LIB_INTERPRETER_TILE_CHANNELS_H
#define TERRAZZO_LIB_INTERPRETER_TILE_CHANNELS_H

#include "lib/Interpreter/Tile/Streams.h"
#include "lib/Interpreter/Window.h"

namespace terrazzo::interpreter {

struct Slot {
  std::vector<std::shared_ptr<Buffer>> payload;
  int64_t round = -1; // the acquire that emptied it
  Clock full, free;
  std::vector<int64_t> key; // that it was filled for
};

/// One side's calls, by replica.
struct Side {
  std::string role; // empty: the stream that executes the channel
  std::vector<int64_t> taken, given;
  std::vector<mlir::Operation *> givenAt; // the last commit or release
  mlir::ArrayAttr shares;
  int64_t least() const { return *llvm::min_element(given); }
};

struct Ring {
  mlir::Operation *made = nullptr;
  std::string name;
  int64_t depth = 1;
  bool counter = false, credit = false;
  Stream *owner = nullptr; // of a self channel, once it has been used
  bool used = false;
  std::vector<Slot> slots;
  Side producers, consumers;
};

/// What a view of a slot may do, and until when.
struct Hold {
  std::shared_ptr<Ring> ring;
  int64_t round = 0;
  size_t replica = 0;
  bool writes = false;
  bool keeps = false;     // the key was the last one: writes are skipped
  bool unwritten = false; // handed over with elements that nobody wrote
  int64_t slot() const { return round % ring->depth; }
};

/// Reports a use of a slot that \p window may not make.
void checkHold(Program &program, mlir::Operation *op, const Window &window,
               bool write);
/// B5: every ring is empty and every slot free.
void checkRings(Program &program, mlir::Block &body);

void addChannelSemantics(Semantics &semantics);
void addComputeSemantics(Semantics &semantics);
void addLaunchSemantics(Semantics &semantics);
void addMemorySemantics(Semantics &semantics);

} // namespace terrazzo::interpreter

#endif // TERRAZZO_LIB_INTERPRETER_TILE_CHANNELS_H
