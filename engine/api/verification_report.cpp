#include "engine/api/verification_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace samba {
namespace {

constexpr TensorStatus kAllStatuses[] = {TensorStatus::Found,      TensorStatus::Renamed,
                                         TensorStatus::Tied,       TensorStatus::Mask,
                                         TensorStatus::Missing,    TensorStatus::Unexpected,
                                         TensorStatus::WrongShape, TensorStatus::WrongType};

} // namespace

const char* tensorStatusName(TensorStatus status)
{
    switch (status) {
    case TensorStatus::Found:
        return "found";
    case TensorStatus::Renamed:
        return "renamed";
    case TensorStatus::Tied:
        return "tied";
    case TensorStatus::Mask:
        return "mask";
    case TensorStatus::Missing:
        return "missing";
    case TensorStatus::Unexpected:
        return "unexpected";
    case TensorStatus::WrongShape:
        return "wrong shape";
    case TensorStatus::WrongType:
        return "wrong type";
    }
    return "";
}

bool VerifiedTensor::isSound() const
{
    return status == TensorStatus::Found || status == TensorStatus::Renamed ||
           status == TensorStatus::Tied || status == TensorStatus::Mask;
}

int64_t VerificationReport::count(TensorStatus status) const
{
    return std::count_if(tensors.begin(), tensors.end(), [status](const VerifiedTensor& tensor) {
        return tensor.status == status;
    });
}

bool VerificationReport::isSound() const
{
    return faults.empty() &&
           std::all_of(tensors.begin(), tensors.end(), [](const VerifiedTensor& tensor) {
               return tensor.isSound() || tensor.isAllowed;
           });
}

std::string VerificationReport::summary() const
{
    std::string text = std::to_string(tensors.size()) + " tensors";
    const char* separator = ": ";
    for (const TensorStatus status : kAllStatuses) {
        if (const int64_t number = count(status); number > 0) {
            text += separator + std::to_string(number) + " " + tensorStatusName(status);
            separator = ", ";
        }
    }
    return text;
}

double ModelComparison::maxDifference() const
{
    double most = 0;
    for (const ComparedTensor& tensor : tensors)
        if (tensor.hasEqualShape) // a NaN stays: it is the worst difference there is
            most = std::isnan(tensor.maxDifference) || tensor.maxDifference > most
                       ? tensor.maxDifference
                       : most;
    return most;
}

bool ModelComparison::isComparable() const
{
    return std::all_of(tensors.begin(), tensors.end(),
                       [](const ComparedTensor& tensor) { return tensor.hasEqualShape; });
}

std::string checksumText(const std::optional<uint32_t>& checksum)
{
    if (!checksum)
        return {};
    char text[9];
    std::snprintf(text, sizeof text, "%08x", *checksum);
    return text;
}

} // namespace samba
