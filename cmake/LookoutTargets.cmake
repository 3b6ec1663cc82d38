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

# use_precompiled(TARGET PCH): by a path relative to the build folder and with a checksum of what the header is made of, so that a
# compiler cache serves every clone and worktree. CMake's own REUSE_FROM names the absolute path, and the header's bytes hold it, too.
function(use_precompiled target pch)
  set(header "CMakeFiles/${pch}.dir/cmake_pch.hxx")
  get_target_property(folder ${pch} BINARY_DIR)
  file(RELATIVE_PATH header "${CMAKE_BINARY_DIR}" "${folder}/${header}")
  target_compile_options(${target} PRIVATE "SHELL:-Winvalid-pch -include ${header}")
  get_target_property(sources ${target} SOURCES)
  set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS "${CMAKE_BINARY_DIR}/${header}.pch")
  add_dependencies(${target} ${pch})
endfunction()

# What a precompiled header is made of, for the compiler cache (its CCACHE_PCH_EXTSUM): the versions of the packages that it includes. Elsewhere
# than on Debian there is no such file, and the cache takes the header's bytes.
execute_process(COMMAND dpkg-query -W libboost1.81-dev libgtest-dev libgmock-dev libstdc++-12-dev libc6-dev linux-libc-dev clang-19
  OUTPUT_VARIABLE LOOKOUT_PCH_PACKAGES ERROR_QUIET)
function(write_precompiled_sum pch)
  if(LOOKOUT_PCH_PACKAGES)
    file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${pch}.dir/cmake_pch.hxx.pch.sum"
      CONTENT "${LOOKOUT_PCH_PACKAGES}$<TARGET_PROPERTY:${pch},PRECOMPILE_HEADERS>\n")
  endif()
endfunction()
write_precompiled_sum(lookout_asio_pch)

# lookout_library(NAME SOURCES... [ASIO] LIBRARIES ...): one static library per folder; the link graph is the include table.
function(lookout_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ASIO" "" "SOURCES;LIBRARIES")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC lookout_settings ${arg_LIBRARIES})
  if(arg_ASIO)
    target_link_libraries(${name} PUBLIC Boost::headers)
    use_precompiled(${name} lookout_asio_pch)
  endif()
endfunction()
