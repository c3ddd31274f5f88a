#pragma once

#include "engine/api/metrics.h"
#include "engine/api/model_info.h"

#include <string>
#include <vector>

namespace samba::cli {

/// What a model is and how its parameters divide, for a person: lines of text. Thread: any.
std::string modelTable(const ModelInfo& info);

/// The sparsity measures, a row a chunk. Thread: any.
std::string chunkTable(const std::vector<ChunkMetrics>& chunks);

} // namespace samba::cli
