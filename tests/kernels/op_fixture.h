#pragma once

#include <map>
#include <string>

#include <ATen/core/Tensor.h>

namespace samba::test {

/// A file of tests/data/ops in memory.
class OpFixture {
public:
    /// Reads `name`.safetensors; throws samba::Error if that fails.
    explicit OpFixture(const std::string& name);

    /// The tensor of that name, float64, contiguous; undefined if the file has none.
    at::Tensor tensor(const std::string& name) const;
    /// The same with the last two of three dimensions exchanged: (batch, channel, time) of the file
    /// becomes [batch, time, channel] of the ops.
    at::Tensor timeMajor(const std::string& name) const;
    /// The metadata entry of that name; throws std::out_of_range if there is none.
    const std::string& metadata(const std::string& key) const { return m_metadata.at(key); }

private:
    std::map<std::string, at::Tensor> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

} // namespace samba::test
