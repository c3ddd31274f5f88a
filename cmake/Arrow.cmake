# Arrow's Parquet reader from the pinned pyarrow wheel, as an imported target.
#
# The wheel carries the C++ headers and libraries; it has neither package files for CMake nor
# libraries without a version in their name.
#   samba::parquet     libparquet + libarrow

file(GLOB samba_arrow_candidates "${SAMBA_VENV}/lib/python3.*/site-packages/pyarrow")
set(SAMBA_ARROW_DIR "${samba_arrow_candidates}" CACHE PATH "Folder of the installed pyarrow wheel")
file(GLOB samba_arrow_library "${SAMBA_ARROW_DIR}/libarrow.so.*00")
file(GLOB samba_parquet_library "${SAMBA_ARROW_DIR}/libparquet.so.*00")

if(NOT EXISTS "${samba_arrow_library}" OR NOT EXISTS "${samba_parquet_library}")
    message(FATAL_ERROR "Arrow is missing: no libarrow.so and libparquet.so in "
            "'${SAMBA_ARROW_DIR}'. Run ./run.sh --build-only once, which installs the pyarrow wheel "
            "into ${SAMBA_VENV}.")
endif()

add_library(samba_parquet INTERFACE)
add_library(samba::parquet ALIAS samba_parquet)
target_include_directories(samba_parquet SYSTEM INTERFACE "${SAMBA_ARROW_DIR}/include")
target_link_libraries(samba_parquet INTERFACE "${samba_parquet_library}" "${samba_arrow_library}")
target_link_options(samba_parquet INTERFACE "LINKER:-rpath,${SAMBA_ARROW_DIR}")
