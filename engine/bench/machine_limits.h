#pragma once

#include "engine/api/config.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace samba {

/// Measures how fast a device reads its memory. @return bytes a second.
using BandwidthMeter = std::function<double()>;

/// A meter with a buffer far beyond the caches. On the CPU it lies in huge pages where the system
/// gives them and is read by the threads that the program computes with; elsewhere it is summed up.
/// Thread: engine.
/// @param sizeBytes  a multiple of 1 MB.
BandwidthMeter makeBandwidthMeter(int64_t sizeBytes, c10::Device device);

/// What products a pass over tokens needs.
struct ProductWork {
    int64_t tokens = 0;
    int64_t headTokens = 0;    ///< tokens that are projected onto the vocabulary
    bool hasGradients = false; ///< with the products of the backward pass
    bool isBFloat16 = false;   ///< operands and results
    c10::Device device{c10::kCPU};
};

/// The matrix products of a model alone, LibTorch's on operands made beforehand: what remains of a
/// pass when everything else costs nothing. Layers share their operands. Thread: engine.
class ProductFloor {
public:
    ProductFloor(const ModelConfig& config, const ProductWork& work);

    /// Runs all products once. @return seconds.
    double measure() const;

    /// Multiplications and additions of one run.
    double operations() const;

private:
    struct Product {
        at::Tensor left;
        at::Tensor right;
        at::Tensor result;
        int64_t count = 1;
    };

    void add(int64_t tokens, int64_t inputs, int64_t outputs, int64_t count);

    std::vector<Product> m_products;
    bool m_hasGradients = false;
    at::TensorOptions m_options; ///< of the operands
};

} // namespace samba
