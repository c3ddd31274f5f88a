# LibTorch from the pinned PyPI wheel, as imported targets.
#
# Not find_package(Torch): the wheel's own package file stops where no CUDA toolkit is installed and
# changes CUDA flags where one is. These targets need the wheel's headers and libraries only.
#   samba::torch         libtorch_cpu + libc10
#   samba::torch_openmp  the OpenMP library they use

set(SAMBA_VENV "${CMAKE_SOURCE_DIR}/.venv" CACHE PATH
    "Python virtual environment that holds the torch wheel (made by run.sh and test.sh)")
file(GLOB samba_torch_candidates "${SAMBA_VENV}/lib/python3.*/site-packages/torch")
set(SAMBA_TORCH_DIR "${samba_torch_candidates}" CACHE PATH "Folder of the installed torch wheel")

if(NOT EXISTS "${SAMBA_TORCH_DIR}/lib/libtorch_cpu.so")
    message(FATAL_ERROR "LibTorch is missing: no lib/libtorch_cpu.so in '${SAMBA_TORCH_DIR}'. "
            "Run ./run.sh --build-only once, which installs it into ${SAMBA_VENV}.")
endif()

add_library(samba_torch INTERFACE)
add_library(samba::torch ALIAS samba_torch)
target_include_directories(samba_torch SYSTEM INTERFACE
    "${SAMBA_TORCH_DIR}/include" "${SAMBA_TORCH_DIR}/include/torch/csrc/api/include")
target_link_libraries(samba_torch INTERFACE
    "${SAMBA_TORCH_DIR}/lib/libtorch_cpu.so" "${SAMBA_TORCH_DIR}/lib/libc10.so")
target_compile_definitions(samba_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
target_link_options(samba_torch INTERFACE "LINKER:-rpath,${SAMBA_TORCH_DIR}/lib")

file(GLOB samba_torch_openmp_library "${SAMBA_TORCH_DIR}/lib/libgomp*.so*")
if(NOT samba_torch_openmp_library)
    message(FATAL_ERROR "LibTorch's OpenMP library is missing: no libgomp in '${SAMBA_TORCH_DIR}/lib'.")
endif()
add_library(samba_torch_openmp INTERFACE)
add_library(samba::torch_openmp ALIAS samba_torch_openmp)
target_link_libraries(samba_torch_openmp INTERFACE "${samba_torch_openmp_library}")
