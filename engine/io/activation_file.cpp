#include "engine/io/activation_file.h"

#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"
#include "engine/io/float16.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace samba {

namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the file is written as memory has it");

constexpr std::string_view kMagic = "SAMBAFR1";
constexpr size_t kPreambleBytes = kMagic.size() + sizeof(uint64_t);
/// Far above any frame; keeps the product of damaged sizes from overflowing.
constexpr int64_t kLargestSide = int64_t{1} << 20;

Json headerOf(const ActivationFrame& frame)
{
    return {{"source", frame.source == ActivationFrame::Source::Text ? "text" : "training"},
            {"step", frame.step},
            {"chunk_count", frame.chunkCount},
            {"seq_len", frame.seqLen},
            {"d_model", frame.dModel},
            {"token_ids", frame.tokenIds},
            {"tokens", frame.tokens},
            {"has_attention", !frame.attention.empty()}};
}

void appendHalves(std::string& bytes, const std::vector<float>& values)
{
    const size_t begin = bytes.size();
    bytes.resize(begin + values.size() * sizeof(uint16_t));
    char* out = bytes.data() + begin;
    for (const float value : values) {
        const uint16_t half = toFloat16(value);
        std::memcpy(out, &half, sizeof(half));
        out += sizeof(half);
    }
}

/// Takes `count` values off the front.
std::vector<float> takeHalves(std::string_view& bytes, size_t count)
{
    std::vector<float> values(count);
    for (float& value : values) {
        uint16_t half = 0;
        std::memcpy(&half, bytes.data(), sizeof(half));
        bytes.remove_prefix(sizeof(half));
        value = fromFloat16(half);
    }
    return values;
}

/// The frame a header describes, without its values; false if the header contradicts itself.
bool readHeader(const Json& header, ActivationFrame& frame, bool& hasAttention)
{
    frame.source = header.at("source") == "text" ? ActivationFrame::Source::Text
                                                 : ActivationFrame::Source::TrainingBatch;
    frame.step = header.at("step").get<int64_t>();
    frame.chunkCount = header.at("chunk_count").get<int64_t>();
    frame.seqLen = header.at("seq_len").get<int64_t>();
    frame.dModel = header.at("d_model").get<int64_t>();
    frame.tokenIds = header.at("token_ids").get<std::vector<int32_t>>();
    frame.tokens = header.at("tokens").get<std::vector<std::string>>();
    hasAttention = header.at("has_attention").get<bool>();
    const auto isSide = [](int64_t side) { return side >= 0 && side <= kLargestSide; };
    return isSide(frame.chunkCount) && isSide(frame.seqLen) && isSide(frame.dModel) &&
           frame.tokenIds.size() == static_cast<size_t>(frame.seqLen) &&
           frame.tokens.size() == static_cast<size_t>(frame.seqLen);
}

} // namespace

void writeActivationFile(const ActivationFrame& frame, const std::filesystem::path& file)
{
    const std::string header = headerOf(frame).dump(-1, ' ', false, Json::error_handler_t::replace);
    const uint64_t headerBytes = header.size();
    std::string bytes(kMagic);
    bytes.append(reinterpret_cast<const char*>(&headerBytes), sizeof(headerBytes));
    bytes += header;
    for (const std::vector<float>& chunk : frame.values)
        appendHalves(bytes, chunk);
    appendHalves(bytes, frame.attention);
    writeFileAtomically(file, bytes);
}

ActivationFramePtr readActivationFile(const std::filesystem::path& file)
{
    static constexpr const char* kRemedy = "Delete the file; the run goes on without it.";
    const std::string content = readTextFile(file);
    std::string_view bytes = content;
    uint64_t headerBytes = 0;
    if (bytes.size() >= kPreambleBytes)
        std::memcpy(&headerBytes, bytes.data() + kMagic.size(), sizeof(headerBytes));
    if (bytes.size() < kPreambleBytes || bytes.substr(0, kMagic.size()) != kMagic ||
        headerBytes > bytes.size() - kPreambleBytes)
        throwFormatError(file, "is no activation frame or was cut short", kRemedy);
    bytes.remove_prefix(kPreambleBytes);

    auto frame = std::make_shared<ActivationFrame>();
    bool hasAttention = false;
    try {
        if (!readHeader(Json::parse(bytes.substr(0, headerBytes)), *frame, hasAttention))
            throwFormatError(file, "has a header that contradicts itself", kRemedy);
    } catch (const Json::exception&) {
        throwFormatError(file, "has a damaged header", kRemedy);
    }
    bytes.remove_prefix(headerBytes);

    const auto chunkValues = static_cast<size_t>(frame->seqLen * frame->dModel);
    const auto chunks = static_cast<size_t>(frame->chunkCount);
    const size_t attentionValues =
        hasAttention ? static_cast<size_t>(frame->seqLen) * chunks : size_t{0};
    // Divisions first: a damaged header may ask for more bytes than 64 bits can count.
    const size_t values = bytes.size() / sizeof(uint16_t);
    const bool fits = (chunkValues == 0 || chunks <= values / chunkValues) &&
                      bytes.size() == (chunkValues * chunks + attentionValues) * sizeof(uint16_t);
    if (!fits)
        throwFormatError(file, "does not have as many values as its header says", kRemedy);
    for (size_t i = 0; i < chunks; ++i)
        frame->values.push_back(takeHalves(bytes, chunkValues));
    frame->attention = takeHalves(bytes, attentionValues);
    return frame;
}

} // namespace samba
