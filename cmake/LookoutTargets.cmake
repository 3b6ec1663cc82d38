# One place for the settings that every target of the project shares.
add_library(lookout_settings INTERFACE)
target_include_directories(lookout_settings INTERFACE "${PROJECT_SOURCE_DIR}")
# -pthread everywhere: some packages ask for it, and a precompiled header fits only files with the same flags.
target_compile_options(lookout_settings INTERFACE -pthread -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-unused-parameter)
if(LOOKOUT_WERROR)
  target_compile_options(lookout_settings INTERFACE -Werror)
endif()
if(LOOKOUT_SANITIZE)
  # The vptr check opens a pipe for every type that it meets, so it would fail the tests that run out of descriptors.
  target_compile_options(lookout_settings INTERFACE -fsanitize=${LOOKOUT_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(lookout_settings INTERFACE -fsanitize=${LOOKOUT_SANITIZE})
endif()
target_compile_definitions(lookout_settings INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(lookout_settings INTERFACE Threads::Threads)

# Asio costs 5 s in every file that includes it; the precompiled header makes that 1 s.
add_library(lookout_asio_pch OBJECT "${PROJECT_SOURCE_DIR}/cmake/asio_pch.cc")
target_link_libraries(lookout_asio_pch PUBLIC lookout_settings Boost::headers)
target_precompile_headers(lookout_asio_pch PRIVATE <boost/asio.hpp> <array> <chrono> <cstdint> <functional> <map>
  <memory> <optional> <string> <string_view> <utility> <variant> <vector>)

# lookout_library(NAME SOURCES... [ASIO] LIBRARIES ...): one static library per folder; the link graph is the include table.
function(lookout_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ASIO" "" "SOURCES;LIBRARIES")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC lookout_settings ${arg_LIBRARIES})
  if(arg_ASIO)
    target_link_libraries(${name} PUBLIC Boost::headers)
    target_precompile_headers(${name} REUSE_FROM lookout_asio_pch)
  endif()
endfunction()
