add_executable(bench_render "${CMAKE_CURRENT_LIST_DIR}/render.cc")
target_link_libraries(bench_render PRIVATE lookout_metrics lookout_settings)
use_precompiled(bench_render lookout_asio_pch)
