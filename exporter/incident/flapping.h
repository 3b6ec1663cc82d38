// Whether a target goes up and down too often to be believed, as Nagios and Icinga weigh it: among the last
// 20 conclusive verdicts, how many differed from the one before, the newest counting half as much again as
// the oldest. Pure; a value that the journal keeps as its bits and its flag.
#pragma once

#include <cstdint>

namespace lookout {

class FlapHistory {
 public:
  static constexpr int kRemembered = 20;
  static constexpr double kBeginPercent = 30;  // flapping begins here
  static constexpr double kEndPercent = 25;    // and ends below here

  FlapHistory() = default;
  // As it was kept. Bit 0 is the newest; those beyond kRemembered are forgotten.
  FlapHistory(std::uint32_t bits, bool flapping);

  // Enters a conclusive verdict: whether it differed from the conclusive one before it.
  void enter(bool changed);

  double percent() const;  // 0 to 100; what has not happened yet counts as no change
  bool flapping() const { return flapping_; }
  std::uint32_t bits() const { return bits_; }
  bool operator==(const FlapHistory&) const = default;

 private:
  std::uint32_t bits_ = 0;
  bool flapping_ = false;
};

}  // namespace lookout
