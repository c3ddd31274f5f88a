#include "engine/model/position_limit.h"

#include <algorithm>

namespace samba {

void requirePositions(const LanguageModel& model, int64_t tokens, const std::string& what,
                      const std::string& remedy, ErrorKind kind)
{
    if (readablePositions(model, tokens) < tokens)
        throw Error(kind,
                    what + " has " + std::to_string(tokens) +
                        " tokens, but this transformer reads at most " +
                        std::to_string(model.maxPositions()) + ".",
                    remedy);
}

int64_t readablePositions(const LanguageModel& model, int64_t tokens)
{
    return model.maxPositions() > 0 ? std::min(tokens, model.maxPositions()) : tokens;
}

} // namespace samba
