#include "tests/kernels/op_fixture.h"

#include "engine/io/safetensors.h"
#include "tests/support/fixtures.h"

#include <cstring>

#include <ATen/ops/empty.h>

namespace samba::test {

OpFixture::OpFixture(const std::string& name)
{
    const SafetensorsFile file = SafetensorsFile::open(dataPath("ops/" + name + ".safetensors"));
    m_metadata = file.metadata();
    for (const TensorView& view : file.tensors()) {
        TORCH_CHECK(view.dtype == DType::F64, name, ": ", view.name, " is not float64");
        at::Tensor tensor = at::empty(view.shape, at::kDouble);
        std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
        m_tensors.emplace(view.name, tensor);
    }
}

at::Tensor OpFixture::tensor(const std::string& name) const
{
    const auto found = m_tensors.find(name);
    return found == m_tensors.end() ? at::Tensor() : found->second;
}

at::Tensor OpFixture::timeMajor(const std::string& name) const
{
    const at::Tensor found = tensor(name);
    return found.defined() ? found.transpose(1, 2).contiguous() : found;
}

} // namespace samba::test
