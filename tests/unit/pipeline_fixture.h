// A pipeline with everything that it writes to, fed with results instead of probes; the journal is in memory
// and never opened, so that what is kept stays to be looked at.
#pragma once

#include <string_view>

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include "exporter/pipeline.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {

struct PipelineTest : testing::Test {
  Book book;
  SelfMetrics metrics;
  asio::io_context loop;
  Journal journal{loop, "", {}};  // never opened: everything stays pending
  Recorder recorder{journal};
  Leadership leadership{nullptr};
  Recovery recovery{loop, book, recorder, journal, leadership, {}, {}, {}};
  Pipeline::OnEvent on_event;
  Pipeline pipeline{book, recorder, recovery, metrics,
                    [this](const TargetConfig& target, const IncidentEvent& event) {
                      if (on_event) on_event(target, event);
                    }};

  // Started at this second of the steady clock.
  void enter(const TargetConfig& target, std::shared_ptr<ProbeResult> result, int second) {
    const Moment started{result->started, moment(second).steady};
    const Duration took = result->duration;
    pipeline.on_round(target, {std::move(result)}, lookout::before(started, -took));
  }
  // One probe each ten seconds: . well, x failed, ? our own fault.
  void feed(const TargetConfig& target, std::string_view probes, int first = 0) {
    for (int i = 0; i < static_cast<int>(probes.size()); ++i) {
      const int time = 10 * (first + i);
      const char symbol = probes[static_cast<std::size_t>(i)];
      enter(target,
            symbol == '.'   ? well(at(time))
            : symbol == 'x' ? failed(at(time))
                            : own_fault(at(time)),
            time);
    }
  }
  prometheus::ClientMetric::Histogram histogram(std::string_view name, std::string_view severity) const {
    for (const auto& family : metrics.collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        if (metric.label[0].value == severity) return metric.histogram;
      }
    }
    ADD_FAILURE() << name;
    return {};
  }
  double gauge(std::string_view name) const {
    for (const auto& family : metrics.collect()) {
      if (family.name == name) return family.metric[0].gauge.value;
    }
    ADD_FAILURE() << name;
    return -1;
  }

  const TargetRecord& record(std::string_view name) const { return *book.find(name); }
};

}  // namespace lookout
