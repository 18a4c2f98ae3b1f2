// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/Survey/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace terrazzo;
using namespace terrazzo::survey;

std::string survey::quantity(double value, llvm::StringRef unit) {
  static constexpr const char *prefixes[] = {"p", "n", "u", "m", "", "k",
                                             "M", "G", "T", "P", "E"};
  int at = 4;
  double v = value;
  for (; v != 0 && std::fabs(v) < 1 && at > 0; --at)
    v *= 1e3;
  for (; std::fabs(v) >= 1e3 && at < 10; ++at)
    v /= 1e3;
  std::string out;
  llvm::raw_string_ostream(out)
      << llvm::format("%.3g ", v) << prefixes[at] << unit;
  return out;
}

std::string survey::plain(double value) {
  std::string out;
  llvm::raw_string_ostream(out) << llvm::format("%.3g", value);
  return out;
}

std::optional<double> Row::percentOfRoofline() const {
  if (!simulated.seconds || !bound.seconds || *simulated.seconds <= 0)
    return std::nullopt;
  return 100 * *bound.seconds / *simulated.seconds;
}

int64_t Survey::bytes() const {
  int64_t sum = 0;
  for (const Work &work : works)
    sum += work.bytes();
  return sum;
}

double Survey::operations() const {
  double sum = 0;
  for (const Work &work : works)
    sum += work.operations();
  return sum;
}

int64_t Survey::programs() const {
  int64_t sum = 0;
  for (const Work &work : works)
    sum += work.programs;
  return sum;
}

std::string Survey::name() const {
  std::vector<std::string> names;
  for (const std::string &kernel : kernels)
    if (!llvm::is_contained(names, kernel))
      names.push_back(kernel);
  return llvm::join(names, ", ");
}

std::map<Product, double> Survey::products() const {
  std::map<Product, double> sum;
  for (const Work &work : works)
    for (const auto &[product, n] : work.products)
      sum[product] += n;
  return sum;
}

std::map<std::string, double> Survey::vector() const {
  std::map<std::string, double> sum;
  for (const Work &work : works)
    for (const auto &[type, n] : work.vector)
      sum[type] += n;
  return sum;
}

std::vector<std::string> Survey::loose() const {
  std::vector<std::string> out;
  for (const Work &work : works)
    for (const std::string &why : work.loose)
      if (!llvm::is_contained(out, why))
        out.push_back(why);
  return out;
}

void Survey::sort() {
  auto key = [](const Row &row) {
    return std::pair(row.bound.seconds.value_or(INFINITY), row.chip);
  };
  llvm::sort(rows, [&](const Row &a, const Row &b) { return key(a) < key(b); });
}

namespace {
/// Lines of cells, written in columns.
class Table {
public:
  void add(std::vector<std::string> cells) { rows.push_back(std::move(cells)); }
  std::string text() const {
    std::vector<size_t> widths;
    for (const auto &row : rows)
      for (size_t c = 0; c < row.size(); ++c) {
        widths.resize(std::max(widths.size(), c + 1));
        widths[c] = std::max(widths[c], row[c].size());
      }
    std::string out;
    for (const auto &row : rows) {
      std::string line;
      for (size_t c = 0; c < row.size(); ++c)
        line += row[c] + std::string(widths[c] - row[c].size() + 2, ' ');
      out += llvm::StringRef(line).rtrim().str() + "\n";
    }
    return out;
  }

private:
  std::vector<std::vector<std::string>> rows;
};
} // namespace

static std::string head(const Survey &s) {
  std::string out =
      llvm::formatv("{0}, as {1} launches it: {2} program{3}\n", s.name(),
                    s.launchFile, s.programs(), s.programs() == 1 ? "" : "s")
          .str();
  out += "moves at least " + quantity(double(s.bytes()), "B") + ":";
  for (const Work &work : s.works)
    for (const Traffic &t : work.traffic) {
      out += " " + t.argument;
      if (t.read)
        out += llvm::formatv(" {0} read",
                             quantity(double(t.read * t.bytesEach), "B"));
      if (t.written)
        out += llvm::formatv("{0} {1} written", t.read ? "," : "",
                             quantity(double(t.written * t.bytesEach), "B"));
      out += ";";
    }
  out.back() = '\n';
  out += "computes " + quantity(s.operations(), "FLOP") + ":";
  for (const auto &[product, n] : s.products())
    out += llvm::formatv(" {0} in products of {1};", quantity(n, "FLOP"),
                         product.text());
  for (const auto &[type, n] : s.vector())
    out += llvm::formatv(" {0} of {1} arithmetic;", quantity(n, "FLOP"), type);
  out.back() = '\n';
  if (s.bytes())
    out += "so " + plain(s.operations() / double(s.bytes())) + " FLOP a byte\n";
  for (const std::string &why : s.loose())
    out += why + " are taken to let everything through\n";
  return out;
}

