add_executable(bench_render "${CMAKE_CURRENT_LIST_DIR}/render.cc")
target_link_libraries(bench_render PRIVATE lookout_metrics lookout_settings)
target_precompile_headers(bench_render REUSE_FROM lookout_asio_pch)
