#pragma once

#include "engine/io/tensor_view.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace samba {

/// One tensor of a pytorch_model.bin; contiguous. Two that name one storage share its data.
struct TorchTensorSpec {
    std::string name;
    DType dtype = DType::F32; ///< F32, F16 or BF16
    std::vector<std::int64_t> shape;
    std::size_t storage = 0; ///< index of the storage that holds it, from its first element on
};

/// Writes a state dictionary as `torch.save` does (zip format, pickle protocol 2): an OrderedDict
/// of tensors that torch.load reads, with weights_only as well.
///
/// Storages are written one after the other, so that the data need never be in memory twice.
/// Thread: one at a time.
class TorchZipWriter {
public:
    /// Creates the file and writes its pickle.
    /// @throws Error  File; InvalidArgument for a type that is not supported.
    TorchZipWriter(const std::filesystem::path& path, const std::vector<TorchTensorSpec>& tensors);
    ~TorchZipWriter();

    /// Writes the next storage, in the order of their indices.
    /// @throws Error File.
    void writeStorage(std::span<const std::byte> bytes);

    /// Completes the file and makes it durable. @throws Error File.
    void finish();

private:
    class Archive;
    void guarded(const std::function<void()>& write);

    std::filesystem::path m_path;
    std::unique_ptr<Archive> m_archive;
    std::size_t m_nextStorage = 0;
};

} // namespace samba
