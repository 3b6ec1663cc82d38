// The header lines that libcurl is to send, in its own notation, for http_transfer.cc.
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
  void append(const std::string& line);  // as it stands
  curl_slist* get() const { return lines_.get(); }

 private:
  struct Deleter {
    void operator()(curl_slist* lines) const { curl_slist_free_all(lines); }
  };
  std::unique_ptr<curl_slist, Deleter> lines_;
};

// Those of the request, and none that libcurl would add by itself. `framed`: by HTTP/2 or later.
HeaderLines header_lines(const HttpRequest& request, bool framed);

}  // namespace lookout
