#pragma once

#include "engine/io/tensor_view.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace samba {

/// What a pickled state dictionary says of one tensor, not yet held against its storage.
struct PickledTensor {
    std::string name;
    DType dtype = DType::F32;
    std::string storageKey;            ///< name of the record under data/
    std::int64_t storageCount = 0;     ///< elements the storage claims to hold
    std::int64_t offset = 0;           ///< first element inside the storage
    std::vector<std::int64_t> shape;   ///< none negative; its element count fits 64 bits
    std::vector<std::int64_t> strides; ///< in elements, one per dimension, none negative
};

/// Reads the pickle of a state dictionary as torch.save writes it (protocol 2).
///
/// A pickle is a program. This machine knows only the instructions and the handful of names that
/// a dictionary of tensors needs (collections.OrderedDict, torch._utils._rebuild_tensor_v2 and
/// _rebuild_parameter, the torch storage classes); to it they are marks, not things to call. Any
/// other instruction or name ends the reading with an error that says which, before anything is
/// built from it. Memory stays proportional to the pickle, nothing recurses. Thread: any.
/// Instruction set: PEP 307 and the comments of Python's pickletools module.
/// @param path  named in errors.
/// @throws Error  Format naming the instruction, the global or the entry.
std::vector<PickledTensor> readPickledStateDict(std::span<const std::byte> pickle,
                                                const std::filesystem::path& path);

} // namespace samba
