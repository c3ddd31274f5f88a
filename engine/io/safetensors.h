#pragma once

#include "engine/io/tensor_view.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// The longest header the format allows, in bytes.
inline constexpr std::size_t kMaxSafetensorsHeader = 100'000'000;

/// A safetensors file: 8 bytes little-endian header length, a JSON header, then the data.
///
/// Opening checks every rule of the format before anything is believed: length of the header,
/// one JSON object without repeated keys, known dtypes, offsets that agree with shape and dtype,
/// data covered without overlap and without holes. No tensor data is read. Immutable: any thread.
/// Format: https://github.com/huggingface/safetensors, README, "Format".
class SafetensorsFile {
public:
    /// Maps and checks a file.
    /// @throws Error  File if it cannot be opened; Format naming file, tensor and cause otherwise.
    static SafetensorsFile open(const std::filesystem::path& path);

    /// The same over bytes that are in memory already.
    /// @param owner  kept by every view, so that the bytes outlive this object; may be null.
    /// @param path   named in errors.
    static SafetensorsFile parse(std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner,
                                 const std::filesystem::path& path);

    /// All tensors, sorted by name; contiguous.
    const std::vector<TensorView>& tensors() const { return m_tensors; }

    /// The tensor of that name, nullptr if there is none. Valid as long as this object.
    const TensorView* find(std::string_view name) const { return findTensor(m_tensors, name); }

    /// The `__metadata__` entries, e.g. {"format": "pt"}.
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }

    /// The path given to open().
    const std::filesystem::path& path() const { return m_path; }

private:
    SafetensorsFile() = default;

    std::filesystem::path m_path;
    std::vector<TensorView> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

} // namespace samba
