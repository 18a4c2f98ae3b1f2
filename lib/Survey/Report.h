// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `terrazzo survey`: one kernel on all chips, as text, JSON or a page.
#ifndef TERRAZZO_LIB_SURVEY_REPORT_H
#define TERRAZZO_LIB_SURVEY_REPORT_H

#include "lib/Survey/Bounds.h"

#include "llvm/Support/JSON.h"

namespace terrazzo::survey {

/// A simulated time of all launches, or why there is none.
struct Simulated {
  std::optional<double> seconds;
  std::string calibration;
  std::string why;
};

struct Row {
  std::string chip, family, summary, can;
  Bound bound;
  Simulated simulated;

  std::optional<double> percentOfRoofline() const;
};

struct Survey {
  std::vector<std::string> kernels; // of each launch
  std::string launchFile;
  std::vector<Work> works; // of each launch
  std::optional<double> tokens;
  std::vector<Row> rows;

  int64_t bytes() const;
  double operations() const;
  int64_t programs() const;
  std::string name() const; // of the kernels, without repeats
  std::map<Product, double> products() const;
  std::map<std::string, double> vector() const;
  std::vector<std::string> loose() const;
  /// The fastest bound first, what has none last.
  void sort();
};

std::string text(const Survey &survey);
llvm::json::Object json(const Survey &survey);
/// A page that loads nothing, with the rooflines as a picture.
std::string html(const Survey &survey);
/// The picture alone.
std::string svg(const Survey &survey);

/// 12.3 us, 4.56 GB: three digits and a prefix of 1000.
std::string quantity(double value, llvm::StringRef unit);
/// 1.2e-09, 0.0312: for money.
std::string plain(double value);

} // namespace terrazzo::survey

#endif // TERRAZZO_LIB_SURVEY_REPORT_H
