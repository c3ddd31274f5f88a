#include "engine/model/projection.h"

#include "engine/api/error.h"
#include "kernels/common/cpu_features.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

namespace samba {

using kernels::WeightFormat;

Projection::Projection(const at::Tensor& weight, const at::Tensor& bias, WeightFormat format,
                       MatrixLayout layout)
    : m_layout(layout), m_bias(bias)
{
    const bool isPackable = weight.scalar_type() == at::kFloat && weight.is_cpu();
    const bool isKept = !isPackable || format == WeightFormat::Float32;
    const bool isInputMajor = layout == MatrixLayout::InputMajor;
    if (isKept)
        m_weight = weight;
    // gemv() reads outputs; a second, turned copy of a float32 matrix would fall behind in
    // training.
    if (isPackable && !(isKept && isInputMajor))
        m_packed = kernels::packMatrix((isInputMajor ? weight.t() : weight).contiguous(), format);
}

at::Tensor Projection::operator()(const at::Tensor& x) const
{
    if (isForGemv(x)) {
        std::vector<int64_t> shape = x.sizes().vec();
        shape.back() = m_packed.rows;
        const at::Tensor y = kernels::gemv(m_packed, x.reshape({-1, x.size(-1)})).view(shape);
        return m_bias.defined() ? y + m_bias : y;
    }
    if (!m_weight.defined() && m_packed.format == WeightFormat::BFloat16 &&
        kernels::hasBFloat16Products()) {
        const at::Tensor y = at::linear(x.to(at::kBFloat16), m_packed.values).to(x.scalar_type());
        return m_bias.defined() ? y + m_bias : y;
    }
    if (m_weight.defined() && m_layout == MatrixLayout::InputMajor) {
        // Not linear() over a view: its gradient would have to be turned.
        const at::Tensor rows = x.reshape({-1, x.size(-1)});
        std::vector<int64_t> shape = x.sizes().vec();
        shape.back() = m_weight.size(1);
        const at::Tensor y =
            m_bias.defined() ? at::addmm(m_bias, rows, m_weight) : at::mm(rows, m_weight);
        return y.view(shape);
    }
    return at::linear(x, matrix(), m_bias);
}

/// Whether x is a few float32 vectors without gradients.
bool Projection::isForGemv(const at::Tensor& x) const
{
    // From here on products of whole matrices are faster, though they copy or unpack the weights.
    constexpr int64_t kMostVectors = 16;
    const bool wantsGradient =
        at::GradMode::is_enabled() &&
        (x.requires_grad() || (m_weight.defined() && m_weight.requires_grad()));
    return m_packed.values.defined() && !wantsGradient && x.scalar_type() == at::kFloat &&
           x.numel() > 0 && x.numel() <= kMostVectors * x.size(-1) &&
           !at::autocast::is_autocast_enabled(at::kCPU);
}

at::Tensor Projection::rowsOf(const at::Tensor& ids, bool hasSparseGradient) const
{
    constexpr int64_t kNoPadding = -1;
    if (m_weight.defined())
        return at::embedding(m_weight, ids.to(m_weight.device()), kNoPadding, false,
                             hasSparseGradient);
    kernels::PackedMatrix rows = m_packed;
    const at::Tensor flat = ids.flatten();
    rows.rows = flat.numel();
    rows.values = m_packed.values.index_select(0, flat);
    if (m_packed.scales.defined())
        rows.scales = m_packed.scales.index_select(0, flat);
    at::Tensor result = kernels::unpackMatrix(rows);
    std::vector<int64_t> shape = ids.sizes().vec();
    shape.push_back(m_packed.columns);
    return result.view(shape);
}

at::Tensor Projection::matrix() const
{
    if (!m_weight.defined())
        return kernels::unpackMatrix(m_packed);
    return m_layout == MatrixLayout::InputMajor ? m_weight.t() : m_weight;
}

Projection takeProjection(ModelWeights& weights, const std::string& name, WeightFormat format,
                          const at::Tensor& bias, MatrixLayout layout)
{
    const auto it = weights.find(name);
    Projection projection(it->second, bias, format, layout);
    if (format != WeightFormat::Float32)
        weights.erase(it);
    return projection;
}

WeightFormat weightFormatOf(const std::string& name)
{
    if (name.empty() || name == "f32")
        return WeightFormat::Float32;
    if (name == "bf16")
        return WeightFormat::BFloat16;
    if (name == "int8")
        return WeightFormat::Int8;
    if (name == "int4")
        return WeightFormat::Int4;
    throw Error(ErrorKind::InvalidArgument, "There is no weight format \"" + name + "\".",
                "Choose f32, bf16, int8 or int4.");
}

} // namespace samba
