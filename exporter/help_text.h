// How --help looks: a flag as it is typed (--name=KIND, --[no-]name), what it does, its default. Words only,
// no numbers of enumerators.
#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace lookout {

std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace lookout
