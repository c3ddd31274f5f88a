#include "tests/support/tensor_compare.h"

#include <ATen/TensorOperators.h>
#include <ATen/Functions.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <vector>

namespace samba::test {

namespace {

at::Tensor asDoubles(const at::Tensor& tensor)
{
    return tensor.detach().to(at::kCPU, at::kDouble).contiguous();
}

/// |got - wanted| with equal NaNs and infinities at distance 0 and unequal ones infinitely far.
double distance(double got, double wanted)
{
    if (got == wanted || (std::isnan(got) && std::isnan(wanted))) {
        return 0.0;
    }
    const double difference = std::abs(got - wanted);
    return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

/// "[1, 0, 7]" of a position in row-major order.
std::string indexText(std::int64_t position, at::IntArrayRef shape)
{
    std::vector<std::int64_t> index(shape.size());
    for (std::size_t i = shape.size(); i-- > 0;) {
        index[i] = position % shape[i];
        position /= shape[i];
    }
    std::ostringstream text;
    text << at::IntArrayRef(index);
    return text.str();
}

} // namespace

std::string tensorDifference(const at::Tensor& got, const at::Tensor& wanted,
                             const Tolerance& tolerance)
{
    std::ostringstream message;
    message.precision(9);
    if (!got.defined() || !wanted.defined()) {
        message << "an undefined tensor: got " << (got.defined() ? "" : "un") << "defined, wanted "
                << (wanted.defined() ? "" : "un") << "defined";
        return message.str();
    }
    if (got.sizes() != wanted.sizes()) {
        message << "wrong shape: wanted " << wanted.sizes() << ", got " << got.sizes();
        return message.str();
    }
    const at::Tensor gotDoubles = asDoubles(got);
    const at::Tensor wantedDoubles = asDoubles(wanted);
    const double* gotData = gotDoubles.const_data_ptr<double>();
    const double* wantedData = wantedDoubles.const_data_ptr<double>();

    std::int64_t worst = -1;
    std::int64_t offCount = 0;
    double worstExcess = 0.0;
    for (std::int64_t i = 0; i < gotDoubles.numel(); ++i) {
        const double off = distance(gotData[i], wantedData[i]);
        if (off == 0.0) {
            continue;
        }
        const double allowed = tolerance.absolute + tolerance.relative * std::abs(wantedData[i]);
        // Written so that an allowance of NaN or infinity (a bad `wanted`) never excuses anything.
        if (off <= allowed && std::isfinite(allowed)) {
            continue;
        }
        ++offCount;
        const double excess = std::isfinite(allowed) ? off - allowed : off;
        if (worst < 0 || excess > worstExcess) {
            worst = i;
            worstExcess = excess;
        }
    }
    if (worst < 0) {
        return {};
    }
    message << "worst at " << indexText(worst, wanted.sizes()) << ": wanted " << wantedData[worst]
            << ", got " << gotData[worst] << ", off by "
            << distance(gotData[worst], wantedData[worst]) << ", allowed "
            << tolerance.absolute + tolerance.relative * std::abs(wantedData[worst]) << "; "
            << offCount << " of " << gotDoubles.numel() << " elements are off";
    return message.str();
}

double relativeError(const at::Tensor& got, const at::Tensor& wanted)
{
    const at::Tensor wantedDoubles = asDoubles(wanted);
    const double size = wantedDoubles.norm().item<double>();
    const double error = (asDoubles(got) - wantedDoubles).norm().item<double>();
    return size > 0.0 ? error / size : error;
}

} // namespace samba::test
