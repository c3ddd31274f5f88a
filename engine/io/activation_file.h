#pragma once

#include "engine/api/activation_frame.h"

#include <filesystem>

namespace samba {

// A stored activation frame, one file, little-endian:
//   8 bytes   "SAMBAFR1"
//   8 bytes   length of the header, uint64
//   header    JSON: source ("text" or "training"), step, chunk_count, seq_len, d_model,
//             token_ids [seq_len], tokens [seq_len], has_attention
//   float16   values [chunk_count, seq_len, d_model]
//   float16   attention [seq_len, chunk_count], if has_attention

/// Writes a frame; the file appears whole or not at all. Values keep 11 significant bits.
/// @throws Error File. Thread: any.
void writeActivationFile(const ActivationFrame& frame, const std::filesystem::path& file);

/// Reads a frame.
/// @throws Error File if it cannot be read, Format if it is damaged. Thread: any.
ActivationFramePtr readActivationFile(const std::filesystem::path& file);

} // namespace samba
