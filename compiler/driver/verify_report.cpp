// SPDX-License-Identifier: Apache-2.0
// Prints the table of thxc verify.
#include "driver/verify_report.h"

#include <algorithm>

#include "support/text.h"

namespace thx {
namespace {

constexpr std::string_view kChecks[] = {kObjectCheck,     kLoopPassCheck,   kLevelCheck,
                                        kTensorPassCheck, kDifferenceCheck, kForwardCheck};

// The largest difference in hundredths of its bound, as people read it.
std::string share(const VerifyTally& tally) {
  if (tally.largest == 0) return "0";
  return tally.largest < 0.01 ? "< 0.01" : format("{:.2f}", tally.largest);
}

}  // namespace

void VerifyTally::add(const VerifyTally& other) {
  compared += other.compared;
  undecided += other.undecided;
  in_f64 += other.in_f64;
  if (other.largest <= largest) return;
  largest = other.largest;
  largest_at = other.largest_at;
}

bool VerifyReport::failed() const {
  return std::ranges::any_of(entries, [](const VerifyEntry& entry) { return entry.failed; });
}

std::string verify_table(const VerifyReport& report) {
  std::string out = format("{:<20} {:<25} {:>10} {:>9} {:>9}  {:<6}  {}\n", "function", "check",
                           "values", "in f64", "undecided", "error", "largest at");
  for (const VerifyEntry& entry : report.entries) {
    std::string name = entry.function;
    for (const std::string_view check : kChecks) {
      const auto found = entry.checks.find(std::string(check));
      if (found == entry.checks.end()) continue;
      const VerifyTally& tally = found->second;
      append(out, "{:<20} {:<25} {:>10} {:>9} {:>9}  {:<6}  {}\n", name, check, tally.compared,
             tally.in_f64, tally.undecided, share(tally), tally.largest_at);
      name.clear();
    }
    append(out, "{:<20} {} round{}, {} of them refused by all forms alike: {}\n", name,
           entry.rounds, entry.rounds == 1 ? "" : "s", entry.refused,
           entry.failed        ? "FAILED"
           : entry.rounds == 0 ? "not verified"
                               : "right");
    for (const std::string& note : entry.notes) append(out, "{:<20} {}\n", "", note);
  }
  append(out, "{} function{}, seed {}, {:.1f} s of {:g}{}: {}\n", report.entries.size(),
         report.entries.size() == 1 ? "" : "s", report.seed, report.seconds, report.budget,
         report.out_of_time ? " (rounds were left out for want of time)" : "",
         report.failed() ? "wrong" : "no difference");
  return out;
}

std::string verify_json(const VerifyReport& report) {
  std::string out;
  for (const VerifyEntry& entry : report.entries) {
    append(out,
           "{{\"function\": {}, \"rounds\": {}, \"refused\": {}, \"failed\": {}, \"checks\": {{",
           quote_json(entry.function), entry.rounds, entry.refused, entry.failed);
    out += join(entry.checks, ", ", [](const auto& check) {
      const VerifyTally& tally = check.second;
      return format(
          "{}: {{\"values\": {}, \"in_f64\": {}, \"undecided\": {}, \"error\": {}, \"at\": {}}}",
          quote_json(check.first), tally.compared, tally.in_f64, tally.undecided,
          format_double(tally.largest), quote_json(tally.largest_at));
    });
    append(out, "}}, \"notes\": [{}]}}\n",
           join(entry.notes, ", ", [](const std::string& note) { return quote_json(note); }));
  }
  append(out,
         "{{\"functions\": {}, \"seed\": {}, \"seconds\": {:.3f}, \"budget\": {:.3f}, "
         "\"out_of_time\": {}, \"failed\": {}}}\n",
         report.entries.size(), report.seed, report.seconds, report.budget, report.out_of_time,
         report.failed());
  return out;
}

}  // namespace thx
