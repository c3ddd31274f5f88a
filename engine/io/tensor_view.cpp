#include "engine/io/tensor_view.h"

#include <algorithm>
#include <array>

namespace samba {

namespace {

struct DTypeEntry {
    DType dtype;
    const char* name;
    std::size_t size;
};

constexpr std::array kDTypes = {
    DTypeEntry{DType::F64, "F64", 8}, DTypeEntry{DType::F32, "F32", 4},
    DTypeEntry{DType::F16, "F16", 2}, DTypeEntry{DType::BF16, "BF16", 2},
    DTypeEntry{DType::I64, "I64", 8}, DTypeEntry{DType::I32, "I32", 4},
    DTypeEntry{DType::I16, "I16", 2}, DTypeEntry{DType::I8, "I8", 1},
    DTypeEntry{DType::U8, "U8", 1},   DTypeEntry{DType::BOOL, "BOOL", 1},
};

const DTypeEntry& entryOf(DType dtype)
{
    return kDTypes[static_cast<std::size_t>(dtype)];
}

static_assert(std::all_of(kDTypes.begin(), kDTypes.end(),
                          [](const DTypeEntry& entry) {
                              return &entry == &kDTypes[static_cast<std::size_t>(entry.dtype)];
                          }),
              "entryOf() needs the table in the order of the enumeration");

} // namespace

std::size_t dtypeSize(DType dtype)
{
    return entryOf(dtype).size;
}

const char* dtypeName(DType dtype)
{
    return entryOf(dtype).name;
}

std::optional<DType> dtypeFromName(std::string_view name)
{
    for (const DTypeEntry& entry : kDTypes) {
        if (name == entry.name) {
            return entry.dtype;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> elementCount(std::span<const std::int64_t> shape)
{
    std::int64_t product = 1;
    bool isEmpty = false;
    for (const std::int64_t size : shape) {
        if (size < 0) {
            return std::nullopt;
        }
        if (size == 0) {
            isEmpty = true;
        } else if (__builtin_mul_overflow(product, size, &product)) {
            return std::nullopt;
        }
    }
    return isEmpty ? 0 : product;
}

std::vector<std::int64_t> contiguousStrides(std::span<const std::int64_t> shape)
{
    std::vector<std::int64_t> strides(shape.size());
    std::int64_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        strides[i] = stride;
        stride *= std::max<std::int64_t>(shape[i], 1);
    }
    return strides;
}

std::string shapeText(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + "]";
}

std::int64_t TensorView::count() const
{
    return elementCount(shape).value_or(0);
}

bool TensorView::isContiguous() const
{
    const std::vector<std::int64_t> wanted = contiguousStrides(shape);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 0) {
            return true;
        }
        // The stride of a dimension of size 1 is never used.
        if (shape[i] != 1 && strides[i] != wanted[i]) {
            return count() == 0;
        }
    }
    return true;
}

const TensorView* findTensor(std::span<const TensorView> sortedByName, std::string_view name)
{
    const auto place = std::lower_bound(
        sortedByName.begin(), sortedByName.end(), name,
        [](const TensorView& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return place != sortedByName.end() && place->name == name ? &*place : nullptr;
}

} // namespace samba
