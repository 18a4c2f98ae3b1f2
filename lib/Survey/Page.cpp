// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The survey as one file for a browser: nothing in it is fetched or run, and
// every name in it is escaped.
#include "lib/Survey/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <set>

using namespace terrazzo;
using namespace terrazzo::survey;

static std::string escaped(llvm::StringRef text) {
  std::string out;
  for (char c : text)
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  return out;
}

/// Of a family, dark enough on white.
static llvm::StringRef colorOf(llvm::StringRef family, const Survey &s) {
  static constexpr llvm::StringRef palette[] = {
      "#1b6ca8", "#b3541e", "#2e7d32", "#7b3fa0", "#a8324a", "#0f766e"};
  if (family == "roofline")
    return "#4a5568";
  std::set<llvm::StringRef> families;
  for (const Row &row : s.rows)
    if (row.family != "roofline")
      families.insert(row.family);
  return palette[size_t(
                     std::distance(families.begin(), families.find(family))) %
                 std::size(palette)];
}

namespace {
/// Logarithmic axes: FLOP a byte to the right, FLOP a second upwards.
struct Plot {
  static constexpr double left = 70, top = 16, width = 640, height = 560;
  double x0, x1, y0, y1; // decades
  double x(double v) const {
    return left + (std::log10(v) - x0) / (x1 - x0) * width;
  }
  double y(double v) const {
    return top + height - (std::log10(v) - y0) / (y1 - y0) * height;
  }
};
} // namespace

static std::string number(double v) { return llvm::formatv("{0:f1}", v).str(); }

static std::string line(double x1, double y1, double x2, double y2,
                        llvm::StringRef kind) {
  return llvm::formatv("<line class=\"{4}\" x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" "
                       "y2=\"{3}\"/>\n",
                       number(x1), number(y1), number(x2), number(y2), kind)
      .str();
}

static std::string label(double x, double y, llvm::StringRef anchor,
                         llvm::StringRef text) {
  return llvm::formatv("<text x=\"{0}\" y=\"{1}\" text-anchor=\"{2}\">{3}"
                       "</text>\n",
                       number(x), number(y), anchor, escaped(text))
      .str();
}

static std::string grid(const Plot &p) {
  std::string out;
  for (double d = std::ceil(p.x0); d <= p.x1; ++d) {
    double v = std::pow(10, d);
    out += line(p.x(v), p.top, p.x(v), p.top + p.height, "grid") +
           label(p.x(v), p.top + p.height + 15, "middle",
                 v < 1 ? plain(v) : llvm::formatv("{0:f0}", v).str());
  }
  for (double d = std::ceil(p.y0); d <= p.y1; ++d) {
    double v = std::pow(10, d);
    out += line(p.left, p.y(v), p.left + p.width, p.y(v), "grid") +
           label(p.left - 6, p.y(v) + 4, "end", quantity(v, ""));
  }
  return out +
         label(p.left + p.width / 2, p.top + p.height + 34, "middle",
               "FLOP for each byte that must move") +
         label(p.left, p.top - 4, "start", "FLOP a second");
}

namespace {
/// A chip that can be drawn.
struct Roof {
  const Row *row;
  double bandwidth, peak; // of what is drawn: peak may be none
  double end;             // its height at the right edge
  double at = 0;          // where its label stands
};
} // namespace

/// Labels at the right, each near its line and none over another.
static void spread(std::vector<Roof> &roofs, const Plot &p) {
  constexpr double apart = 12;
  llvm::sort(roofs, [](const Roof &a, const Roof &b) {
    return std::pair(-a.end, a.row->chip) < std::pair(-b.end, b.row->chip);
  });
  double next = p.top;
  for (Roof &roof : roofs) {
    roof.at = std::max(p.y(roof.end), next);
    next = roof.at + apart;
  }
  // What ran out at the bottom pushes up.
  double most = p.top + p.height + 6;
  for (Roof &roof : llvm::reverse(roofs)) {
    roof.at = std::min(roof.at, most);
    most = roof.at - apart;
  }
}

static std::string drawn(const Roof &roof, const Plot &p, const Survey &s) {
  double right = std::pow(10, p.x1), leftmost = std::pow(10, p.x0);
  std::string points;
  auto add = [&](double x, double y) {
    points += number(p.x(x)) + "," + number(p.y(y)) + " ";
  };
  // Where the slope leaves the picture at the bottom.
  double from = std::max(leftmost, std::pow(10, p.y0) / roof.bandwidth);
  add(from, std::min(roof.bandwidth * from, roof.end));
  double ridge = roof.peak / roof.bandwidth;
  if (roof.peak > 0 && ridge > from && ridge < right)
    add(ridge, roof.peak);
  add(right, roof.end);
  return llvm::formatv(
             "<g class=\"chip{7}\" stroke=\"{0}\" fill=\"{0}\"><title>{1}: "
             "{2}, "
             "{3}</title><polyline points=\"{4}\"/>{5}{6}</g>\n",
             colorOf(roof.row->family, s), escaped(roof.row->chip),
             quantity(roof.bandwidth, "B/s"),
             roof.peak > 0 ? quantity(roof.peak, "FLOP/s")
                           : std::string("peak not known"),
             points,
             line(p.left + p.width, p.y(roof.end), p.left + p.width + 14,
                  roof.at, "leader"),
             label(p.left + p.width + 17, roof.at + 4, "start", roof.row->chip),
             roof.peak > 0 ? "" : " open")
      .str();
}

