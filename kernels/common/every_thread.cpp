#include "kernels/common/every_thread.h"

#include <ATen/Parallel.h>

namespace samba::kernels {

void onEveryThread(const std::function<void()>& work)
{
    at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i)
            work();
    });
}

} // namespace samba::kernels
