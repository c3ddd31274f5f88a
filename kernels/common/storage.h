#pragma once

#include <cstdint>
#include <type_traits>

#include <ATen/core/Tensor.h>
#include <c10/util/BFloat16.h>

namespace samba::kernels {

/// The type in which values stored as `Stored` are computed: float for float and bfloat16, double
/// for double.
template <typename Stored>
using RealOf = std::conditional_t<std::is_same_v<Stored, double>, double, float>;

/// The dtype in which tensors of `dtype` are computed.
inline at::ScalarType realDtype(at::ScalarType dtype)
{
    return dtype == at::kDouble ? at::kDouble : at::kFloat;
}

/// Rows of a [batch, length, width] tensor whose last dimension is contiguous.
template <typename T>
struct RowView {
    T* data = nullptr;       ///< null where an optional tensor is missing
    int64_t batchStride = 0; ///< elements between sequences
    int64_t rowStride = 0;   ///< elements between time steps

    T* row(int64_t batch, int64_t step) const
    {
        return data + batch * batchStride + step * rowStride;
    }
};

/// View of the rows of a tensor; empty for an undefined one.
template <typename T>
RowView<const T> constRows(const at::Tensor& tensor)
{
    if (!tensor.defined())
        return {};
    return {tensor.const_data_ptr<T>(), tensor.stride(0), tensor.stride(1)};
}

/// Pointer to the elements of a contiguous tensor; null for an undefined one.
template <typename T>
const T* constDataOrNull(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.const_data_ptr<T>() : nullptr;
}

/// Writable pointer to the elements of a contiguous tensor; null for an undefined one.
template <typename T>
T* dataOrNull(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.mutable_data_ptr<T>() : nullptr;
}

/// Calls `body` with a value of the C++ type that stores `dtype`: float, c10::BFloat16 or double.
/// The dtype has been checked before.
template <class Body>
decltype(auto) dispatchStored(at::ScalarType dtype, const Body& body)
{
    switch (dtype) {
    case at::kBFloat16:
        return body(c10::BFloat16());
    case at::kDouble:
        return body(double());
    default:
        return body(float());
    }
}

} // namespace samba::kernels
