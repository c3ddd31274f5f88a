# Settings shared by all our targets: language level, warnings, compiler cache, linker, output folders.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(SAMBA_CCACHE ccache)
if(SAMBA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Precompiled headers are cached only with these two settings (ccache manual, "Precompiled headers").
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${SAMBA_CCACHE}")
endif()

# The system's ld, not mold or lld: GCC emits unwind entries of length 0 for empty cold parts of
# functions, which mold 1.10 and lld 14 keep in the lookup table. Where one stands before a real
# entry of the same address, an exception that passes there aborts the program.

# What every target of ours is compiled with; linked PRIVATE.
add_library(samba_settings INTERFACE)
target_compile_options(samba_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
                       -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Werror
                       -fpch-preprocess)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 warns of an overlap in `"literal" + std::string` that cannot happen (GCC bug 105651).
    target_compile_options(samba_settings INTERFACE -Wno-restrict)
endif()
target_compile_definitions(samba_settings INTERFACE QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII
                           QT_NO_URL_CAST_FROM_STRING SAMBA_VERSION="${PROJECT_VERSION}")
target_include_directories(samba_settings INTERFACE "${CMAKE_SOURCE_DIR}")
if(SAMBA_SANITIZE)
    # Instrumented, std::regex looks uninitialized to GCC 12.
    target_compile_options(samba_settings INTERFACE -fsanitize=address,undefined
                           -fno-sanitize-recover=undefined -fno-omit-frame-pointer
                           -Wno-maybe-uninitialized)
    target_link_options(samba_settings INTERFACE -fsanitize=address,undefined)
endif()
