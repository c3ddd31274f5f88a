#pragma once

#include <QString>

#include <cstdint>
#include <string>

namespace samba {
struct Progress;
}

namespace samba::ui {

// How numbers are written in the window, everywhere alike. All of them write "–" for NaN or
// unknown.

/// 5432109 as "5.43 M"; below 10,000 in full.
QString formatCount(int64_t count);

/// A whole number with thin spaces between groups of three digits.
QString formatInteger(int64_t number);

/// Bytes in binary units: "14.2 MiB".
QString formatBytes(double bytes);

/// Three significant decimals for losses and the like: "2.317".
QString formatLoss(double value);

/// A share as a percentage with one decimal: "41.3 %".
QString formatShare(double share);

/// Small and large numbers alike: "1.0e-05", "0.25", "17.3".
QString formatNumber(double value);

/// A time span: "850 ms", "42 s", "3 min 20 s", "2 h 05 min".
QString formatDuration(double milliseconds);

/// Tokens per second: "1 240 tok/s".
QString formatSpeed(double tokensPerSecond);

/// How far bytes have come: "100 MiB of 400 MiB · 10.0 MiB/s · 30 s left".
QString formatTransfer(const samba::Progress& progress);

/// A moment as seen from now: "just now", "12 min ago", "yesterday 14:05", "3 Nov 2026".
/// @param secondsSinceEpoch  seconds since 1970; 0 or NaN: unknown.
QString formatMoment(double secondsSinceEpoch);

inline QString toQString(const std::string& text)
{
    return QString::fromStdString(text);
}

/// "embedding" as "Embedding".
QString capitalised(const std::string& text);

} // namespace samba::ui
