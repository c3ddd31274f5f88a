#pragma once

#include <string>

namespace samba::kernels {

/// Loads the library with the CUDA kernels, LibTorch's CUDA half with it, and installs its ops.
/// Call it before the first tensor is made: LibTorch decides only once whether it has CUDA.
/// Without an NVIDIA driver nothing is loaded, which costs some microseconds.
/// @return  "" if there is a device to compute on, otherwise a sentence that says what is missing.
///          Later calls return the same.
const std::string& loadCudaLibrary();

} // namespace samba::kernels
