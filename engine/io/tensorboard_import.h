#pragma once

#include "engine/api/run_history.h"

#include <filesystem>
#include <vector>

namespace samba {

/// The folders with event files of other programs at or below a folder, at most three levels down
/// and among the first two thousand folders; run folders, which tell more than their event files,
/// are not entered, nor are hidden folders. Thread: any.
std::vector<std::filesystem::path> findTensorboardFolders(const std::filesystem::path& base);

/// The line of the Runs list for such a folder: read from the beginning of its first file and the
/// end of its last. @throws Error File or Format. Thread: any.
RunSummary readTensorboardSummary(const std::filesystem::path& folder);

/// All scalars and texts of such a folder. What a restarted program logged again replaces what it
/// had logged before; points are sorted by step.
/// @throws Error File or Format. Thread: any, also while the files grow.
RunHistory readTensorboardRun(const std::filesystem::path& folder);

} // namespace samba
