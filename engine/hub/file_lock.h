#pragma once

#include "engine/io/file_descriptor.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace samba::hub {

/// An advisory lock on a file, as huggingface_hub takes it (flock); held until destruction.
class FileLock {
public:
    /// Waits for the lock; makes the file if there is none.
    /// @param goesOn  asked ten times a second while waiting; false gives up.
    /// @return        nothing if given up.
    /// @throws Error File if the file cannot be made or locked.
    static std::optional<FileLock> acquire(const std::filesystem::path& file,
                                           const std::function<bool()>& goesOn);

private:
    explicit FileLock(FileDescriptor file) : m_file(std::move(file)) {}

    FileDescriptor m_file;
};

} // namespace samba::hub
