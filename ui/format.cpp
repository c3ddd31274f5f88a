#include "ui/format.h"

#include "engine/api/events.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <array>
#include <cmath>

namespace samba::ui {

namespace {

const QString kUnknown = QStringLiteral("–");
constexpr double kMsPerSecond = 1000.0;

} // namespace

QString formatInteger(int64_t number)
{
    QString digits = QString::number(std::abs(number));
    for (qsizetype place = digits.size() - 3; place > 0; place -= 3)
        digits.insert(place, QChar(0x2009));
    return number < 0 ? QStringLiteral("−") + digits : digits;
}

QString formatCount(int64_t count)
{
    if (count < 10'000)
        return formatInteger(count);
    constexpr std::array<const char*, 4> kUnits = {"k", "M", "G", "T"};
    double value = static_cast<double>(count) / 1000.0;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000.0;
        ++unit;
    }
    const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
    return QStringLiteral("%1 %2").arg(value, 0, 'f', decimals).arg(QLatin1String(kUnits[unit]));
}

QString formatBytes(double bytes)
{
    if (std::isnan(bytes) || bytes < 0)
        return kUnknown;
    constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < kUnits.size()) {
        bytes /= 1024.0;
        ++unit;
    }
    const int decimals = unit == 0 || bytes >= 100 ? 0 : bytes >= 10 ? 1 : 2;
    return QStringLiteral("%1 %2").arg(bytes, 0, 'f', decimals).arg(QLatin1String(kUnits[unit]));
}

QString formatLoss(double value)
{
    if (std::isnan(value))
        return kUnknown;
    if (value != 0 && std::abs(value) < 0.01)
        return QString::number(value, 'e', 2);
    return QString::number(value, 'f', std::abs(value) < 100 ? 3 : 1);
}

QString formatShare(double share)
{
    return std::isnan(share) ? kUnknown : QStringLiteral("%1 %").arg(share * 100.0, 0, 'f', 1);
}

QString formatNumber(double value)
{
    if (std::isnan(value))
        return kUnknown;
    if (value != 0 && (std::abs(value) < 1e-3 || std::abs(value) >= 1e6))
        return QString::number(value, 'e', 2);
    return QString::number(value, 'g', 4);
}

QString formatDuration(double milliseconds)
{
    if (std::isnan(milliseconds) || milliseconds < 0)
        return kUnknown;
    if (milliseconds < kMsPerSecond)
        return QStringLiteral("%1 ms").arg(std::lround(milliseconds));
    const auto seconds = static_cast<int64_t>(std::llround(milliseconds / kMsPerSecond));
    if (seconds < 60)
        return QStringLiteral("%1 s").arg(seconds);
    if (seconds < 3600)
        return QStringLiteral("%1 min %2 s")
            .arg(seconds / 60)
            .arg(seconds % 60, 2, 10, QChar(u'0'));
    return QStringLiteral("%1 h %2 min")
        .arg(formatInteger(seconds / 3600))
        .arg(seconds / 60 % 60, 2, 10, QChar(u'0'));
}

QString formatSpeed(double tokensPerSecond)
{
    if (std::isnan(tokensPerSecond) || tokensPerSecond <= 0)
        return kUnknown;
    if (tokensPerSecond < 10)
        return QStringLiteral("%1 tok/s").arg(tokensPerSecond, 0, 'f', 1);
    return QStringLiteral("%1 tok/s").arg(formatInteger(std::llround(tokensPerSecond)));
}

QString formatTransfer(const samba::Progress& progress)
{
    QString text = QCoreApplication::translate("samba::ui", "%1 of %2")
                       .arg(formatBytes(static_cast<double>(progress.done)),
                            formatBytes(static_cast<double>(progress.total)));
    if (std::isfinite(progress.remainingMs))
        text += QCoreApplication::translate("samba::ui", " · %1/s · %2 left")
                    .arg(formatBytes(progress.perSecond), formatDuration(progress.remainingMs));
    return text;
}

QString formatMoment(double secondsSinceEpoch)
{
    if (std::isnan(secondsSinceEpoch) || secondsSinceEpoch <= 0)
        return kUnknown;
    const QDateTime moment =
        QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(secondsSinceEpoch * kMsPerSecond));
    const QDateTime now = QDateTime::currentDateTime();
    const qint64 age = moment.secsTo(now);
    if (age >= 0 && age < 60)
        return QStringLiteral("just now");
    if (age >= 0 && age < 3600)
        return QStringLiteral("%1 min ago").arg(age / 60);
    const QLocale english(QLocale::English);
    const QString clock = english.toString(moment.time(), QStringLiteral("HH:mm"));
    if (moment.date() == now.date())
        return QStringLiteral("today %1").arg(clock);
    if (moment.date().addDays(1) == now.date())
        return QStringLiteral("yesterday %1").arg(clock);
    return english.toString(moment.date(), QStringLiteral("d MMM yyyy"));
}

QString capitalised(const std::string& text)
{
    QString result = toQString(text);
    if (!result.isEmpty())
        result[0] = result[0].toUpper();
    return result;
}

} // namespace samba::ui
