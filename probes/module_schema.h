// What a module may be, as JSON Schema: every kind's block, from the tables that read it.
#pragma once

#include <boost/json/fwd.hpp>

namespace lookout {

boost::json::object module_schema();

}  // namespace lookout
