#pragma once

#include "engine/io/tensor_view.h"
#include "engine/io/zip_archive.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace samba {

/// A state dictionary saved by `torch.save` in the zip format (PyTorch 1.6 and later).
///
/// The archive holds a pickle that describes the tensors and one uncompressed record per storage.
/// readPickledStateDict() reads the pickle: it knows the few names a state dictionary needs and
/// refuses every other one by name; nothing in the file is ever executed, nothing is unpacked.
/// Tensor data stays in the mapped file. Immutable: any thread.
class TorchZipFile {
public:
    /// Maps and checks a file.
    /// @throws Error  File if it cannot be opened; Format naming file, tensor and cause otherwise.
    static TorchZipFile open(const std::filesystem::path& path);

    /// The same over bytes that are in memory already.
    /// @param owner  kept by every view, so that the bytes outlive this object; may be null.
    /// @param path   named in errors.
    static TorchZipFile parse(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                              const std::filesystem::path& path);

    /// All tensors, sorted by name. Views may be strided, and share data where the saved tensors
    /// shared a storage.
    const std::vector<TensorView>& tensors() const { return m_tensors; }

    /// The tensor of that name, nullptr if there is none. Valid as long as this object.
    const TensorView* find(std::string_view name) const { return findTensor(m_tensors, name); }

    /// Reads all of the data once and holds it against the checksums in the archive (those of
    /// files saved without checksums pass). Opening checks the pickle's alone.
    /// @throws Error  Format naming the damaged record.
    void verifyChecksums() const;

    /// The path given to open().
    const std::filesystem::path& path() const { return m_path; }

private:
    TorchZipFile() = default;

    std::filesystem::path m_path;
    std::vector<TensorView> m_tensors;
    std::vector<ZipRecord> m_records;
    std::shared_ptr<const void> m_owner; ///< keeps the records' bytes alive
};

} // namespace samba
