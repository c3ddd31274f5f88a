#include "engine/runtime/device_report.h"

#include "engine/api/error.h"
#include "engine/runtime/device.h"
#include "engine/runtime/process_memory.h"
#include "engine/runtime/processor.h"
#include "kernels/common/cpu_features.h"
#include "kernels/common/cuda_library.h"
#include "kernels/common/cuda_ops.h"
#include "kernels/common/instruction_set.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <thread>

namespace samba {
namespace {

using Finding = DeviceReport::Finding;

/// Sets DeviceReport::device and says why it is that one.
void addDevice(DeviceReport& report, const std::string& asked)
{
    try {
        const c10::Device device = resolveDevice(asked);
        report.device = device.str();
        const char* reason = asked != "auto"   ? "It was asked for."
                             : device.is_cpu() ? "No CUDA device can be used: see CUDA."
                                               : "It is the first CUDA device that can be used.";
        report.findings.push_back({"Device", report.device, reason});
    } catch (const Error& error) {
        report.findings.push_back(
            {"Device", "none", std::string(error.what()) + ' ' + error.remedy()});
    }
}

Finding threadsInUse()
{
    // 0 where the system does not tell.
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    const int threads = at::get_num_threads();
    return {"Threads", std::to_string(threads) + " of " + std::to_string(std::max(threads, cores)),
            threads < cores ? "Fewer than the processor runs at once: see --threads and "
                              "OMP_NUM_THREADS."
                            : ""};
}

Finding mainMemory()
{
    const MachineMemory memory = machineMemory();
    return {"Memory",
            formatGibibytes(memory.availableBytes) + " of " + formatGibibytes(memory.totalBytes) +
                " free",
            ""};
}

Finding cpuKernels()
{
    const std::string set = kernels::instructionSet();
    return {"CPU kernels", set,
            set.starts_with("AVX3")
                ? "AVX-512, the widest that they are built for."
                : "The widest of those they are built for that this processor has."};
}

Finding bfloat16()
{
    if (kernels::hasBFloat16Products())
        return {"bfloat16", "AVX512-BF16 or AMX", "Matrix products of training.bf16 use them."};
    return {"bfloat16", "no instructions",
            "This processor has neither AVX512-BF16 nor AMX: training.bf16 saves memory on the "
            "CPU, not time."};
}

/// The CUDA devices there are, or why there are none.
void addCudaDevices(DeviceReport& report)
{
    const std::string& problem = kernels::loadCudaLibrary();
    if (!problem.empty()) {
        report.findings.push_back({"CUDA", "none", problem});
        return;
    }
    const kernels::CudaOps& ops = kernels::cudaOps("doctor");
    for (int index = 0; index < ops.deviceCount(); ++index) {
        const kernels::CudaDevice device = ops.describeDevice(index);
        const std::string deviceProblem = cudaDeviceProblem(index);
        report.findings.push_back(
            {"cuda:" + std::to_string(index), device.name,
             deviceProblem.empty()
                 ? formatGibibytes(static_cast<double>(device.freeBytes)) + " of " +
                       formatGibibytes(static_cast<double>(device.totalBytes)) + " free."
                 : deviceProblem});
    }
    report.findings.push_back({"CUDA kernels", "scan, convolution, norm",
                               "Loss, AdamW and everything else are LibTorch's operations there."});
}

} // namespace

DeviceReport reportDevice(const std::string& device)
{
    DeviceReport report;
    addDevice(report, device);
    report.findings.push_back({"Processor", processorName(), ""});
    report.findings.push_back(threadsInUse());
    report.findings.push_back(mainMemory());
    report.findings.push_back(cpuKernels());
    report.findings.push_back(
        {"Matrix products", "LibTorch " TORCH_VERSION ", " + at::get_cpu_capability(), ""});
    report.findings.push_back(bfloat16());
    addCudaDevices(report);
    return report;
}

} // namespace samba
