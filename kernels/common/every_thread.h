#pragma once

#include <functional>

namespace samba::kernels {

/// Calls `work` on each of LibTorch's threads at once; exceptions reach the caller. For sources that
/// are not compiled with OpenMP, as the kernels are: there at::parallel_for calls its function once.
/// Thread: any.
void onEveryThread(const std::function<void()>& work);

} // namespace samba::kernels
