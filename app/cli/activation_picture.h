#pragma once

#include "app/cli/activation_statistics.h"
#include "engine/api/activation_frame.h"
#include "engine/api/model_info.h"

#include <filesystem>
#include <vector>

namespace samba::cli {

/// What a picture of activations shows.
struct ActivationPicture {
    const ActivationFrame& frame;
    const ModelInfo& model;
    const std::vector<ChunkStatistics>& statistics; ///< one entry a chunk
    double threshold = 1e-3;                        ///< |x| below it counts as zero
};

/// Draws one map a chunk (position by unit, |x| on a logarithmic scale from the threshold up), the
/// readout's attention, the share of entries near zero and the scale, and writes it as a PNG file.
/// Makes the process's QGuiApplication: call it once, on the main thread.
/// @throws Error File if the file cannot be written.
void savePicture(const ActivationPicture& picture, const std::filesystem::path& file);

} // namespace samba::cli
