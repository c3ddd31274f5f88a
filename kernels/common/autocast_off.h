#pragma once

#include <c10/core/DispatchKeySet.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace samba::kernels {

/// While alive, tensor operations of this thread ignore autocast: an op that has chosen its own
/// dtypes would otherwise have its internal products rounded by surprise.
class AutocastOff {
public:
    AutocastOff() : m_guard(c10::autocast_dispatch_keyset) {}

private:
    c10::impl::ExcludeDispatchKeyGuard m_guard;
};

} // namespace samba::kernels
