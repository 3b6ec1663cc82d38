# What `cmake --install` puts where, and the Debian package: `cpack --config build/release/CPackConfig.cmake -B DIRECTORY`.
include(GNUInstallDirs)

# Packages are made of what is built already; `cpack` builds nothing else.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)
set(deploy "${PROJECT_SOURCE_DIR}/deploy")
set(generated "${PROJECT_BINARY_DIR}/packaging")
file(MAKE_DIRECTORY "${generated}")

function(packaged_file file)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "COMMAND;DEPENDS")
  add_custom_command(OUTPUT "${generated}/${file}" COMMAND ${arg_COMMAND} > "${generated}/${file}" DEPENDS ${arg_DEPENDS} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY lookout_packaged_files "${generated}/${file}")
endfunction()

# The manual page is written by Python; without it, all but the package can be built.
find_program(LOOKOUT_PYTHON python3 HINTS /usr/bin)
set(with_all "")
if(LOOKOUT_PYTHON)
  set(with_all ALL)
endif()
foreach(shell bash zsh fish)
  packaged_file(lookout.${shell} COMMAND lookout completion ${shell} DEPENDS lookout)
endforeach()
packaged_file(lookout.1 COMMAND "${LOOKOUT_PYTHON}" "${deploy}/man/write" "$<TARGET_FILE:lookout>" DEPENDS lookout "${deploy}/man/write" "${deploy}/man/lookout.1.in")
# Debian wants these compressed, and the same from the same source.
packaged_file(lookout.1.gz COMMAND gzip -9nc "${generated}/lookout.1" DEPENDS "${generated}/lookout.1")
packaged_file(changelog.Debian.gz COMMAND gzip -9nc "${deploy}/debian/changelog" DEPENDS "${deploy}/debian/changelog")
get_property(packaged_files GLOBAL PROPERTY lookout_packaged_files)
add_custom_target(packaged_files ${with_all} DEPENDS ${packaged_files})

install(TARGETS lookout RUNTIME DESTINATION bin)
install(FILES "${deploy}/systemd/lookout.service" "${deploy}/systemd/lookout.socket" DESTINATION lib/systemd/system)
install(FILES "${generated}/lookout.1.gz" DESTINATION share/man/man1)
install(FILES "${generated}/lookout.bash" DESTINATION share/bash-completion/completions RENAME lookout)
install(FILES "${generated}/lookout.zsh" DESTINATION share/zsh/vendor-completions RENAME _lookout)
install(FILES "${generated}/lookout.fish" DESTINATION share/fish/vendor_completions.d)
install(FILES "${deploy}/lookout.schema.json" DESTINATION share/lookout)
install(DIRECTORY "${deploy}/prometheus/" DESTINATION share/lookout/prometheus PATTERN tests EXCLUDE)
install(DIRECTORY "${deploy}/alertmanager" DESTINATION share/lookout)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/dashboards" DESTINATION share/lookout FILES_MATCHING PATTERN "*.json" PATTERN "*.yml" PATTERN "*.yaml")
install(DIRECTORY "${deploy}/examples" DESTINATION share/doc/lookout)
install(FILES "${deploy}/systemd/lookout.polkit.rules" DESTINATION share/doc/lookout/examples)
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/COMPATIBILITY.md" "${deploy}/debian/copyright"
              "${generated}/changelog.Debian.gz" DESTINATION share/doc/lookout)
install(FILES "${deploy}/debian/lintian-overrides" DESTINATION share/lintian/overrides RENAME lookout)
install(FILES "${deploy}/debian/lookout.yml" DESTINATION /etc/lookout)
install(FILES "${deploy}/debian/default" DESTINATION /etc/default RENAME lookout)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME lookout)
set(CPACK_PACKAGE_VENDOR "Lookout")
set(CPACK_PACKAGE_CONTACT "Lookout's maintainers <maintainers@lookout.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "prober that watches services and tells Prometheus")
set(CPACK_PACKAGE_DESCRIPTION "Lookout probes targets over HTTP, TCP, UDP, TLS, DNS, ICMP, gRPC and WebSocket,
on its own intervals or on Prometheus's scrape. It judges them by thresholds,
keeps their incidents in a journal, writes reports, shows a status page, and
can try to bring services back.

It answers /probe as the blackbox exporter of Prometheus does, and reads its
configuration.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.62), ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${deploy}/debian/postinst" "${deploy}/debian/prerm" "${deploy}/debian/postrm" "${deploy}/debian/conffiles")
include(CPack)
