#pragma once

#include "app/cli/json_results.h"
#include "engine/api/verification_report.h"

#include <string>

namespace samba::cli {

// What verification found, for a person and for a script. Thread: any.

/// A line a tensor, then the sums.
std::string verificationTable(const VerificationReport& report);

/// A line a tensor with the largest difference, then the largest of all.
std::string comparisonTable(const ModelComparison& comparison);

/// {"sound", "weights", "layout", "tensors": [{"name", "status", ...}], "tokenizer", ...}
Json toJson(const VerificationReport& report);

/// {"first", "second", "comparable", "max_difference", "tensors": [...]}
Json toJson(const ModelComparison& comparison);

} // namespace samba::cli
