#pragma once

#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/selective_scan/selective_scan.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

namespace samba::kernels {

/// What the CUDA body of the scan gives.
struct CudaScanTensors {
    at::Tensor y;           ///< [B, L, D], dtype of u
    at::Tensor chunkStates; ///< [B, D, chunks, N], float32; the last chunk's is the last state
};

/// Gradients under the names of the inputs.
struct CudaConvGradients {
    at::Tensor x;
    at::Tensor weight;
    at::Tensor bias;
    at::Tensor initialState; ///< undefined where the input is
};

struct CudaNormTensors {
    at::Tensor y;
    at::Tensor scale; ///< [rows], float32
};

struct CudaNormGradients {
    at::Tensor x;
    at::Tensor weight;
};

/// One CUDA device.
struct CudaDevice {
    std::string name;
    int64_t totalBytes = 0;     ///< its memory
    int64_t freeBytes = 0;      ///< of that, what no program uses
    int64_t allocatedBytes = 0; ///< held by tensors of this program
    int64_t peakBytes = 0;      ///< the most that has been, since resetPeak()
    int64_t reservedBytes = 0;  ///< taken from the device by this program's allocator
};

/// Work of a CUDA device that was recorded once and is started as a whole (a CUDA graph).
class CudaGraph {
public:
    virtual ~CudaGraph() = default;

    /// Does the recorded work again, on the tensors that it was recorded with.
    virtual void replay() = 0;
};

/// The bodies of the ops for CUDA tensors. They live in a library of their own, which is loaded at
/// run time and only where there is a device, so that the program neither needs LibTorch's CUDA
/// half nor waits for it. Arguments have been checked; shapes and dtypes are those of the ops.
struct CudaOps {
    CudaScanTensors (*scanForward)(const SelectiveScanInputs& inputs);
    /// @param gradLastState  may be undefined.
    SelectiveScanInputs (*scanBackward)(const SelectiveScanInputs& inputs,
                                        const at::Tensor& chunkStates, const at::Tensor& gradY,
                                        const at::Tensor& gradLastState);
    at::Tensor (*scanStep)(const SelectiveScanStepInputs& inputs);
    at::Tensor (*convForward)(const CausalConv1dInputs& inputs);
    /// @param gradFinalState  may be undefined.
    CudaConvGradients (*convBackward)(const CausalConv1dInputs& inputs, const at::Tensor& gradY,
                                      const at::Tensor& gradFinalState);
    at::Tensor (*convStep)(const CausalConv1dStepInputs& inputs);
    CudaNormTensors (*normForward)(const at::Tensor& x, const at::Tensor& weight, double eps,
                                   at::ScalarType outputDtype);
    CudaNormGradients (*normBackward)(const at::Tensor& x, const at::Tensor& weight,
                                      const at::Tensor& scale, const at::Tensor& gradY);
    int (*deviceCount)();
    /// Ten times the compute capability: 75 for 7.5. @param index  below deviceCount(), as below.
    int (*capability)(int index);
    /// Begins to use the device, which takes some of its memory.
    CudaDevice (*describeDevice)(int index);
    /// CudaDevice::peakBytes counts from what is held now.
    void (*resetPeak)(int index);
    /// Waits until the device has done what it was given.
    void (*synchronize)(int index);
    /// Calls `body` twice: first for real, so that libraries take what they need for it, then to
    /// record what it starts. The body must not wait for the device. @throws c10::Error.
    std::unique_ptr<CudaGraph> (*recordGraph)(int index, const std::function<void()>& body);
};

/// Installs the bodies; null takes them away.
void setCudaOps(const CudaOps* ops);

/// The bodies. @throws c10::Error  naming the op, if none are installed.
const CudaOps& cudaOps(const char* op);

} // namespace samba::kernels
