#include "engine/io/tensor_adapter.h"

#include "engine/api/error.h"

#include <ATen/Functions.h>

#include <array>
#include <cstring>

namespace samba {

namespace {

constexpr std::array<std::pair<DType, at::ScalarType>, 10> kTypes = {{
    {DType::F64, at::kDouble},
    {DType::F32, at::kFloat},
    {DType::F16, at::kHalf},
    {DType::BF16, at::kBFloat16},
    {DType::I64, at::kLong},
    {DType::I32, at::kInt},
    {DType::I16, at::kShort},
    {DType::I8, at::kChar},
    {DType::U8, at::kByte},
    {DType::BOOL, at::kBool},
}};

bool isAligned(const TensorView& view)
{
    return reinterpret_cast<std::uintptr_t>(view.bytes.data()) % dtypeSize(view.dtype) == 0;
}

std::span<const std::byte> bytesOf(const at::Tensor& contiguousCpuTensor)
{
    return {static_cast<const std::byte*>(contiguousCpuTensor.const_data_ptr()),
            contiguousCpuTensor.nbytes()};
}

} // namespace

at::ScalarType toScalarType(DType dtype)
{
    for (const auto& [stored, type] : kTypes) {
        if (stored == dtype) {
            return type;
        }
    }
    throw Error(ErrorKind::Internal, "a stored type has no LibTorch type");
}

DType toDType(at::ScalarType type)
{
    for (const auto& [stored, known] : kTypes) {
        if (known == type) {
            return stored;
        }
    }
    throw Error(ErrorKind::InvalidArgument,
                std::string("tensors of type ") + c10::toString(type) +
                    " cannot be written to a file",
                "Convert the tensor to a floating, integer or boolean type first.");
}

at::Tensor toTensor(const TensorView& view)
{
    const at::TensorOptions options = at::TensorOptions().dtype(toScalarType(view.dtype));
    if (view.bytes.empty()) {
        return at::empty(view.shape, options);
    }
    if (!isAligned(view)) {
        // Same strides over an aligned buffer of the same extent.
        const auto extent = static_cast<std::int64_t>(view.bytes.size() / dtypeSize(view.dtype));
        const at::Tensor buffer = at::empty({extent}, options);
        std::memcpy(buffer.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
        return buffer.as_strided(view.shape, view.strides);
    }
    // from_blob wants a mutable pointer; nothing below this call writes through it.
    void* data = const_cast<std::byte*>(view.bytes.data());
    return at::from_blob(
        data, view.shape, view.strides, [owner = view.owner](void*) {}, options);
}

void saveSafetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                     const std::map<std::string, std::string>& metadata)
{
    std::vector<TensorSpec> specs;
    for (const auto& [name, tensor] : tensors) {
        specs.push_back({name, toDType(tensor.scalar_type()), tensor.sizes().vec()});
    }
    SafetensorsWriter writer(path, std::move(specs), metadata);
    for (const auto& [name, tensor] : tensors) {
        writer.write(name, bytesOf(tensor.detach().cpu().contiguous()));
    }
    writer.commit();
}

} // namespace samba
