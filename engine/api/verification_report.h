#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samba {

/// How a tensor of the file and a tensor of the model met.
enum class TensorStatus {
    Found,      ///< under the name that this program uses
    Renamed,    ///< under a name of another layout
    Tied,       ///< a head that repeats the embedding bit for bit; not kept twice
    Mask,       ///< a causal mask, which old GPT-2 files hold and nothing here needs
    Missing,    ///< the model has it, the file has not
    Unexpected, ///< the file has it, the model has not
    WrongShape,
    WrongType
};

/// "found", "renamed", "tied", "mask", "missing", "unexpected", "wrong shape", "wrong type".
const char* tensorStatusName(TensorStatus status);

/// One tensor that the model, the file or both of them have.
struct VerifiedTensor {
    std::string name;       ///< the one inside the program: Hugging Face's
    std::string storedName; ///< the one in the file, "" if it is missing there
    std::string chunkName;  ///< `chunks[c].layers[l]. ...`, "" outside the layers
    TensorStatus status = TensorStatus::Found;
    bool isAllowed = false;           ///< a fault that was allowed by name
    std::vector<int64_t> shape;       ///< in the file; wanted, if it is missing there
    std::vector<int64_t> wantedShape; ///< empty if it is unexpected
    std::string dtype;                ///< in the file: "F32", "BF16", ...
    /// CRC-32 of the elements in row-major order as they are stored, the same in every file
    /// format; nothing for a tensor that is not in the file or whose data was not read.
    std::optional<uint32_t> checksum;

    /// Whether model and file agree about it.
    bool isSound() const;
};

/// What became of every tensor when a model was read, and whether what lies beside it fits.
/// Plain values; immutable once made. Thread: any.
struct VerificationReport {
    std::string weightsFile;             ///< what was opened: the file or the index of the shards
    std::string layout;                  ///< "Hugging Face" or "state-spaces"
    std::vector<VerifiedTensor> tensors; ///< the model's in its order, then what is unexpected
    int64_t embeddingRows = 0;
    int64_t tokenizerSize = 0;         ///< 0 without a tokenizer
    std::vector<std::string> warnings; ///< one sentence each
    /// What is wrong beyond the tensors, a sentence each.
    std::vector<std::string> faults;

    /// Tensors of that status.
    int64_t count(TensorStatus status) const;
    /// Whether every tensor is sound or allowed and nothing else is wrong.
    bool isSound() const;
    /// "243 tensors: 242 found, 1 renamed".
    std::string summary() const;
};

/// One tensor of two models.
struct ComparedTensor {
    std::string name;
    bool isInFirst = false;
    bool isInSecond = false;
    bool hasEqualShape = false;
    bool hasEqualBits = false; ///< same type and same bytes
    double maxDifference = 0;  ///< largest |first - second|; NaN where it cannot be taken
};

/// Two models, tensor by tensor.
struct ModelComparison {
    std::string firstSource;
    std::string secondSource;
    std::vector<ComparedTensor> tensors;

    /// Largest difference of all tensors that could be compared.
    double maxDifference() const;
    /// Whether both have the same tensors with the same shapes.
    bool isComparable() const;
};

/// A checksum as 8 hexadecimal digits, "" for none.
std::string checksumText(const std::optional<uint32_t>& checksum);

} // namespace samba
