#include "ui/widgets/color_map.h"

#include <QTest>

#include <array>
#include <cmath>

using samba::ui::ColorMap;
using samba::ui::MapGround;
using samba::ui::OkLab;
using samba::ui::Rgb;
using samba::ui::toOkLab;
using samba::ui::toRgb;

Q_DECLARE_METATYPE(MapGround)

namespace {

double distance(const OkLab& left, const OkLab& right)
{
    return std::sqrt(std::pow(left.lightness - right.lightness, 2) + std::pow(left.a - right.a, 2) +
                     std::pow(left.b - right.b, 2));
}

using Matrix = std::array<std::array<double, 3>, 3>;

// Linear RGB as seen without red or green cones at full severity (Machado, Oliveira and Fernandes
// 2009).
constexpr Matrix kProtanopia = {{{0.152286, 1.052583, -0.204868},
                                 {0.114503, 0.786281, 0.099216},
                                 {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeuteranopia = {{{0.367322, 0.860646, -0.227968},
                                   {0.280085, 0.672501, 0.047413},
                                   {-0.011820, 0.042940, 0.968881}}};

double linear(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

Rgb seenBy(const Matrix& eyes, Rgb color)
{
    const std::array<double, 3> rgb = {linear((color >> 16 & 0xff) / 255.0),
                                       linear((color >> 8 & 0xff) / 255.0),
                                       linear((color & 0xff) / 255.0)};
    Rgb seen = 0xff;
    for (const auto& row : eyes) {
        const double x =
            std::min(1.0, std::max(0.0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]));
        const double encoded = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
        seen = seen << 8 | static_cast<Rgb>(std::lround(encoded * 255));
    }
    return seen;
}

} // namespace

class TestColorMap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void okLabRoundTrips();
    void okLabOfKnownColors();
    void sequentialLightnessIsEven_data() { grounds(); }
    void sequentialLightnessIsEven();
    void divergingIsSymmetricInLightness_data() { grounds(); }
    void divergingIsSymmetricInLightness();
    void signsStayApartForColorBlindEyes_data() { grounds(); }
    void signsStayApartForColorBlindEyes();
    void zeroTakesTheGround_data() { grounds(); }
    void zeroTakesTheGround();
    void positionsOutsideTakeTheEnds();
    void noMapContainsTheInvalidColor();

private:
    static void grounds()
    {
        QTest::addColumn<MapGround>("ground");
        QTest::newRow("light") << MapGround::Light;
        QTest::newRow("dark") << MapGround::Dark;
    }
};

void TestColorMap::okLabRoundTrips()
{
    for (const Rgb color : {0xff000000u, 0xffffffffu, 0xff0072b2u, 0xffd55e00u, 0xff123456u})
        QCOMPARE(toRgb(toOkLab(color)), color);
}

void TestColorMap::okLabOfKnownColors()
{
    QVERIFY(std::abs(toOkLab(0xffffffffu).lightness - 1) < 1e-4);
    QVERIFY(std::abs(toOkLab(0xff000000u).lightness) < 1e-6);
    // Pure red in OKLab, as given with the space's publication: L 0.628, a 0.225, b 0.126.
    QVERIFY(distance(toOkLab(0xffff0000u), {0.62796, 0.22486, 0.12585}) < 1e-3);
}

void TestColorMap::sequentialLightnessIsEven()
{
    QFETCH(MapGround, ground);
    const auto& table = ColorMap::sequential(ground).table();
    const double first = toOkLab(table.front()).lightness;
    const double last = toOkLab(table.back()).lightness;
    QVERIFY(std::abs(last - first) > 0.65);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double wanted = first + (last - first) * static_cast<double>(i) / 255;
        QVERIFY2(std::abs(toOkLab(table[i]).lightness - wanted) < 0.012,
                 qPrintable(QStringLiteral("entry %1").arg(i)));
    }
}

void TestColorMap::divergingIsSymmetricInLightness()
{
    QFETCH(MapGround, ground);
    const auto& table = ColorMap::diverging(ground).table();
    for (std::size_t i = 0; i < 128; ++i) {
        const double left = toOkLab(table[i]).lightness;
        const double right = toOkLab(table[255 - i]).lightness;
        QVERIFY2(std::abs(left - right) < 0.015, qPrintable(QStringLiteral("entry %1").arg(i)));
    }
}

void TestColorMap::signsStayApartForColorBlindEyes()
{
    QFETCH(MapGround, ground);
    const ColorMap& map = ColorMap::diverging(ground);
    for (const Matrix& eyes : {kProtanopia, kDeuteranopia}) {
        for (const double size : {0.4, 0.7, 1.0}) {
            const OkLab negative = toOkLab(seenBy(eyes, map.at(0.5 - size / 2)));
            const OkLab positive = toOkLab(seenBy(eyes, map.at(0.5 + size / 2)));
            QVERIFY2(
                distance(negative, positive) > 0.1,
                qPrintable(
                    QStringLiteral("size %1: %2").arg(size).arg(distance(negative, positive))));
        }
    }
}

void TestColorMap::zeroTakesTheGround()
{
    QFETCH(MapGround, ground);
    for (const Rgb zero :
         {ColorMap::sequential(ground).at(0), ColorMap::diverging(ground).at(0.5)}) {
        const double lightness = toOkLab(zero).lightness;
        QVERIFY(ground == MapGround::Light ? lightness > 0.95 : lightness < 0.25);
    }
}

void TestColorMap::positionsOutsideTakeTheEnds()
{
    const ColorMap& map = ColorMap::sequential(MapGround::Dark);
    QCOMPARE(map.at(-3), map.table().front());
    QCOMPARE(map.at(7), map.table().back());
    QCOMPARE(map.at(std::nan("")), ColorMap::invalid());
}

void TestColorMap::noMapContainsTheInvalidColor()
{
    const OkLab invalid = toOkLab(ColorMap::invalid());
    for (const MapGround ground : {MapGround::Light, MapGround::Dark}) {
        for (const ColorMap* map : {&ColorMap::sequential(ground), &ColorMap::diverging(ground)}) {
            for (const Rgb color : map->table())
                QVERIFY(distance(toOkLab(color), invalid) > 0.1);
        }
    }
}

QTEST_GUILESS_MAIN(TestColorMap)
#include "tst_color_map.moc"
