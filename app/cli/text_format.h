#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace samba::cli {

// How numbers are written on the terminal, everywhere alike. NaN is "-". Thread: any.

/// A whole number with commas between groups of three digits: "129,135,360".
std::string formatInteger(int64_t number);

/// Four significant digits: "2.317", "0.0412", "1.5e-05".
std::string formatNumber(double value);

/// A share as a percentage with one decimal: "41.3 %".
std::string formatShare(double share);

/// Bytes in binary units: "14.2 MiB".
std::string formatBytes(double bytes);

/// A time span: "850 ms", "42 s", "3 min 20 s", "2 h 05 min".
std::string formatDuration(double milliseconds);

/// A speed: "1,240 tokens/s"; one decimal below 100.
std::string formatSpeed(double tokensPerSecond);

/// A moment in local time: "2026-11-23 09:05"; "-" for 0.
std::string formatMoment(double secondsSinceEpoch);

/// A word as a POSIX shell reads it: in single quotes where it needs them.
std::string shellQuoted(const std::string& word);

/// Columns that a text takes on a terminal: its characters, none counted double.
size_t displayWidth(std::string_view utf8);

} // namespace samba::cli
