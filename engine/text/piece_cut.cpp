#include "engine/text/piece_cut.h"

#include "engine/text/utf8.h"

#include <unicode/uchar.h>

#include <algorithm>

namespace samba {

namespace {

/// True if the character before `position` can be seen, position > 0.
bool followsVisible(std::string_view text, std::size_t position)
{
    std::size_t start = position - 1;
    while (start > 0 && position - start < 4 &&
           (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80)
        --start;
    const Utf8Step step = nextUtf8(text.substr(start, position - start));
    return step.kind != Utf8Kind::Character ||
           !u_isUWhiteSpace(static_cast<UChar32>(step.codePoint));
}

} // namespace

std::size_t cutPlace(std::string_view text)
{
    for (const char blank : {'\n', ' '})
        for (std::size_t at = text.rfind(blank); at != std::string_view::npos && at > 0;
             at = text.rfind(blank, at - 1))
            if (followsVisible(text, at))
                return at;
    std::size_t start = text.size() - 1;
    while (start > 1 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80)
        --start;
    return std::max<std::size_t>(start, 1);
}

} // namespace samba
