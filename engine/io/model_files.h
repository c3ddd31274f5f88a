#pragma once

#include "engine/api/verification_report.h"
#include "engine/io/tensor_store.h"
#include "engine/model/tensor_manifest.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace samba {

/// Faults that are let pass, by patterns of tensor names (`*` and `?` as in a shell).
struct TensorAllowances {
    std::vector<std::string> missing;    ///< may be missing: filled as a fresh model has them
    std::vector<std::string> unexpected; ///< may be there: passed over
};

/// Whether a name is one of those that a pattern with `*` and `?` means.
bool matchesPattern(std::string_view name, std::string_view pattern);

/// A model folder, opened and held against its config.json tensor by tensor; no tensor is read yet
/// but a head that is claimed to repeat the embedding.
///
/// Reads Hugging Face's and state-spaces' layout, layers named by chunk (chunk_names.h), and a
/// readout that lies in a file of its own beside the weights of its backbone (readout_file, below).
/// Immutable. Thread: any.
class ModelFiles {
public:
    ModelFiles(ModelFiles&&) = default; // not copied: it points into itself

    /// @throws Error File or Format if the files themselves cannot be used. Tensors that contradict
    ///         config.json are no exception here: report() lists them.
    static ModelFiles open(const std::filesystem::path& folder,
                           const TensorAllowances& allowances = {});

    /// The model, its flags decided by config.json and, where that is silent, by the tensors.
    const ModelDescription& description() const { return m_description; }

    /// Every tensor with its place; checksums are not taken yet.
    const VerificationReport& report() const { return m_report; }

    /// Where a tensor of the model lies, by its name in the report; nullptr if it is not there.
    const TensorView* find(const std::string& name) const;

    /// Lets the system take back the pages that reading a tensor has brought into memory.
    void releasePages(const TensorView& tensor) const;

    /// @throws Error Format with every tensor that is wrong and was not allowed.
    void requireSound() const;

private:
    ModelFiles() = default;
    void nameTensors(const TensorStore& store);
    void decideFlags(std::optional<bool> projectionBias, std::optional<bool> convBias,
                     std::optional<bool> tiedHead);
    void verify(const TensorAllowances& allowances);
    void verifyUnexpected(const TensorManifest& manifest, const TensorAllowances& allowances);

    ModelDescription m_description;
    VerificationReport m_report;
    std::vector<TensorStore> m_stores;
    std::map<std::string, const TensorView*> m_tensors; ///< by their names in this program
    std::vector<const TensorView*> m_repeated;          ///< a second tensor of the same name
};

/// The readout of a Samba whose folder must stay readable by programs that know Mamba alone: its
/// tensors under their names in this program, the stride in the metadata.
namespace readout_file {
inline constexpr const char* kName = "readout.safetensors";
inline constexpr const char* kStrideKey = "samba_readout_stride";
} // namespace readout_file

} // namespace samba
