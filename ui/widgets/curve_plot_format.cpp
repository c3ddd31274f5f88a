#include "ui/widgets/curve_plot_format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr QChar kMinus(0x2212); ///< as wide as a plus, unlike the hyphen

QString withoutTrailingZeros(QString digits)
{
    if (!digits.contains(QLatin1Char('.')))
        return digits;
    while (digits.endsWith(QLatin1Char('0')))
        digits.chop(1);
    if (digits.endsWith(QLatin1Char('.')))
        digits.chop(1);
    return digits;
}

/// Decimals that write multiples of a step in full: 1 for 2.5, 2 for 0.25.
int decimalsFor(double step)
{
    int decimals = 0;
    for (; decimals < 9; ++decimals, step *= 10) {
        if (step >= 0.999 && std::abs(step - std::round(step)) < 1e-6 * step)
            break;
    }
    return decimals;
}

QString twoDigits(qint64 number)
{
    return QStringLiteral("%1").arg(number, 2, 10, QLatin1Char('0'));
}

} // namespace

QString valueText(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    const double size = std::abs(value);
    if (size == 0)
        return QStringLiteral("0");
    if (size < 1e-4 || size >= 1e6) {
        const QString number = QString::number(size, 'e', 3);
        const qsizetype exponent = number.indexOf(QLatin1Char('e'));
        return (value < 0 ? QString(kMinus) : QString()) +
               withoutTrailingZeros(number.left(exponent)) + number.mid(exponent);
    }
    const int wholeDigits = std::max(0, static_cast<int>(std::floor(std::log10(size))) + 1);
    const int leadingZeros = size < 1 ? static_cast<int>(-std::floor(std::log10(size))) - 1 : 0;
    const QString number = withoutTrailingZeros(
        QString::number(size, 'f', std::max(0, 4 - wholeDigits) + leadingZeros));
    return value < 0 ? kMinus + number : number;
}

QString countText(double count, double resolution)
{
    struct Prefix {
        double scale;
        const char* name;
    };
    static constexpr Prefix prefixes[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    const double size = std::abs(count);
    for (const Prefix& prefix : prefixes) {
        if (size < prefix.scale)
            continue;
        const double scaled = count / prefix.scale;
        const int wholeDigits = static_cast<int>(std::floor(std::log10(std::abs(scaled)))) + 1;
        const int decimals =
            resolution > 0 ? decimalsFor(resolution / prefix.scale) : std::max(0, 4 - wholeDigits);
        return withoutTrailingZeros(QString::number(scaled, 'f', decimals)) +
               QLatin1String(prefix.name);
    }
    return withoutTrailingZeros(
        QString::number(count, 'f', resolution > 0 ? decimalsFor(resolution) : 0));
}

QString durationText(double elapsedMs)
{
    const double elapsed = elapsedMs / 1000;
    if (elapsed < 10)
        return QCoreApplication::translate("samba::ui", "%1 s")
            .arg(withoutTrailingZeros(QString::number(elapsed, 'f', 1)));
    const qint64 seconds = std::llround(elapsed);
    if (seconds < 60)
        return QCoreApplication::translate("samba::ui", "%1 s").arg(seconds);
    const qint64 minutes = seconds / 60;
    if (minutes < 60)
        return QStringLiteral("%1:%2").arg(minutes).arg(twoDigits(seconds % 60));
    const qint64 hours = minutes / 60;
    if (hours < 48)
        return QStringLiteral("%1:%2:%3")
            .arg(hours)
            .arg(twoDigits(minutes % 60), twoDigits(seconds % 60));
    return QCoreApplication::translate("samba::ui", "%1 d %2:%3")
        .arg(hours / 24)
        .arg(twoDigits(hours % 24), twoDigits(minutes % 60));
}

} // namespace samba::ui
