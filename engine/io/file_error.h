#pragma once

#include "engine/api/error.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace samba {

/// A string from a file, made fit for a message: in single quotes, control characters and broken
/// UTF-8 escaped as \xNN, cut after 120 bytes. Thread: any.
std::string quotedText(std::string_view text);

/// The path in single quotes, escaped likewise, in full: says which file a message is about.
std::string quotedPath(const std::filesystem::path& path);

/// True if `text` is well-formed UTF-8 (no overlong forms, no surrogates). Thread: any.
bool isValidUtf8(std::string_view text);

/// Reports content that is not what it should be.
/// @param cause   the rest of the sentence that begins with the path, e.g. "is empty".
/// @param remedy  "" stands for the advice to fetch the file again.
/// @throws Error  always, Format.
[[noreturn]] void throwFormatError(const std::filesystem::path& path, const std::string& cause,
                                   std::string remedy = {});

/// Reports a failed system call on a file: "'/a/b' cannot be <action>: <meaning of errnoValue>".
/// @throws Error  always, File.
[[noreturn]] void throwSystemError(const std::filesystem::path& path, const std::string& action,
                                   int errnoValue);

/// What stands in place of a model file after a failed download or clone.
struct ForeignContent {
    std::string cause;  ///< continues a sentence that begins with the path
    std::string remedy; ///< what to do about it
};

/// The formats of weights that are read.
enum class WeightFormat { Safetensors, TorchZip };

/// Recognises files that commonly lie where weights should be: empty ones, Git LFS pointers,
/// HTML pages, weights of another format. Nothing if the file begins as `expected` does, or like
/// none of these. Thread: any.
/// @param bytes  the whole file.
std::optional<ForeignContent> recogniseForeignContent(std::span<const std::byte> bytes,
                                                      WeightFormat expected);

} // namespace samba
