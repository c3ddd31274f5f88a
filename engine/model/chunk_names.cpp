#include "engine/model/chunk_names.h"

#include <charconv>
#include <optional>

namespace samba {
namespace {

constexpr std::string_view kBackbone = "backbone.";
constexpr std::string_view kLayers = "layers.";
constexpr std::string_view kTransformerLayers = "transformer.h.";
constexpr std::string_view kChunks = "chunks";

/// Takes a prefix away; false if the text does not begin with it.
bool take(std::string_view& text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Takes a plain decimal number away; nothing if there is none, or one with needless zeros.
std::optional<int64_t> takeNumber(std::string_view& text)
{
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<size_t>(end - text.data());
    constexpr int64_t kMost = 1'000'000; // products of two of them stay far below 2^63
    if (error != std::errc() || number < 0 || number > kMost ||
        (text.front() == '0' && digits > 1) || text.front() == '-')
        return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

} // namespace

std::string chunkName(std::string_view layerName, int64_t stride)
{
    const bool isMamba = take(layerName, kBackbone) && take(layerName, kLayers);
    if (!isMamba && !take(layerName, kTransformerLayers))
        return {};
    const std::optional<int64_t> layer = takeNumber(layerName);
    if (!layer || !layerName.starts_with('.'))
        return {};
    return "chunks[" + std::to_string(*layer / stride) + "].layers." +
           std::to_string(*layer % stride) + std::string(layerName);
}

std::string layerName(std::string_view chunkName, int64_t stride)
{
    take(chunkName, kBackbone);
    if (!take(chunkName, kChunks))
        return {};
    const bool hasBrackets = take(chunkName, "[");
    if (!hasBrackets && !take(chunkName, "."))
        return {};
    const std::optional<int64_t> chunk = takeNumber(chunkName);
    if (!chunk || (hasBrackets && !take(chunkName, "]")) || !take(chunkName, ".layers."))
        return {};
    const std::optional<int64_t> layer = takeNumber(chunkName);
    if (!layer || *layer >= stride || !chunkName.starts_with('.'))
        return {};
    return std::string(kBackbone) + std::string(kLayers) +
           std::to_string(*chunk * stride + *layer) + std::string(chunkName);
}

} // namespace samba
