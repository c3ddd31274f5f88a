# Decides whether the CUDA kernels are compiled.
#   SAMBA_CUDA_ENABLED   whether there is a CUDA compiler to compile them with
#   SAMBA_CUDA_HEADERS   folders with CUDA's headers, for the tests that run the kernels on the CPU;
#                        empty if there are none

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
