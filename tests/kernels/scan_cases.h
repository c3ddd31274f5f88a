#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kernels/selective_scan/selective_scan.h"

namespace samba::test {

/// Sizes and switches of one scan under test.
struct ScanCase {
    int64_t batch = 2;
    int64_t length = 7;
    int64_t channels = 5;
    int64_t states = 16;
    double rate = 1;          ///< of -A: 300 makes some steps forget everything
    bool skip = true;         ///< D
    bool gate = true;         ///< z
    bool bias = true;         ///< deltaBias
    bool initialState = true; ///< initialState
    bool softplus = true;     ///< deltaSoftplus
};

/// The tensor inputs by name.
using ScanMember = std::pair<const char*, at::Tensor kernels::SelectiveScanInputs::*>;
const std::vector<ScanMember>& scanMembers();

/// Random inputs from a fixed seed, contiguous, float64 or rounded to `dtype`.
kernels::SelectiveScanInputs makeScanInputs(const ScanCase& sizes, at::ScalarType dtype);

/// The same values as float64, without history, wanting gradients if asked.
kernels::SelectiveScanInputs asDouble(const kernels::SelectiveScanInputs& inputs,
                                      bool requiresGradient = false);

/// Independent copies that want gradients.
kernels::SelectiveScanInputs asVariables(const kernels::SelectiveScanInputs& inputs);

/// The tensors that are defined, in the order of scanMembers().
std::vector<at::Tensor> definedTensors(const kernels::SelectiveScanInputs& inputs);

/// The definition of the scan as loops over numbers.
/// @param inputs  float64.
kernels::SelectiveScanResult literalScan(const kernels::SelectiveScanInputs& inputs);

} // namespace samba::test