std::string survey::svg(const Survey &s) {
  double intensity =
      s.bytes() && s.operations() > 0 ? s.operations() / double(s.bytes()) : 0;
  Plot p{-2, 4, 9, 16};
  if (intensity > 0) {
    p.x0 = std::min(p.x0, std::floor(std::log10(intensity)) - 1);
    p.x1 = std::max(p.x1, std::ceil(std::log10(intensity)) + 1);
  }
  std::vector<Roof> roofs;
  for (const Row &row : s.rows) {
    if (!row.bound.bandwidth || !row.bound.seconds)
      continue;
    double slope = *row.bound.bandwidth * std::pow(10, p.x1);
    double peak = row.bound.peak.value_or(0);
    roofs.push_back({&row, *row.bound.bandwidth, peak,
                     peak > 0 ? std::min(peak, slope) : slope});
  }
  for (const Roof &roof : roofs) {
    p.y1 = std::max(p.y1, std::ceil(std::log10(roof.end)));
    p.y0 = std::min(p.y0, std::floor(std::log10(roof.end)) - 1);
  }
  spread(roofs, p);
  std::string out = llvm::formatv(
      "<svg viewBox=\"0 0 900 630\" role=\"img\" aria-label=\"rooflines\">\n"
      "{0}",
      grid(p));
  if (intensity > 0)
    out += line(p.x(intensity), p.top, p.x(intensity), p.top + p.height,
                "kernel") +
           label(p.x(intensity) + 5, p.top + p.height - 8, "start",
                 s.name() + ": " + plain(intensity) + " FLOP/B");
  for (const Roof &roof : roofs)
    out += drawn(roof, p, s);
  for (const Roof &roof : roofs) {
    if (intensity <= 0)
      continue;
    double reached = s.operations() / *roof.row->bound.seconds;
    if (reached < std::pow(10, p.y0))
      continue;
    out += llvm::formatv("<circle cx=\"{0}\" cy=\"{1}\" r=\"3\" "
                         "fill=\"{2}\"><title>{3}: at most {4}</title>"
                         "</circle>\n",
                         number(p.x(intensity)), number(p.y(reached)),
                         colorOf(roof.row->family, s), escaped(roof.row->chip),
                         quantity(reached, "FLOP/s"))
               .str();
  }
  return out + "</svg>\n";
}

