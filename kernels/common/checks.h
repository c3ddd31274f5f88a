#pragma once

#include <initializer_list>

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

namespace samba::kernels {

/// Checks the arguments of one op and reports the first that does not fit in one form:
/// "op: tensor: wanted ..., got ...". Every function throws c10::Error. Thread: any.
class ArgumentChecks {
public:
    /// @param op  name of the op, a string literal.
    explicit ArgumentChecks(const char* op) : m_op(op) {}

    /// The tensor is defined.
    void defined(const char* name, const at::Tensor& tensor) const;
    /// The tensor has exactly this shape.
    void shape(const char* name, const at::Tensor& tensor, at::IntArrayRef wanted) const;
    /// The tensor has this number of dimensions.
    void rank(const char* name, const at::Tensor& tensor, int64_t wanted) const;
    /// The tensor has one of these dtypes.
    void dtype(const char* name, const at::Tensor& tensor,
               std::initializer_list<at::ScalarType> wanted) const;
    /// The tensor lies in main memory.
    void onCpu(const char* name, const at::Tensor& tensor) const;
    /// The tensor lies where ops have kernels: in main memory or on a CUDA device.
    void hasKernels(const char* name, const at::Tensor& tensor) const;
    /// The tensor lies on the device of another one, named in the message.
    void onSameDevice(const char* name, const at::Tensor& tensor, const at::Tensor& other) const;
    /// The tensor has a dtype of activations: float32, bfloat16 or, depending on its device,
    /// float64 (main memory) or float16 (CUDA).
    void activationDtype(const char* name, const at::Tensor& tensor) const;
    /// Neighbours along the last dimension are neighbours in memory.
    void lastDimContiguous(const char* name, const at::Tensor& tensor) const;
    /// The whole tensor is contiguous.
    void contiguous(const char* name, const at::Tensor& tensor) const;
    /// A number lies in [low, high].
    void range(const char* name, int64_t value, int64_t low, int64_t high) const;

private:
    const char* m_op;
};

} // namespace samba::kernels
