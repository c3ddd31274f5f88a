#pragma once

#include "engine/hub/blob_hash.h"
#include "engine/io/file_descriptor.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace samba::hub {

/// A file that arrives over the network: `<blob>.incomplete` until it is whole and verified.
/// What is there when it is opened counts as arrived; what is there when it is destroyed stays for
/// the next attempt. One writer at a time (see FileLock).
class PartialFile {
public:
    /// @param blob       the name it gets in the end; its folder must exist.
    /// @param etag       checksum, see BlobHash.
    /// @throws Error File, Format.
    PartialFile(std::filesystem::path blob, const std::string& etag, int64_t sizeBytes);

    int64_t arrivedBytes() const { return m_arrived; }
    int64_t sizeBytes() const { return m_size; }
    bool isComplete() const { return m_arrived == m_size; }

    /// @throws Error File, e.g. on a full disk; Format for more bytes than the file has.
    void append(std::string_view bytes);

    /// Forgets what has arrived.
    void restart();

    /// Verifies the complete file and gives it its name.
    /// @return false if the checksum is wrong; the file is then empty again.
    bool commit();

private:
    void readArrived();

    std::filesystem::path m_blob;
    std::filesystem::path m_path;
    std::string m_etag;
    int64_t m_size;
    int64_t m_arrived = 0;
    FileDescriptor m_file;
    BlobHash m_hash;
};

/// The size of what has arrived of a blob so far, 0 if nothing has. Thread: any.
int64_t arrivedBytes(const std::filesystem::path& blob);

} // namespace samba::hub
