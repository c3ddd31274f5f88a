#pragma once

#include <filesystem>

namespace samba {

/// A model folder that appears whole or not at all: it is written under a temporary name beside its
/// place and renamed by commit(). Destruction without commit() removes what was written.
/// Thread: one at a time.
class OutputFolder {
public:
    /// Makes the temporary folder.
    /// @param isReplacing  a model folder that is there is replaced by commit(); without it, and
    /// for
    ///                     anything that is no model folder, only an empty one is.
    /// @throws Error File if something is there that must not be replaced, or it cannot be made.
    OutputFolder(std::filesystem::path path, bool isReplacing);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// Where to write.
    const std::filesystem::path& temporaryPath() const { return m_temporaryPath; }

    /// Gives the folder its name. @throws Error File; what was there before is there still.
    void commit();

private:
    std::filesystem::path m_path;
    std::filesystem::path m_temporaryPath;
};

} // namespace samba
