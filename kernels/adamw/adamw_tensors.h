#pragma once

#include "kernels/adamw/adamw.h"
#include "kernels/adamw/adamw_cpu.h"

namespace samba::kernels {

/// The numbers of an update, worked out in double and rounded once, as torch.optim.AdamW does.
AdamWNumbers adamwNumbers(const AdamWStep& update);

/// adamwStep() as tensor operations, for devices without a kernel of ours.
/// @param update   the tensors; its numbers are not read.
/// @param numbers  the same, worked out.
void adamwUpdateTensors(const AdamWStep& update, const AdamWNumbers& numbers);

/// squaredNorm() as tensor operations, for devices without a kernel of ours. Waits for the device.
double squaredNormTensors(at::TensorList values);

} // namespace samba::kernels
