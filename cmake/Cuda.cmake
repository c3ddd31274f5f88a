# Decides whether the CUDA kernels are compiled.
#   SAMBA_CUDA_ENABLED   whether there is a CUDA compiler to compile them with
#   SAMBA_CUDA_HEADERS   folders with CUDA's headers, for the tests that run the kernels on the CPU;
#                        empty if there are none
#   samba::torch_cuda    LibTorch's CUDA half, where the kernels are compiled and the wheel has it

include(CheckLanguage)

set(SAMBA_CUDA_ENABLED OFF)
set(SAMBA_CUDA_HEADERS "")
if(NOT SAMBA_WITH_CUDA STREQUAL "OFF")
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90-real 100-real 120)
    endif()
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        enable_language(CUDA)
        set(SAMBA_CUDA_ENABLED ON)
        set(CMAKE_CUDA_STANDARD 17)
        set(SAMBA_CUDA_HEADERS ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
        message(STATUS "SAMBA_WITH_CUDA=${SAMBA_WITH_CUDA}: CUDA kernels are compiled with "
                       "${CMAKE_CUDA_COMPILER} ${CMAKE_CUDA_COMPILER_VERSION}")
    elseif(SAMBA_WITH_CUDA STREQUAL "ON")
        message(FATAL_ERROR "SAMBA_WITH_CUDA=ON, but no CUDA compiler was found. Install the CUDA "
                "toolkit and put nvcc on the PATH, or configure with -DSAMBA_WITH_CUDA=AUTO.")
    else()
        message(STATUS "SAMBA_WITH_CUDA=AUTO: no CUDA compiler found, the CPU program is built")
    endif()
endif()
if(NOT SAMBA_CUDA_HEADERS)
    # The wheels nvidia-cuda-runtime and nvidia-cuda-crt hold them beside LibTorch's.
    get_filename_component(samba_wheel_headers "${SAMBA_TORCH_DIR}/../nvidia/cu13/include" ABSOLUTE)
    if(EXISTS "${samba_wheel_headers}/crt/host_defines.h")
        set(SAMBA_CUDA_HEADERS "${samba_wheel_headers}")
    endif()
endif()

set(samba_torch_cuda "${SAMBA_TORCH_DIR}/lib/libtorch_cuda.so")
get_filename_component(samba_cuda_runtime
    "${SAMBA_TORCH_DIR}/../nvidia/cu13/lib/libcudart.so.13" ABSOLUTE)
if(SAMBA_CUDA_ENABLED AND EXISTS "${samba_torch_cuda}" AND EXISTS "${samba_cuda_runtime}")
    add_library(samba_torch_cuda INTERFACE)
    add_library(samba::torch_cuda ALIAS samba_torch_cuda)
    target_include_directories(samba_torch_cuda SYSTEM INTERFACE ${SAMBA_CUDA_HEADERS})
    get_filename_component(samba_cuda_runtime_dir "${samba_cuda_runtime}" DIRECTORY)
    # Wanted even where no symbol of theirs is: they register themselves. What they in turn need is
    # looked for when the library is loaded.
    target_link_options(samba_torch_cuda INTERFACE "LINKER:--no-as-needed"
        "LINKER:-rpath,${SAMBA_TORCH_DIR}/lib:${samba_cuda_runtime_dir}")
    target_link_libraries(samba_torch_cuda INTERFACE samba::torch "${samba_torch_cuda}"
        "${SAMBA_TORCH_DIR}/lib/libc10_cuda.so" "${samba_cuda_runtime}")
elseif(SAMBA_CUDA_ENABLED)
    message(STATUS "CUDA kernels are compiled, but not linked: LibTorch in ${SAMBA_TORCH_DIR} has no "
                   "CUDA half")
endif()
