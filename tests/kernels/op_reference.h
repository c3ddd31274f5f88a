#pragma once

#include "engine/io/safetensors.h"
#include "engine/io/tensor_adapter.h"
#include "tests/support/fixtures.h"

#include <ATen/ATen.h>

#include <string>
#include <vector>

namespace samba::test {

/// One case of tests/data/ops: inputs, outputs and gradients in float64 from a plain loop, laid out
/// [batch, channels, length]; our kernels want the channels last.
class OpReference {
public:
    explicit OpReference(const std::string& name)
        : m_file(SafetensorsFile::open(dataPath("ops/" + name + ".safetensors")))
    {}

    bool has(const std::string& name) const { return m_file.find(name) != nullptr; }

    bool isOn(const std::string& key) const { return m_file.metadata().at(key) == "true"; }

    /// A tensor as stored, or undefined.
    at::Tensor plain(const std::string& name, at::ScalarType type) const
    {
        const TensorView* view = m_file.find(name);
        return view ? toTensor(*view).to(type) : at::Tensor();
    }

    /// A tensor with its last two dimensions swapped, or undefined.
    at::Tensor swapped(const std::string& name, at::ScalarType type) const
    {
        const at::Tensor tensor = plain(name, type);
        return tensor.defined() ? tensor.transpose(-1, -2).contiguous() : tensor;
    }

private:
    SafetensorsFile m_file;
};

/// The same values as a slice of a wider tensor: rows further apart than they are long.
inline at::Tensor asSlice(const at::Tensor& tensor)
{
    if (!tensor.defined())
        return tensor;
    std::vector<int64_t> sizes = tensor.sizes().vec();
    const int64_t width = sizes.back();
    sizes.back() = 2 * width + 3;
    // What lies between the rows would show in any result: large, but a number of the dtype.
    const double outside = tensor.scalar_type() == at::kHalf ? 6e4 : 1e30;
    at::Tensor wide = at::full(sizes, outside, tensor.options());
    wide.slice(-1, 2, 2 + width).copy_(tensor);
    return wide.slice(-1, 2, 2 + width);
}

} // namespace samba::test
