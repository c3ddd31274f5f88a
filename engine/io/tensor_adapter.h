#pragma once

#include "engine/io/safetensors_writer.h"
#include "engine/io/tensor_view.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace samba {

/// The LibTorch type of a stored type. Thread: any.
at::ScalarType toScalarType(DType dtype);

/// The inverse. @throws Error  InvalidArgument for a type that files do not hold.
DType toDType(at::ScalarType type);

/// A CPU tensor over the bytes of a view, of its shape, strides and type.
///
/// Zero copy: the tensor keeps the view's owner (the mapped file) alive. It is READ-ONLY: writing
/// to it faults, so copy it (`clone`, `to`, `copy_` into a parameter) before changing anything.
/// Only where the data is not aligned to its element size, which formats allow, a copy is made.
/// Thread: any.
at::Tensor toTensor(const TensorView& view);

/// Tensors to be saved, by name.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes tensors of any device and layout to a safetensors file, one after the other: at most one
/// of them is copied to the CPU at a time. The file appears whole or not at all.
/// @throws Error  as SafetensorsWriter. Thread: the one that owns the tensors.
void saveSafetensors(
    const std::filesystem::path& path, const NamedTensors& tensors,
    const std::map<std::string, std::string>& metadata = defaultSafetensorsMetadata());

} // namespace samba
