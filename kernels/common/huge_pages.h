#pragma once

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// An uninitialised tensor in main memory for numbers that stay and are read as a whole again and
/// again, as weights are for every token: large ones lie side by side in huge pages, where the
/// system gives them. LibTorch's own switch for that (THP_MEM_ALLOC_ENABLE) is no substitute: it
/// aligns every tensor to pages, and training steps then lose more in the caches than they win.
/// @throws std::bad_alloc. Thread: any.
at::Tensor emptyInHugePages(at::IntArrayRef sizes, at::ScalarType type);

/// A copy of a tensor in such memory. Thread: any.
at::Tensor copyToHugePages(const at::Tensor& tensor);

/// An uninitialised tensor that LibTorch allocates, and that lies in huge pages as far as it covers
/// them whole: for what is too large to stay in the heap, so that every step maps it anew.
/// @param options  of main memory. Thread: any.
at::Tensor emptyMappedAnew(at::IntArrayRef sizes, const at::TensorOptions& options);

} // namespace samba::kernels
