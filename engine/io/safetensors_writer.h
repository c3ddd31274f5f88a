#pragma once

#include "engine/io/atomic_file.h"
#include "engine/io/tensor_view.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// Name, type and shape of a tensor that is to be written.
struct TensorSpec {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
};

/// The metadata that PyTorch programs write and expect: {"format": "pt"}.
std::map<std::string, std::string> defaultSafetensorsMetadata();

/// Writes a safetensors file tensor by tensor, so that the data need never be in memory twice.
///
/// The file appears under its name at commit(), whole or not at all. Tensors are laid out by
/// falling element size, then by name, which aligns each of them to its own element size; the
/// same tensors in any order give the same bytes. Thread: one at a time.
class SafetensorsWriter {
public:
    /// Lays the file out and takes its space on the disk.
    /// @throws Error  InvalidArgument for a repeated or impossible name, a shape that overflows
    ///                or text that is not UTF-8; File if the file cannot be created.
    SafetensorsWriter(
        const std::filesystem::path& path, std::vector<TensorSpec> tensors,
        const std::map<std::string, std::string>& metadata = defaultSafetensorsMetadata());

    /// Writes the data of one tensor; any order, each exactly once.
    /// @param bytes  row-major, little-endian, as many as dtype and shape say.
    /// @throws Error  InvalidArgument for an unknown name, a second time or a wrong size; File.
    void write(std::string_view name, std::span<const std::byte> bytes);

    /// Gives the file its name.
    /// @throws Error  InvalidArgument naming a tensor that was not written; File.
    void commit();

private:
    struct Place {
        std::uint64_t offset = 0; ///< from the beginning of the file
        std::uint64_t sizeBytes = 0;
        bool isWritten = false;
    };

    std::map<std::string, Place, std::less<>> m_places;
    AtomicFile m_file;
};

/// Writes all of `tensors` (contiguous views; `owner` may be null) in one call.
/// @throws Error  as SafetensorsWriter; InvalidArgument for a view that is not contiguous.
void writeSafetensors(
    const std::filesystem::path& path, std::span<const TensorView> tensors,
    const std::map<std::string, std::string>& metadata = defaultSafetensorsMetadata());

} // namespace samba
