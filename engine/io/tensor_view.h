#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// Element types of tensors in files, named as safetensors names them.
enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL };

/// Bytes of one element.
std::size_t dtypeSize(DType dtype);

/// The name in a safetensors header: "F32", "BF16", ...
const char* dtypeName(DType dtype);

/// The inverse of dtypeName; nothing for a name outside the list.
std::optional<DType> dtypeFromName(std::string_view name);

/// Largest number of dimensions accepted from a file.
inline constexpr std::size_t kMaxTensorRank = 64;

/// Number of elements of a shape, nothing if a size is negative or the product of the sizes that
/// are not 0 overflows 64 bits (so that strides of an empty tensor are representable, too).
std::optional<std::int64_t> elementCount(std::span<const std::int64_t> shape);

/// Row-major strides in elements. The shape must have passed elementCount().
std::vector<std::int64_t> contiguousStrides(std::span<const std::int64_t> shape);

/// "[2, 3]", for messages.
std::string shapeText(std::span<const std::int64_t> shape);

/// One tensor of a file, without a copy: where its bytes lie and how they are laid out.
///
/// The bytes are little-endian and read-only. Two views whose `bytes` begin at one address share
/// their data, as a tied head and its embedding do in pytorch_model.bin.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides; ///< in elements, one per dimension, never negative
    /// From the first element to the end of the last one; empty without elements. Not always
    /// aligned to the size of an element: formats do not promise it.
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner; ///< keeps `bytes` alive

    /// Number of elements.
    std::int64_t count() const;
    /// True if the elements lie in row-major order without gaps.
    bool isContiguous() const;
};

/// Looks a tensor up in a list sorted by name; nullptr if it is not there.
const TensorView* findTensor(std::span<const TensorView> sortedByName, std::string_view name);

} // namespace samba
