#include "engine/model/position_limit.h"

#include <algorithm>
#include <string>

namespace samba {

void requirePositions(const LanguageModel& model, int64_t tokens, std::string_view what,
                      std::string_view remedy, ErrorKind kind)
{
    if (readablePositions(model, tokens) < tokens)
        throw Error(kind,
                    std::string(what) + " has " + std::to_string(tokens) +
                        " tokens, but this transformer reads at most " +
                        std::to_string(model.maxPositions()) + ".",
                    std::string(remedy));
}

int64_t readablePositions(const LanguageModel& model, int64_t tokens)
{
    return model.maxPositions() > 0 ? std::min(tokens, model.maxPositions()) : tokens;
}

} // namespace samba
