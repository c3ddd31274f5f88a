#pragma once

#include "engine/io/tensor_view.h"
#include "engine/io/torch_zip.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// The tensors of a model on disk, whatever files they lie in.
///
/// One interface over safetensors and pytorch_model.bin, single or split into shards. Opening
/// checks the files and maps them; no tensor data is read. Immutable: any thread.
class TensorStore {
public:
    /// Opens a model folder. The first of these that exists is used, and files() says which:
    /// model.safetensors, model.safetensors.index.json, pytorch_model.bin,
    /// pytorch_model.bin.index.json.
    /// @throws Error  File if the folder or a shard is missing, or the folder holds none of these;
    ///                Format for damaged files, and for an index that disagrees with its shards.
    static TensorStore openFolder(const std::filesystem::path& folder);

    /// Opens one file: *.safetensors, an index (*.index.json), anything else as a PyTorch zip.
    /// @throws Error  as openFolder.
    static TensorStore openFile(const std::filesystem::path& path);

    /// All tensors, sorted by name. Tied tensors that a file stores once appear under each of
    /// their names, with the same address.
    const std::vector<TensorView>& tensors() const { return m_tensors; }

    /// The tensor of that name, nullptr if there is none. Valid as long as this object.
    const TensorView* find(std::string_view name) const { return findTensor(m_tensors, name); }

    /// Reads all data once and holds it against the checksums its files carry: PyTorch archives
    /// have them, safetensors files have none.
    /// @throws Error  Format naming the file and the damaged record.
    void verifyChecksums() const;

    /// Lets the system take back the memory that reading one of the tensors has filled; the tensor
    /// is fetched from the file again when it is read again.
    void releasePages(const TensorView& tensor) const;

    /// `__metadata__` of a single safetensors file, otherwise empty.
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }

    /// What was opened first: the single file or the index. For titles and messages.
    const std::filesystem::path& mainFile() const { return m_mainFile; }

    /// The files that hold data, sorted: the single file or all shards.
    const std::vector<std::filesystem::path>& files() const { return m_files; }

private:
    TensorStore() = default;
    static TensorStore openIndex(const std::filesystem::path& path);
    std::vector<TensorView> readDataFile(const std::filesystem::path& path);

    std::vector<TensorView> m_tensors;
    std::map<std::string, std::string> m_metadata;
    std::filesystem::path m_mainFile;
    std::vector<std::filesystem::path> m_files;
    std::vector<TorchZipFile> m_archives; ///< those of `m_files` that are PyTorch archives
};

} // namespace samba
