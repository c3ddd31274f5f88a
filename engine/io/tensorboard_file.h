#pragma once

#include "engine/io/file_descriptor.h"
#include "engine/io/tensorboard_event.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// A payload as TensorBoard's event files frame it: u64 length, u32 masked CRC-32C of the length,
/// payload, u32 masked CRC-32C of the payload; little-endian. Thread: any.
std::string tensorboardRecord(std::string_view payload);

/// The name of an event file: "events.out.tfevents.<seconds>.<host>.<process>.0".
std::string tensorboardFileName(int64_t secondsSince1970);

/// Whether a file's name is that of an event file, as TensorBoard decides it.
bool isTensorboardFileName(std::string_view name);

/// The event files directly in a folder, by name, which is the order in which they were begun;
/// none if the folder cannot be read. Thread: any.
std::vector<std::filesystem::path> tensorboardFiles(const std::filesystem::path& folder);

/// Reads an event file from front to back, also while it grows. Thread: one at a time.
class TensorboardFileReader {
public:
    /// @throws Error File.
    explicit TensorboardFileReader(std::filesystem::path path);

    /// The next event; nothing at the end of the file and where the last record is not whole yet:
    /// asking again goes on from there.
    /// @throws Error Format if a record is damaged, File.
    std::optional<TensorboardEvent> next();

    /// Goes to the first record that begins at or after a place of the file.
    /// @return whether there is one. @throws Error File.
    bool seek(uint64_t offsetBytes);

    /// @throws Error File.
    uint64_t fileSize() const;

private:
    bool fill(uint64_t sizeBytes);
    [[noreturn]] void throwDamaged(const std::string& what) const;

    std::filesystem::path m_path;
    FileDescriptor m_file;
    std::string m_buffer; ///< bytes of the file from m_bufferBegin on
    uint64_t m_bufferBegin = 0;
    uint64_t m_position = 0; ///< of the next record in the file
};

} // namespace samba
