#include "engine/io/file_error.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <system_error>

namespace samba {

namespace {

constexpr std::size_t kQuotedLimit = 120;
constexpr const char* kFetchAgain = "Download or copy the file again.";

/// Bytes that begin a UTF-8 sequence at `text[0]`, 0 if it is not well-formed.
std::size_t utf8SequenceLength(std::string_view text)
{
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byteAt(0);
    if (first < 0x80) {
        return 1;
    }
    std::size_t length = 0;
    unsigned char secondMin = 0x80;
    unsigned char secondMax = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        // E0 below A0 would be overlong, ED above 9F a surrogate.
        secondMin = first == 0xE0 ? 0xA0 : 0x80;
        secondMax = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        // F0 below 90 would be overlong, F4 above 8F past U+10FFFF.
        secondMin = first == 0xF0 ? 0x90 : 0x80;
        secondMax = first == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    if (text.size() < length || byteAt(1) < secondMin || byteAt(1) > secondMax) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byteAt(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

void appendEscaped(std::string& out, unsigned char byte)
{
    constexpr const char* kDigits = "0123456789abcdef";
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xF];
}

/// The text with control characters and broken UTF-8 escaped, so that it can stand in a message.
std::string printable(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        std::size_t length = utf8SequenceLength(text);
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            appendEscaped(out, byte);
            length = 1;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

bool startsWithIgnoringCase(std::string_view text, std::string_view prefix)
{
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char wanted, char got) {
               return wanted == std::tolower(static_cast<unsigned char>(got));
           });
}

} // namespace

std::string quotedText(std::string_view text)
{
    const bool isCut = text.size() > kQuotedLimit;
    return "'" + printable(text.substr(0, kQuotedLimit)) + (isCut ? "'..." : "'");
}

std::string quotedPath(const std::filesystem::path& path)
{
    return "'" + printable(path.string()) + "'";
}

bool isValidUtf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = utf8SequenceLength(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

void throwFormatError(const std::filesystem::path& path, const std::string& cause,
                      std::string remedy)
{
    if (remedy.empty()) {
        remedy = kFetchAgain;
    }
    throw Error(ErrorKind::Format, quotedPath(path) + " " + cause, std::move(remedy));
}

void throwSystemError(const std::filesystem::path& path, const std::string& action, int errnoValue)
{
    std::string remedy;
    switch (errnoValue) {
    case ENOENT:
    case ENOTDIR:
        remedy = "Check the path, or fetch the missing file.";
        break;
    case EACCES:
    case EPERM:
    case EROFS:
        remedy = "Check the permissions of the file and its folder.";
        break;
    case ENOSPC:
    case EDQUOT:
        remedy = "Free some disk space, or choose another folder.";
        break;
    default:
        remedy = "Check the disk the file lies on.";
        break;
    }
    throw Error(ErrorKind::File,
                quotedPath(path) + " cannot be " + action + ": " +
                    std::generic_category().message(errnoValue),
                std::move(remedy));
}

std::optional<ForeignContent> recogniseForeignContent(std::span<const std::byte> bytes,
                                                      WeightFormat expected)
{
    if (bytes.empty()) {
        return ForeignContent{"is empty (0 bytes)", kFetchAgain};
    }
    constexpr std::size_t kHeadSize = 256;
    std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                          std::min(bytes.size(), kHeadSize));
    // The brace that opens the header follows 8 bytes of length.
    const bool beginsLikeSafetensors = head.size() > 8 && head[8] == '{';
    const bool beginsLikeZip = head.starts_with("PK\x03\x04");
    if (expected == WeightFormat::Safetensors ? beginsLikeSafetensors : beginsLikeZip) {
        return std::nullopt;
    }
    if (beginsLikeZip) {
        return ForeignContent{"is a zip archive, as pytorch_model.bin files are",
                              "Give the file the suffix .bin if it is one."};
    }
    if (beginsLikeSafetensors) {
        return ForeignContent{"is not a zip archive, it seems to be a safetensors file",
                              "Give the file the suffix .safetensors if it is one."};
    }
    if (head.starts_with("version https://git-lfs")) {
        return ForeignContent{"is a Git LFS pointer, not the file it points to",
                              "Run 'git lfs pull' in its folder, or download the file itself."};
    }
    if (head.size() > 1 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5) {
        return ForeignContent{
            "is a bare pickle (the legacy format of PyTorch before 1.6), not a zip archive",
            "Save it again with a current PyTorch, or convert it to safetensors."};
    }
    while (!head.empty() && std::isspace(static_cast<unsigned char>(head.front())) != 0) {
        head.remove_prefix(1);
    }
    if (startsWithIgnoringCase(head, "<!doctype html") || startsWithIgnoringCase(head, "<html")) {
        return ForeignContent{"is an HTML page, not a model file",
                              "The download got an error page: check the address and the access "
                              "rights, then download the file again."};
    }
    return std::nullopt;
}

} // namespace samba
