#pragma once

#include "engine/api/error.h"
#include "engine/model/language_model.h"

#include <string_view>

namespace samba {

/// Refuses a text that is longer than the model can read.
/// @param tokens  of the whole text.
/// @param what    begins the sentence: "The prompt".
/// @param remedy  what to do about it, a sentence.
/// @throws Error of that kind. Thread: any.
void requirePositions(const LanguageModel& model, int64_t tokens, std::string_view what,
                      std::string_view remedy, ErrorKind kind = ErrorKind::InvalidArgument);

/// So many tokens, or as many as the model can read. Thread: any.
int64_t readablePositions(const LanguageModel& model, int64_t tokens);

} // namespace samba
