#pragma once

#include <QString>

namespace samba::ui {

/// A number for reading: four significant digits, no trailing zeros, "1.234e-05" beyond 1e-4 ...
/// 1e6; "NaN", "∞" and "−∞" by name.
QString valueText(double value);

/// A count with a prefix: "950", "12.3k", "1.25M".
/// @param resolution  differences of this size must stay visible; 0: four significant digits.
QString countText(double count, double resolution = 0);

/// A time span: "12 s", "4:05", "1:02:33", "3 d 04:10".
/// @param elapsedMs  milliseconds, >= 0
QString durationText(double elapsedMs);

} // namespace samba::ui
