#pragma once

#include "engine/api/config.h"

namespace samba::cli {

class Console;

/// The data set with a published name turned into the folder it lies in, downloaded with progress
/// where it is not here yet.
/// @throws Error  as hub::locateDataset().
DatasetConfig locatedDataset(const DatasetConfig& dataset, Console& console);

} // namespace samba::cli
