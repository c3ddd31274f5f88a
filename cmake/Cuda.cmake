# Decides whether the CUDA kernels are compiled: result in SAMBA_CUDA_ENABLED.

include(CheckLanguage)

set(SAMBA_CUDA_ENABLED OFF)
if(NOT SAMBA_WITH_CUDA STREQUAL "OFF")
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 89-real 90-real 100-real 120)
    endif()
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        enable_language(CUDA)
        set(SAMBA_CUDA_ENABLED ON)
        set(CMAKE_CUDA_STANDARD 17)
        message(STATUS "SAMBA_WITH_CUDA=${SAMBA_WITH_CUDA}: CUDA kernels are compiled with "
                       "${CMAKE_CUDA_COMPILER} ${CMAKE_CUDA_COMPILER_VERSION}")
    elseif(SAMBA_WITH_CUDA STREQUAL "ON")
        message(FATAL_ERROR "SAMBA_WITH_CUDA=ON, but no CUDA compiler was found. Install the CUDA "
                "toolkit and put nvcc on the PATH, or configure with -DSAMBA_WITH_CUDA=AUTO.")
    else()
        message(STATUS "SAMBA_WITH_CUDA=AUTO: no CUDA compiler found, the CPU program is built")
    endif()
endif()
