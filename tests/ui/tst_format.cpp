#include "ui/format.h"

#include <QDateTime>
#include <QtTest>

#include <cmath>
#include <limits>

using namespace samba::ui;

class FormatTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void counts_data();
    void counts();
    void bytes_data();
    void bytes();
    void durations_data();
    void durations();
    void losses_data();
    void losses();
    void moments();
};

void FormatTest::counts_data()
{
    QTest::addColumn<qlonglong>("count");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << 0LL << QStringLiteral("0");
    QTest::newRow("three digits") << 999LL << QStringLiteral("999");
    QTest::newRow("grouped") << 4096LL << QStringLiteral("4\u2009096");
    QTest::newRow("thousands") << 12'345LL << QStringLiteral("12.3 k");
    QTest::newRow("rounds into the next unit") << 999'600LL << QStringLiteral("1.00 M");
    QTest::newRow("published model") << 129'135'360LL << QStringLiteral("129 M");
    QTest::newRow("billions") << 2'768'000'000LL << QStringLiteral("2.77 G");
}

void FormatTest::counts()
{
    QFETCH(qlonglong, count);
    QFETCH(QString, text);
    QCOMPARE(formatCount(count), text);
}

void FormatTest::bytes_data()
{
    QTest::addColumn<double>("bytes");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << 0.0 << QStringLiteral("0 B");
    QTest::newRow("small") << 512.0 << QStringLiteral("512 B");
    QTest::newRow("just below a unit") << 1010.0 << QStringLiteral("0.99 KiB");
    QTest::newRow("mebibytes") << 14.3 * 1024 * 1024 << QStringLiteral("14.3 MiB");
    QTest::newRow("unknown") << std::nan("") << QStringLiteral("–");
}

void FormatTest::bytes()
{
    QFETCH(double, bytes);
    QFETCH(QString, text);
    QCOMPARE(formatBytes(bytes), text);
}

void FormatTest::durations_data()
{
    QTest::addColumn<double>("milliseconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("short") << 12.4 << QStringLiteral("12 ms");
    QTest::newRow("seconds") << 42'000.0 << QStringLiteral("42 s");
    QTest::newRow("rounds to a minute") << 59'700.0 << QStringLiteral("1 min 00 s");
    QTest::newRow("minutes") << 200'000.0 << QStringLiteral("3 min 20 s");
    QTest::newRow("hours") << 7'500'000.0 << QStringLiteral("2 h 05 min");
    QTest::newRow("unknown") << std::nan("") << QStringLiteral("–");
    QTest::newRow("negative") << -1.0 << QStringLiteral("–");
}

void FormatTest::durations()
{
    QFETCH(double, milliseconds);
    QFETCH(QString, text);
    QCOMPARE(formatDuration(milliseconds), text);
}

void FormatTest::losses_data()
{
    QTest::addColumn<double>("loss");
    QTest::addColumn<QString>("text");
    QTest::newRow("usual") << 2.3172 << QStringLiteral("2.317");
    QTest::newRow("tiny") << 0.00042 << QStringLiteral("4.20e-04");
    QTest::newRow("large") << 812.44 << QStringLiteral("812.4");
    QTest::newRow("not a number") << std::nan("") << QStringLiteral("–");
    QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << QStringLiteral("inf");
}

void FormatTest::losses()
{
    QFETCH(double, loss);
    QFETCH(QString, text);
    QCOMPARE(formatLoss(loss), text);
}

void FormatTest::moments()
{
    const auto now = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    QCOMPARE(formatMoment(now - 5), QStringLiteral("just now"));
    QCOMPARE(formatMoment(now - 725), QStringLiteral("12 min ago"));
    QCOMPARE(formatMoment(0), QStringLiteral("–"));
    const QDateTime old(QDate(2020, 3, 14), QTime(9, 26));
    QCOMPARE(formatMoment(static_cast<double>(old.toSecsSinceEpoch())),
             QStringLiteral("14 Mar 2020"));
}

QTEST_GUILESS_MAIN(FormatTest)
#include "tst_format.moc"
