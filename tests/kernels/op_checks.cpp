#include "tests/kernels/op_checks.h"

#include "tests/support/tensor_compare.h"

#include <cstring>

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/empty_like.h>
#include <hwy/targets.h>

namespace samba::test {
namespace {

/// The compiled instruction sets beside the portable code, which every machine runs.
constexpr int64_t kCompiled[] = {HWY_AVX3, HWY_AVX2};

} // namespace

std::string scaledDifference(const at::Tensor& got, const at::Tensor& wanted, double relative)
{
    const double scale =
        wanted.defined() && wanted.numel() > 0 ? wanted.abs().max().item<double>() : 0.0;
    return tensorDifference(got, wanted, {.absolute = relative * scale});
}

std::string bitDifference(const at::Tensor& got, const at::Tensor& wanted)
{
    if (got.scalar_type() != wanted.scalar_type() || got.sizes() != wanted.sizes())
        return "other dtype or shape";
    const at::Tensor a = got.detach().contiguous();
    const at::Tensor b = wanted.detach().contiguous();
    if (std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0)
        return {};
    const std::string difference = tensorDifference(a, b);
    return difference.empty() ? "other bits of equal values" : difference;
}

at::Tensor numericGradient(const std::function<double()>& loss, const at::Tensor& variable)
{
    constexpr double kStep = 1e-5;
    at::Tensor gradient = at::empty_like(variable);
    double* values = variable.mutable_data_ptr<double>();
    for (int64_t i = 0; i < variable.numel(); ++i) {
        const double value = values[i];
        values[i] = value + kStep;
        const double above = loss();
        values[i] = value - kStep;
        const double below = loss();
        values[i] = value;
        gradient.mutable_data_ptr<double>()[i] = (above - below) / (2 * kStep);
    }
    return gradient;
}

std::vector<std::string> instructionSets()
{
    std::vector<std::string> names;
    for (const int64_t target : kCompiled)
        if ((hwy::SupportedTargets() & target) != 0)
            names.emplace_back(hwy::TargetName(target));
    names.emplace_back("portable");
    return names;
}

InstructionSetInUse::InstructionSetInUse(const std::string& name)
{
    int64_t disabled = 0;
    for (const int64_t target : kCompiled) {
        if (name == hwy::TargetName(target))
            break;
        disabled |= target;
    }
    hwy::DisableTargets(disabled);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

InstructionSetInUse::~InstructionSetInUse()
{
    hwy::DisableTargets(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

ThreadsInUse::ThreadsInUse(int count) : m_before(at::get_num_threads())
{
    at::set_num_threads(count);
}

ThreadsInUse::~ThreadsInUse()
{
    at::set_num_threads(m_before);
}

AutocastInUse::AutocastInUse()
{
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCPU, true);
}

AutocastInUse::~AutocastInUse()
{
    at::autocast::set_autocast_enabled(at::kCPU, false);
    at::autocast::clear_cache();
}

std::string errorOf(const std::function<void()>& call)
{
    try {
        call();
    } catch (const c10::Error& error) {
        return error.what_without_backtrace();
    }
    return {};
}

} // namespace samba::test
