#include "app/cli/verification_text.h"

#include "app/cli/text_format.h"
#include "app/cli/text_table.h"

#include <nlohmann/json.hpp>

namespace samba::cli {
namespace {

std::string shapeText(const std::vector<int64_t>& shape)
{
    std::string text = "[";
    for (size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

/// What there is to say of a tensor beyond its status.
std::string note(const VerifiedTensor& tensor)
{
    std::string text;
    if (tensor.status == TensorStatus::Renamed)
        text = "was " + tensor.storedName;
    else if (tensor.status == TensorStatus::WrongShape)
        text = "wanted " + shapeText(tensor.wantedShape);
    else if (tensor.status == TensorStatus::WrongType)
        text = "wanted F32, F16 or BF16";
    else if (tensor.status == TensorStatus::Tied)
        text = "repeats the embedding";
    else if (tensor.status == TensorStatus::Mask)
        text = "not needed";
    if (tensor.isAllowed)
        text += (text.empty() ? "allowed" : ", allowed");
    return text;
}

std::string tokenizerText(const VerificationReport& report)
{
    return report.tokenizerSize > 0 ? formatInteger(report.tokenizerSize) + " entries for " +
                                          formatInteger(report.embeddingRows) + " rows"
                                    : "none";
}

} // namespace

std::string verificationTable(const VerificationReport& report)
{
    TextTable tensors(
        {{"TENSOR"}, {"STATUS"}, {"SHAPE"}, {"TYPE"}, {"CRC-32"}, {"CHUNK"}, {"NOTE"}});
    for (const VerifiedTensor& tensor : report.tensors) {
        // `chunks[1].layers.2.mixer.D` as `chunks[1].layers.2`: the rest stands in the name.
        const size_t layer = tensor.chunkName.find(".layers.");
        const size_t end = layer == std::string::npos ? 0 : tensor.chunkName.find('.', layer + 8);
        tensors.addRow({tensor.name, tensorStatusName(tensor.status), shapeText(tensor.shape),
                        tensor.dtype, checksumText(tensor.checksum),
                        tensor.chunkName.substr(0, end), note(tensor)});
    }
    TextTable facts({{}, {}});
    facts.addRow({"Weights", report.weightsFile + " (" + report.layout + " layout)"});
    facts.addRow({"Tensors", report.summary()});
    facts.addRow({"Tokenizer", tokenizerText(report)});
    facts.addRow({"Verdict", report.isSound() ? "every tensor is accounted for" : "not usable"});
    return tensors.toString() + '\n' + facts.toString();
}

std::string comparisonTable(const ModelComparison& comparison)
{
    TextTable table({{"TENSOR"}, {"COMPARED"}, {"MAX |A - B|", TextTable::Align::Right}});
    for (const ComparedTensor& tensor : comparison.tensors) {
        const char* verdict = !tensor.isInFirst           ? "missing in A"
                              : !tensor.isInSecond        ? "missing in B"
                              : !tensor.hasEqualShape     ? "other shape"
                              : tensor.hasEqualBits       ? "equal bits"
                              : tensor.maxDifference == 0 ? "equal"
                                                          : "differs";
        table.addRow({tensor.name, verdict, formatNumber(tensor.maxDifference)});
    }
    TextTable facts({{}, {}});
    facts.addRow({"A", comparison.firstSource});
    facts.addRow({"B", comparison.secondSource});
    facts.addRow({"Largest difference", formatNumber(comparison.maxDifference())});
    facts.addRow({"Same tensors", comparison.isComparable() ? "yes" : "no"});
    return table.toString() + '\n' + facts.toString();
}

Json toJson(const VerificationReport& report)
{
    Json tensors = Json::array();
    for (const VerifiedTensor& tensor : report.tensors) {
        Json json = {{"name", tensor.name},
                     {"status", tensorStatusName(tensor.status)},
                     {"allowed", tensor.isAllowed},
                     {"stored_name", tensor.storedName},
                     {"chunk_name", tensor.chunkName},
                     {"shape", tensor.shape},
                     {"wanted_shape", tensor.wantedShape},
                     {"dtype", tensor.dtype},
                     {"crc32", nullptr}};
        if (tensor.checksum)
            json["crc32"] = checksumText(tensor.checksum);
        tensors.push_back(std::move(json));
    }
    return {{"sound", report.isSound()},
            {"weights", report.weightsFile},
            {"layout", report.layout},
            {"summary", report.summary()},
            {"embedding_rows", report.embeddingRows},
            {"tokenizer_size", report.tokenizerSize},
            {"warnings", report.warnings},
            {"faults", report.faults},
            {"tensors", tensors}};
}

Json toJson(const ModelComparison& comparison)
{
    Json tensors = Json::array();
    for (const ComparedTensor& tensor : comparison.tensors)
        tensors.push_back({{"name", tensor.name},
                           {"in_first", tensor.isInFirst},
                           {"in_second", tensor.isInSecond},
                           {"equal_shape", tensor.hasEqualShape},
                           {"equal_bits", tensor.hasEqualBits},
                           {"max_difference", tensor.maxDifference}});
    return {{"first", comparison.firstSource},
            {"second", comparison.secondSource},
            {"comparable", comparison.isComparable()},
            {"max_difference", comparison.maxDifference()},
            {"tensors", tensors}};
}

} // namespace samba::cli
