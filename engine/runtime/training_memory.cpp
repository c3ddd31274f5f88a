#include "engine/runtime/training_memory.h"

#include "engine/api/memory_estimate.h"
#include "engine/runtime/process_memory.h"
#include "kernels/common/cuda_ops.h"

namespace samba {
namespace {

double deviceBytes(c10::Device device)
{
    if (!device.is_cuda())
        return machineMemory().totalBytes;
    return static_cast<double>(
        kernels::cudaOps("training").describeDevice(device.index()).totalBytes);
}

/// What would take less memory, of what the configuration leaves.
std::string remedy(const TrainingConfig& training)
{
    std::string text = "Shorten training.seq_len";
    if (training.batchSize > 1)
        text += ", lower training.batch_size and raise training.gradient_accumulation_steps by as "
                "much";
    if (!training.gradientCheckpointing)
        text += ", set training.gradient_checkpointing";
    if (!training.bf16)
        text += ", set training.bf16";
    return text + ", or choose a smaller model.";
}

} // namespace

Error trainingMemoryError(const Config& config, c10::Device device)
{
    const TrainingConfig& training = config.training;
    return {ErrorKind::Memory,
            "There is not enough memory on " + device.str() + " for training steps of " +
                std::to_string(training.batchSize) + " x " + std::to_string(training.seqLen) +
                " tokens at a time: they take about " +
                formatGibibytes(estimateTrainingMemory(config).total()) + " of the " +
                formatGibibytes(deviceBytes(device)) + " in all.",
            remedy(training)};
}

} // namespace samba
