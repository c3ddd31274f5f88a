#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace samba {

// Two ways to name the tensors of a layer. Inside the program layers are counted through,
// `backbone.layers.{g}.*`; a model that is built of chunks names them by chunk,
// `chunks[{c}].layers.{l}.*`, with g = c * stride + l. Thread: any.

/// `backbone.layers.5.mixer.D` with a stride of 4 as `chunks[1].layers.1.mixer.D`, a transformer's
/// `transformer.h.5. ...` likewise; empty for a name that is none of a layer's.
std::string chunkName(std::string_view layerName, int64_t stride);

/// The inverse, which also takes PyTorch's spelling `chunks.1.layers.1. ...` and a `backbone.`
/// before it; empty for any other name, and for a layer number beyond the stride.
std::string layerName(std::string_view chunkName, int64_t stride);

} // namespace samba
