#include "kernels/common/checks.h"

#include <algorithm>
#include <sstream>
#include <string>

namespace samba::kernels {
namespace {

std::string joinedDtypes(std::initializer_list<at::ScalarType> dtypes)
{
    std::ostringstream text;
    const char* separator = "";
    for (const at::ScalarType dtype : dtypes) {
        text << separator << dtype;
        separator = " or ";
    }
    return text.str();
}

} // namespace

void ArgumentChecks::defined(const char* name, const at::Tensor& tensor) const
{
    TORCH_CHECK(tensor.defined(), m_op, ": ", name, ": wanted a tensor, got an undefined one");
}

void ArgumentChecks::shape(const char* name, const at::Tensor& tensor, at::IntArrayRef wanted) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.sizes() == wanted, m_op, ": ", name, ": wanted shape ", wanted, ", got ",
                tensor.sizes());
}

void ArgumentChecks::rank(const char* name, const at::Tensor& tensor, int64_t wanted) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.dim() == wanted, m_op, ": ", name, ": wanted ", wanted,
                " dimensions, got shape ", tensor.sizes());
}

void ArgumentChecks::dtype(const char* name, const at::Tensor& tensor,
                           std::initializer_list<at::ScalarType> wanted) const
{
    defined(name, tensor);
    TORCH_CHECK(std::find(wanted.begin(), wanted.end(), tensor.scalar_type()) != wanted.end(), m_op,
                ": ", name, ": wanted dtype ", joinedDtypes(wanted), ", got ",
                tensor.scalar_type());
}

void ArgumentChecks::onCpu(const char* name, const at::Tensor& tensor) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.device().is_cpu(), m_op, ": ", name, ": wanted device cpu, got ",
                tensor.device());
}

void ArgumentChecks::hasKernels(const char* name, const at::Tensor& tensor) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.is_cpu() || tensor.is_cuda(), m_op, ": ", name,
                ": wanted device cpu or cuda, got ", tensor.device());
}

void ArgumentChecks::onSameDevice(const char* name, const at::Tensor& tensor,
                                  const at::Tensor& other) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.device() == other.device(), m_op, ": ", name, ": wanted device ",
                other.device(), ", got ", tensor.device());
}

void ArgumentChecks::activationDtype(const char* name, const at::Tensor& tensor) const
{
    defined(name, tensor);
    dtype(name, tensor, {at::kFloat, at::kBFloat16, tensor.is_cuda() ? at::kHalf : at::kDouble});
}

void ArgumentChecks::lastDimContiguous(const char* name, const at::Tensor& tensor) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.dim() == 0 || tensor.size(-1) == 1 || tensor.stride(-1) == 1, m_op, ": ",
                name, ": wanted stride 1 in the last dimension, got strides ", tensor.strides());
}

void ArgumentChecks::contiguous(const char* name, const at::Tensor& tensor) const
{
    defined(name, tensor);
    TORCH_CHECK(tensor.is_contiguous(), m_op, ": ", name,
                ": wanted a contiguous tensor, got shape ", tensor.sizes(), " with strides ",
                tensor.strides());
}

void ArgumentChecks::range(const char* name, int64_t value, int64_t low, int64_t high) const
{
    TORCH_CHECK(low <= value && value <= high, m_op, ": ", name, ": wanted a value in [", low, ", ",
                high, "], got ", value);
}

} // namespace samba::kernels
