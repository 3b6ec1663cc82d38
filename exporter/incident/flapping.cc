#include "exporter/incident/flapping.h"

namespace lookout {
namespace {

constexpr std::uint32_t kMask = (1U << FlapHistory::kRemembered) - 1;
// Weights in 95ths, which are whole: 76 (0.8) for the oldest, 2 more for each that is newer, 114 (1.2) for
// the newest. Together they are 20, so that a percentage is exact.
constexpr int kNewestWeight = 114;
constexpr int kWeightStep = 2;
constexpr double kWeightOfOnePercent = 19;  // 20 * 95 / 100

}  // namespace

FlapHistory::FlapHistory(std::uint32_t bits, bool flapping) : bits_(bits & kMask), flapping_(flapping) {}

void FlapHistory::enter(bool changed) {
  bits_ = (bits_ << 1 | (changed ? 1U : 0U)) & kMask;
  flapping_ = percent() >= (flapping_ ? kEndPercent : kBeginPercent);
}

double FlapHistory::percent() const {
  int sum = 0;
  for (int age = 0; age < kRemembered; ++age) {
    if ((bits_ >> age & 1U) != 0) sum += kNewestWeight - kWeightStep * age;
  }
  return sum / kWeightOfOnePercent;
}

}  // namespace lookout