static constexpr char style[] = R"css(
body { font: 15px/1.45 system-ui, sans-serif; color: #1a202c; margin: 2em auto; max-width: 76em; padding: 0 1em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { text-align: left; padding: .25em .7em .25em 0; border-bottom: 1px solid #e2e8f0; vertical-align: top; }
th { border-bottom: 2px solid #4a5568; } .n { text-align: right; }
.wide { overflow-x: auto; } .unsure { color: #8a5a00; } .refused { color: #a8324a; }
svg { width: 100%; max-width: 70em; height: auto; font-size: 10px; }
.grid { stroke: #e2e8f0; } .kernel { stroke: #1a202c; stroke-width: 1.5; stroke-dasharray: 5 4; }
.chip polyline { fill: none; stroke-width: 1.3; opacity: .7; } .chip text { stroke: none; }
.open polyline { stroke-dasharray: 2 3; }
.leader { stroke-width: .5; opacity: .5; }
.chip:hover polyline { stroke-width: 3.5; opacity: 1; } .chip:hover text { font-weight: bold; }
dt { font-weight: 600; } dd { margin: 0 0 .5em 1.5em; }
)css";

static constexpr char explained[] = R"html(
<h2>How to read this</h2>
<dl>
<dt>roofline</dt><dd>A bound: no schedule is faster on that chip. It is the longest of three times: the bytes that
must move over the bandwidth of the memory, the operations of matrix products over the peak of the matrix unit in the
type that is used, and other float arithmetic over the peak of the vector unit. Launches that follow one another are
added up.</dd>
<dt>bytes</dt><dd>Every element of an argument that the launch touches counts once as read, once as written. What a
real run moves twice is not in it.</dd>
<dt>operations</dt><dd>A step of a product of matrices is two; rows and columns that lie beyond the edge of an array
do not count. An addition, multiplication, division, root, exponential, minimum or maximum is one.</dd>
<dt>bound by</dt><dd>Which of the three was the longest. <i>memory</i>: only moving less helps.</dd>
<dt>simulated</dt><dd>The time of the emitted program in a simulator of the chip, where there is one, and how much of
the roofline it reaches.</dd>
<dt>energy</dt><dd>The sum over bytes, operations and static power where the chip file has these numbers. Else, marked
&le;, TDP times the time: an upper bound for that time.</dd>
<dt>how sure</dt><dd>Every time here is <i>modeled</i>. The word in brackets says where the worst number came from:
published by the vendor, derived from such, or secondary, reported by others. <i>uncalibrated</i>: a number is assumed.
<code>terrazzo chips NAME</code> shows each number with its source.</dd>
<dt>notes</dt><dd>What a chip does in place of a type that it lacks, and what is not known about it.</dd>
</dl>
)html";

static std::string cells(const Row &row, const Survey &s) {
  const Bound &b = row.bound;
  auto percent = row.percentOfRoofline();
  auto cell = [](const std::string &text, llvm::StringRef kind = "n") {
    return llvm::formatv("<td class=\"{0}\">{1}</td>", kind, escaped(text))
        .str();
  };
  std::string out = "<tr><td title=\"" + escaped(row.summary) + "\">" +
                    escaped(row.chip) + "</td>";
  out += b.isRefused ? cell("refused", "refused")
                     : cell(b.seconds ? quantity(*b.seconds, "s") : "-");
  out += cell(b.seconds ? b.boundBy : "-", "");
  out +=
      cell(row.simulated.seconds ? quantity(*row.simulated.seconds, "s") : "-");
  out += cell(percent ? plain(*percent) : "-");
  out += cell(b.joules ? (b.isJoulesUpperBound ? "\xE2\x89\xA4 " : "") +
                             quantity(*b.joules, "J")
                       : "-");
  out += cell(b.dollars ? plain(*b.dollars) : "-");
  if (s.tokens) {
    out += cell(b.dollars ? plain(*b.dollars / *s.tokens * 1e6) : "-");
    out += cell(b.joules ? plain(*b.joules / *s.tokens) : "-");
  }
  bool unsure = b.tag == chip::Tag::Assumed;
  out += cell(!b.seconds              ? "-"
              : row.simulated.seconds ? row.simulated.calibration
                                      : b.calibration(),
              unsure ? "unsure" : "");
  return out + cell(llvm::join(b.notes, "; "), "") + "</tr>\n";
}

static std::string table(const Survey &s) {
  std::string out = "<div class=\"wide\"><table>\n<tr><th>chip</th>"
                    "<th>roofline</th><th>bound by</th><th>simulated</th>"
                    "<th>% of it</th><th>energy</th><th>$ a launch</th>";
  if (s.tokens)
    out += "<th>$ a million tokens</th><th>J a token</th>";
  out += "<th>how sure</th><th>notes</th></tr>\n";
  for (const Row &row : s.rows)
    out += cells(row, s);
  out += "</table></div>\n";
  std::vector<std::string> reasons;
  for (const Row &row : s.rows)
    if (!row.simulated.why.empty() &&
        !llvm::is_contained(reasons, row.simulated.why))
      reasons.push_back(row.simulated.why);
  for (const std::string &why : reasons)
    out += "<p>simulated -: " + escaped(why) + "</p>\n";
  return out;
}

static std::string workOf(const Survey &s) {
  std::string out = "<h2>What the launch has to do</h2>\n<div "
                    "class=\"wide\"><table>\n<tr><th>"
                    "argument</th><th>read</th><th>written</th></tr>\n";
  for (const Work &work : s.works)
    for (const Traffic &t : work.traffic)
      out +=
          llvm::formatv(
              "<tr><td>{0}</td><td class=\"n\">{1}</td><td class=\"n\">{2}</td>"
              "</tr>\n",
              escaped(t.argument), quantity(double(t.read * t.bytesEach), "B"),
              quantity(double(t.written * t.bytesEach), "B"))
              .str();
  out += "</table></div>\n<p>Together " + quantity(double(s.bytes()), "B") +
         " and " + quantity(s.operations(), "FLOP") + ":";
  for (const auto &[p, n] : s.products())
    out += " " + quantity(n, "FLOP") + " in products of " + escaped(p.text()) +
           ";";
  for (const auto &[type, n] : s.vector())
    out += " " + quantity(n, "FLOP") + " of " + escaped(type) + " arithmetic;";
  out.back() = '.';
  for (const std::string &why : s.loose())
    out += " " + escaped(why) + " are taken to let everything through.";
  return out + "</p>\n";
}

std::string survey::html(const Survey &s) {
  std::string title = escaped(s.name());
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
         "'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
         title + " on " + std::to_string(s.rows.size()) +
         " chips</title>\n<style>" + style + "</style></head><body>\n<h1>" +
         title + " on " + std::to_string(s.rows.size()) +
         " chips</h1>\n<p>The kernel as <code>" + escaped(s.launchFile) +
         "</code> launches it, " + std::to_string(s.programs()) +
         " programs, and the least time that each chip needs for it. All "
         "times are modeled from the chips&#39; numbers; nothing was "
         "measured.</p>\n" +
         workOf(s) +
         "<h2>Rooflines</h2>\n<p>Each line is what a chip reaches "
         "at most at so many operations for each byte: first its "
         "memory bounds it, then its units. The dashed line is "
         "this kernel; a dotted one ends nowhere because the peak for this "
         "kernel is not known. Chips without a bound are left out. Point at a "
         "line to see its "
         "chip.</p>\n" +
         svg(s) + "<h2>Chips</h2>\n" + table(s) + explained +
         "</body></html>\n";
}
