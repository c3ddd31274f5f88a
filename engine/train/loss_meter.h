#pragma once

#include "engine/train/losses.h"

#include <array>

namespace samba {

/// Means of loss terms over micro-batches, weighted by their targets. Sums stay on the device until
/// they are asked for. Thread: engine.
class LossMeter {
public:
    /// The means; values of a part that the model lacks are NaN.
    struct Means {
        double total = 0;
        double main = 0;
        double readout = 0;
        double pruning = 0;
        double perplexity = 0; ///< exp(main)
        double accuracy = 0;
        double readoutAccuracy = 0;
        int64_t counted = 0; ///< targets
    };

    /// Sums in the order total, main, readout, pruning (each times targets), correct,
    /// readoutCorrect, counted: all that a checkpoint needs to go on with.
    using Sums = std::array<double, 7>;

    void add(const LossTerms& terms);
    void reset() { m_sums.reset(); }

    /// Waits for the device.
    Means means() const;
    Sums sums() const;
    void restore(const Sums& sums);

private:
    at::Tensor m_sums; ///< [7], float64; undefined before the first add()
};

} // namespace samba
