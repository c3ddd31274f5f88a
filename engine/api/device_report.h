#pragma once

#include <string>
#include <vector>

namespace samba {

/// What the engine computes with, and why it does not use anything faster.
struct DeviceReport {
    struct Finding {
        std::string topic;  ///< "Device", "CPU kernels"
        std::string inUse;  ///< "cpu", "AVX2"
        std::string reason; ///< sentences, or empty where there is nothing to explain
    };

    std::string device; ///< "cpu", "cuda:0"; empty where the one asked for cannot be used
    std::vector<Finding> findings;
};

} // namespace samba
