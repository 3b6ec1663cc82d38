// What the system calls an error number, for messages to people. Pure.
#pragma once

#include <string>

#include <boost/system/error_code.hpp>

namespace lookout {

inline std::string system_error_text(int error) {
  return boost::system::error_code(error, boost::system::system_category()).message();
}

}  // namespace lookout