std::string survey::text(const Survey &s) {
  Table table;
  std::vector<std::string> titles = {"chip",      "roofline", "bound by",
                                     "simulated", "% of it",  "energy",
                                     "$/launch"};
  if (s.tokens)
    titles.insert(titles.end(), {"$/Mtoken", "J/token"});
  titles.insert(titles.end(), {"how sure", "notes"});
  table.add(titles);
  std::vector<std::string> reasons;
  for (const Row &row : s.rows) {
    const Bound &b = row.bound;
    auto percent = row.percentOfRoofline();
    std::vector<std::string> cells = {
        row.chip,
        b.isRefused ? "refused"
        : b.seconds ? quantity(*b.seconds, "s")
                    : "-",
        b.seconds ? b.boundBy : "-",
        row.simulated.seconds ? quantity(*row.simulated.seconds, "s") : "-",
        percent ? plain(*percent) : "-",
        b.joules
            ? (b.isJoulesUpperBound ? "<= " : "") + quantity(*b.joules, "J")
            : "-",
        b.dollars ? plain(*b.dollars) : "-"};
    if (s.tokens) {
      cells.push_back(b.dollars ? plain(*b.dollars / *s.tokens * 1e6) : "-");
      cells.push_back(b.joules ? plain(*b.joules / *s.tokens) : "-");
    }
    cells.push_back(!b.seconds              ? "-"
                    : row.simulated.seconds ? row.simulated.calibration
                                            : b.calibration());
    cells.push_back(llvm::join(b.notes, "; "));
    table.add(cells);
    if (!row.simulated.why.empty() &&
        !llvm::is_contained(reasons, row.simulated.why))
      reasons.push_back(row.simulated.why);
  }
  std::string out = head(s) + "\n" + table.text() +
                    "\nroofline: no schedule is faster, max(bytes / bandwidth, "
                    "FLOP / peak of the type used); modeled, as every time "
                    "here.\n";
  if (llvm::any_of(s.rows,
                   [](const Row &r) { return r.bound.isJoulesUpperBound; }))
    out += "energy <=: TDP x time, an upper bound for that time; the chip's "
           "numbers for bytes and operations are not public.\n";
  for (const std::string &why : reasons)
    out += "simulated -: " + why + "\n";
  return out;
}

static llvm::json::Value maybe(const std::optional<double> &v) {
  return v ? llvm::json::Value(*v) : llvm::json::Value(nullptr);
}

static llvm::json::Object json(const Row &row, const Survey &s) {
  const Bound &b = row.bound;
  std::optional<double> perMillion, perToken;
  if (s.tokens && b.dollars)
    perMillion = *b.dollars / *s.tokens * 1e6;
  if (s.tokens && b.joules)
    perToken = *b.joules / *s.tokens;
  llvm::json::Value simulated = nullptr, energy = nullptr;
  if (row.simulated.seconds)
    simulated = llvm::json::Object{{"seconds", *row.simulated.seconds},
                                   {"kind", "modeled"},
                                   {"calibration", row.simulated.calibration}};
  if (b.joules)
    energy = llvm::json::Object{
        {"joules", *b.joules},
        {"kind", b.isJoulesUpperBound ? "TDP x time, an upper bound"
                                      : "bytes, operations and static power"}};
  return llvm::json::Object{
      {"chip", row.chip},
      {"family", row.family},
      {"can", row.can},
      {"refused", b.isRefused},
      {"roofline", b.seconds ? llvm::json::Value(llvm::json::Object{
                                   {"seconds", *b.seconds},
                                   {"bound_by", b.boundBy},
                                   {"memory_s", b.memory},
                                   {"matrix_s", b.matrix},
                                   {"vector_s", b.vector},
                                   {"kind", "modeled"},
                                   {"calibration", b.calibration()}})
                             : llvm::json::Value(nullptr)},
      {"simulated", std::move(simulated)},
      {"no_simulation", row.simulated.why},
      {"percent_of_roofline", maybe(row.percentOfRoofline())},
      {"energy", std::move(energy)},
      {"dollars", maybe(b.dollars)},
      {"dollars_per_mtoken", maybe(perMillion)},
      {"joules_per_token", maybe(perToken)},
      {"notes", llvm::json::Array(b.notes)}};
}

llvm::json::Object survey::json(const Survey &s) {
  llvm::json::Array traffic, products, chips;
  for (auto [kernel, work] : llvm::zip(s.kernels, s.works))
    for (const Traffic &t : work.traffic)
      traffic.push_back(
          llvm::json::Object{{"kernel", kernel},
                             {"argument", t.argument},
                             {"read_bytes", t.read * t.bytesEach},
                             {"written_bytes", t.written * t.bytesEach}});
  for (const auto &[p, n] : s.products())
    products.push_back(llvm::json::Object{{"a", p.a},
                                          {"b", p.b},
                                          {"acc", p.acc},
                                          {"precision", p.precision},
                                          {"scaled", p.isScaled},
                                          {"flops", n}});
  llvm::json::Object vector;
  for (const auto &[type, n] : s.vector())
    vector[type] = n;
  for (const Row &row : s.rows)
    chips.push_back(::json(row, s));
  return llvm::json::Object{{"kernel", s.name()},
                            {"launch", s.launchFile},
                            {"launches", s.kernels.size()},
                            {"programs", s.programs()},
                            {"bytes", s.bytes()},
                            {"flops", s.operations()},
                            {"traffic", std::move(traffic)},
                            {"products", std::move(products)},
                            {"vector", std::move(vector)},
                            {"loose", llvm::json::Array(s.loose())},
                            {"tokens", maybe(s.tokens)},
                            {"chips", std::move(chips)}};
}
