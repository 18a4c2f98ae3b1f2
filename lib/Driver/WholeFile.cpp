// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Driver/WholeFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace terrazzo;

static std::error_code put(llvm::StringRef path, llvm::StringRef bytes) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error)
    return error;
  os << bytes;
  os.close();
  error = os.error();
  os.clear_error();
  return error;
}

std::error_code terrazzo::driver::writeWholeFile(llvm::StringRef path,
                                                 llvm::StringRef bytes) {
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(path, status) &&
      !llvm::sys::fs::is_regular_file(status))
    return put(path, bytes);
  std::string temporary =
      (path + ".tmp" + llvm::Twine(llvm::sys::Process::getProcessId())).str();
  llvm::sys::RemoveFileOnSignal(temporary);
  std::error_code error = put(temporary, bytes);
  if (!error)
    error = llvm::sys::fs::rename(temporary, path);
  if (error)
    llvm::sys::fs::remove(temporary);
  llvm::sys::DontRemoveFileOnSignal(temporary);
  return error;
}
