#include "engine/train/loss_meter.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

namespace samba {

void LossMeter::add(const LossTerms& terms)
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const at::Tensor counted = terms.counted.to(at::kDouble);
    const at::Tensor missing = at::full({}, nan, counted.options());
    const auto weighted = [&](const at::Tensor& loss) {
        return loss.defined() ? loss.detach().to(at::kDouble) * counted : missing;
    };
    const at::Tensor sums = at::stack(
        {weighted(terms.total), weighted(terms.main), weighted(terms.readout),
         weighted(terms.pruning), terms.correct.to(at::kDouble),
         terms.readoutCorrect.defined() ? terms.readoutCorrect.to(at::kDouble) : missing, counted});
    m_sums = m_sums.defined() ? m_sums.to(sums.device()) + sums : sums;
}

LossMeter::Sums LossMeter::sums() const
{
    Sums result{};
    if (!m_sums.defined())
        return result;
    const at::Tensor sums = m_sums.to(at::kCPU).contiguous();
    std::copy_n(sums.const_data_ptr<double>(), result.size(), result.begin());
    return result;
}

void LossMeter::restore(const Sums& sums)
{
    if (sums.back() > 0)
        m_sums = at::tensor(c10::ArrayRef<double>(sums), at::kDouble);
    else
        m_sums.reset();
}

LossMeter::Means LossMeter::means() const
{
    const Sums sum = sums();
    const double counted = sum.back();
    Means means;
    means.total = sum[0] / counted;
    means.main = sum[1] / counted;
    means.readout = sum[2] / counted;
    means.pruning = sum[3] / counted;
    means.perplexity = std::exp(means.main);
    means.accuracy = sum[4] / counted;
    means.readoutAccuracy = sum[5] / counted;
    means.counted = static_cast<int64_t>(counted);
    return means;
}

} // namespace samba
