#include "kernels/common/instruction_set.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/common/instruction_set.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

const char* name()
{
    return hwy::TargetName(HWY_TARGET);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(name);

const char* instructionSet()
{
    return HWY_DYNAMIC_DISPATCH(name)();
}

} // namespace samba::kernels
#endif
