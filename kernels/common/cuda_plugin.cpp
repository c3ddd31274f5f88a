// The library with the CUDA kernels: its table of ops and what it knows of devices.

#include "kernels/causal_conv1d/causal_conv1d_cuda_tensors.h"
#include "kernels/common/cuda_ops.h"
#include "kernels/rms_norm/rms_norm_cuda_tensors.h"
#include "kernels/selective_scan/selective_scan_cuda_tensors.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

namespace samba::kernels {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

int capability(int index)
{
    int major = 0;
    int minor = 0;
    C10_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index));
    C10_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index));
    return 10 * major + minor;
}

CudaDevice describeDevice(int index)
{
    const auto device = static_cast<c10::DeviceIndex>(index);
    const c10::DeviceIndex before = c10::cuda::current_device();
    c10::cuda::set_device(device);
    cudaDeviceProp properties{};
    C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, index));
    size_t free = 0;
    size_t total = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    c10::cuda::set_device(before);

    CudaDevice description;
    description.name = properties.name;
    description.totalBytes = static_cast<int64_t>(total);
    description.freeBytes = static_cast<int64_t>(free);
    if (allocator::get()->initialized()) {
        const auto stats = allocator::getDeviceStats(device);
        const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        description.allocatedBytes = stats.allocated_bytes[all].current;
        description.peakBytes = stats.allocated_bytes[all].peak;
        description.reservedBytes = stats.reserved_bytes[all].current;
    }
    return description;
}

void resetPeak(int index)
{
    if (allocator::get()->initialized())
        allocator::resetPeakStats(static_cast<c10::DeviceIndex>(index));
}

void synchronize(int index)
{
    const c10::cuda::CUDAGuard device(static_cast<c10::DeviceIndex>(index));
    c10::cuda::device_synchronize();
}

class RecordedGraph : public CudaGraph {
public:
    RecordedGraph(int index, const std::function<void()>& body)
        : m_device(static_cast<c10::DeviceIndex>(index))
    {
        const c10::cuda::CUDAGuard device(m_device);
        // Recording takes a stream that is not the default one; everything before must be done.
        c10::cuda::device_synchronize();
        const c10::cuda::CUDAStreamGuard stream(c10::cuda::getStreamFromPool(false, m_device));
        body();
        c10::cuda::device_synchronize();
        m_graph.capture_begin();
        try {
            body();
        } catch (...) {
            endFailedRecording();
            throw;
        }
        m_graph.capture_end();
    }

    void replay() override
    {
        const c10::cuda::CUDAGuard device(m_device);
        m_graph.replay();
    }

private:
    /// The stream must leave its recording state; that this fails too says nothing new.
    void endFailedRecording()
    {
        try {
            m_graph.capture_end();
        } catch (const c10::Error&) {
            cudaGetLastError();
        }
    }

    c10::DeviceIndex m_device;
    at::cuda::CUDAGraph m_graph;
};

std::unique_ptr<CudaGraph> recordGraph(int index, const std::function<void()>& body)
{
    return std::make_unique<RecordedGraph>(index, body);
}

} // namespace
} // namespace samba::kernels

extern "C" __attribute__((visibility("default"))) const samba::kernels::CudaOps* sambaCudaOps();

/// The only name that the program looks up (loadCudaLibrary()).
extern "C" const samba::kernels::CudaOps* sambaCudaOps()
{
    namespace k = samba::kernels;
    static constexpr k::CudaOps kOps{
        .scanForward = k::gpu::scanForwardTensors,
        .scanBackward = k::gpu::scanBackwardTensors,
        .scanStep = k::gpu::scanStepTensors,
        .convForward = k::gpu::convForwardTensors,
        .convBackward = k::gpu::convBackwardTensors,
        .convStep = k::gpu::convStepTensors,
        .normForward = k::gpu::normForwardTensors,
        .normBackward = k::gpu::normBackwardTensors,
        .deviceCount = [] { return static_cast<int>(c10::cuda::device_count()); },
        .capability = k::capability,
        .describeDevice = k::describeDevice,
        .resetPeak = k::resetPeak,
        .synchronize = k::synchronize,
        .recordGraph = k::recordGraph,
    };
    return &kOps;
}
