#include "engine/text/nfc.h"

#include "engine/api/error.h"
#include "engine/text/utf8.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>

namespace samba {

namespace {

void check(UErrorCode status)
{
    if (U_FAILURE(status))
        throw Error(ErrorKind::Internal,
                    std::string("Unicode normalisation failed: ") + u_errorName(status) + ".");
}

const icu::Normalizer2& nfc()
{
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
    check(status);
    return *normalizer;
}

icu::StringPiece pieceOf(std::string_view text)
{
    return icu::StringPiece(text.data(), static_cast<int32_t>(text.size()));
}

/// Calls `valid` for each run of valid UTF-8 and `broken` for each run of bytes between them.
template <typename Valid, typename Broken>
void forEachRun(std::string_view text, const Valid& valid, const Broken& broken)
{
    while (!text.empty()) {
        const bool isValid = nextUtf8(text).kind == Utf8Kind::Character;
        std::size_t length = 0;
        while (length < text.size()) {
            const Utf8Step step = nextUtf8(text.substr(length));
            if ((step.kind == Utf8Kind::Character) != isValid)
                break;
            length += step.length;
        }
        if (isValid)
            valid(text.substr(0, length));
        else
            broken(text.substr(0, length));
        text.remove_prefix(length);
    }
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

} // namespace

bool isNfc(std::string_view text)
{
    if (isAscii(text))
        return true;
    bool result = true;
    forEachRun(
        text,
        [&result](std::string_view run) {
            UErrorCode status = U_ZERO_ERROR;
            result = result && nfc().isNormalizedUTF8(pieceOf(run), status);
            check(status);
        },
        [](std::string_view) {});
    return result;
}

std::string normalizeNfc(std::string_view text)
{
    std::string normalized;
    normalized.reserve(text.size());
    forEachRun(
        text,
        [&normalized](std::string_view run) {
            icu::StringByteSink<std::string> sink(&normalized);
            UErrorCode status = U_ZERO_ERROR;
            nfc().normalizeUTF8(0, pieceOf(run), sink, nullptr, status);
            check(status);
        },
        [&normalized](std::string_view run) { normalized.append(run); });
    return normalized;
}

} // namespace samba
