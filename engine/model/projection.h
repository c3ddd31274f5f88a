#pragma once

#include "engine/model/language_model.h"
#include "kernels/gemv/gemv.h"

#include <string>

namespace samba {

/// How a matrix of products lies in memory.
enum class MatrixLayout {
    OutputMajor, ///< [outputs, inputs], as PyTorch's Linear
    InputMajor   ///< [inputs, outputs], as GPT-2
};

/// A matrix of a model as the model keeps it, and the products with it: as it is, or packed into
/// fewer bits, which is for inference alone. Thread: engine.
class Projection {
public:
    Projection() = default;

    /// @param weight  [outputs, inputs] or as the layout says; float32 shares its memory unless a
    ///                format packs it. Float64 and what is on another device are kept as they are,
    ///                whatever the format.
    /// @param bias    [outputs], or undefined.
    Projection(const at::Tensor& weight, const at::Tensor& bias, kernels::WeightFormat format,
               MatrixLayout layout = MatrixLayout::OutputMajor);

    /// x W^T + bias, [..., inputs] to [..., outputs]; differentiable where nothing is packed.
    /// Without gradients a few vectors, a token or a short prompt, are multiplied by gemv().
    at::Tensor operator()(const at::Tensor& x) const;

    /// Rows of an output-major matrix by number: [...] to [..., inputs], differentiable where
    /// nothing is packed.
    /// @param hasSparseGradient  the matrix gets its gradient as the rows that were read, to be
    ///                           added to a dense one that comes from elsewhere.
    at::Tensor rowsOf(const at::Tensor& ids, bool hasSparseGradient) const;

    /// The matrix itself, [outputs, inputs]; packed, a fresh float32 copy.
    at::Tensor matrix() const;

    /// The matrix as gemv() reads it; undefined values in float64, on another device, and in
    /// float32 where it is input-major.
    const kernels::PackedMatrix& packed() const { return m_packed; }
    const at::Tensor& bias() const { return m_bias; }

private:
    bool isForGemv(const at::Tensor& x) const;

    at::Tensor m_weight;                               ///< undefined where it is packed
    MatrixLayout m_layout = MatrixLayout::OutputMajor; ///< of m_weight
    at::Tensor m_bias;
    kernels::PackedMatrix m_packed; ///< for gemv(); Float32 shares the memory of the weight
};

/// The projection with a matrix of that name. If it is packed, the matrix leaves the weights.
Projection takeProjection(ModelWeights& weights, const std::string& name,
                          kernels::WeightFormat format, const at::Tensor& bias = {},
                          MatrixLayout layout = MatrixLayout::OutputMajor);

/// The format of a name: "f32", "bf16", "int8" or "int4"; of an empty one "f32".
/// @throws Error InvalidArgument.
kernels::WeightFormat weightFormatOf(const std::string& name);

} // namespace samba
