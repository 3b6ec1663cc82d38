// The header lines that libcurl is to send, in its own notation, for http_transfers.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "probes/net/http_engine.h"
#include "probes/net/http_transfers.h"

namespace lookout {

class HeaderLines {
 public:
  void add(std::string_view name, std::string_view value);
  void leave_out(std::string_view name);
  curl_slist* get() const { return lines_.get(); }

 private:
  struct Deleter {
    void operator()(curl_slist* lines) const { curl_slist_free_all(lines); }
  };
  void append(const std::string& line);

  std::unique_ptr<curl_slist, Deleter> lines_;
};

// Those of the request, and none that libcurl would add by itself.
HeaderLines header_lines(const HttpRequest& request, bool http2);

}  // namespace lookout
