#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// One value of a TensorBoard summary, as far as it is a number or a text.
struct TensorboardValue {
    std::string tag;
    std::optional<double> scalar;
    std::optional<std::string> text; ///< UTF-8 where this program wrote it, any bytes elsewhere
};

/// The parts of TensorBoard's Event message that a log of scalars and texts needs
/// (compat/proto/event.proto, summary.proto, tensor.proto of tensorflow/tensorboard).
struct TensorboardEvent {
    double wallTime = 0; ///< seconds since 1970
    int64_t step = 0;
    std::string fileVersion;     ///< in the first event of a file alone
    bool isSessionStart = false; ///< what was logged for this step and later is void
    std::vector<TensorboardValue> values;
};

/// The event as a protocol buffer. Scalars become `simple_value` (float32), texts become tensors
/// of the text plugin. Thread: any.
std::string encodeTensorboardEvent(const TensorboardEvent& event);

/// The inverse; reads numbers as `simple_value` and as scalar tensors of any width (float_val,
/// tensor_content, ...). Pictures, histograms and graphs are passed over. Thread: any.
/// @throws Error Format.
TensorboardEvent decodeTensorboardEvent(std::string_view message);

} // namespace samba
