# The library that is installed, shared and static, and how others find it.
foreach(kind IN ITEMS shared static)
    string(TOUPPER ${kind} KIND)
    add_library(dfota_${kind} ${KIND} $<TARGET_OBJECTS:dfota_objects>)
    add_library(dfota::${kind} ALIAS dfota_${kind})
    set_target_properties(dfota_${kind} PROPERTIES
        OUTPUT_NAME dfota EXPORT_NAME ${kind})
    target_include_directories(dfota_${kind} INTERFACE
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(dfota_${kind}
        PRIVATE Threads::Threads ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA
            OpenSSL::Crypto PkgConfig::libzip PkgConfig::jansson
            PkgConfig::divsufsort PkgConfig::libdeflate m)
endforeach()
set_target_properties(dfota_shared PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

install(TARGETS dfota_shared dfota_static mkdelta dfota-verify dfota-apply
    dfota-info dfota-module EXPORT dfotaTargets)
install(DIRECTORY include/dfota DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES docs/mkdelta.1 docs/dfota-verify.1 docs/dfota-apply.1
    docs/dfota-info.1 docs/dfota-module.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

configure_file(cmake/dfota.pc.in dfota.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/dfota.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/dfota)
configure_package_config_file(cmake/dfotaConfig.cmake.in dfotaConfig.cmake
    INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(dfotaConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dfotaConfig.cmake
    ${PROJECT_BINARY_DIR}/dfotaConfigVersion.cmake
    DESTINATION ${package_folder})
install(EXPORT dfotaTargets NAMESPACE dfota:: DESTINATION ${package_folder})
