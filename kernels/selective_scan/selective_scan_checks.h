#pragma once

#include "kernels/selective_scan/selective_scan.h"

namespace samba::kernels {

/// Largest state size the scan accepts.
inline constexpr int64_t kMaxStateSize = 256;

/// Throws c10::Error naming the first tensor of `inputs` whose shape, dtype or stride does not fit.
/// @param op  name of the op for the message.
void checkSelectiveScanInputs(const char* op, const SelectiveScanInputs& inputs);

/// The same for the inputs of one step.
void checkSelectiveScanStepInputs(const char* op, const SelectiveScanStepInputs& inputs);

} // namespace samba::kernels
