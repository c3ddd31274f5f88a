#include "ui/widgets/color_map.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace samba::ui {

namespace {

double encoded(double linear)
{
    const double x = std::clamp(linear, 0.0, 1.0);
    return x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
}

double decoded(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

std::uint32_t channel(double linear)
{
    return static_cast<std::uint32_t>(std::lround(encoded(linear) * 255));
}

/// Chroma and hue of a map at one position; lightness is not a matter of control points.
struct ControlPoint {
    double position;
    double a;
    double b;
};

OkLab interpolated(std::span<const ControlPoint> points, double position, double lightness)
{
    std::size_t right = 1;
    while (right + 1 < points.size() && points[right].position < position)
        ++right;
    const ControlPoint& from = points[right - 1];
    const ControlPoint& to = points[right];
    const double t =
        std::clamp((position - from.position) / (to.position - from.position), 0.0, 1.0);
    const double eased = t * t * (3 - 2 * t);
    return {lightness, from.a + eased * (to.a - from.a), from.b + eased * (to.b - from.b)};
}

} // namespace

Rgb toRgb(const OkLab& color)
{
    const double l = std::pow(color.lightness + 0.3963377774 * color.a + 0.2158037573 * color.b, 3);
    const double m = std::pow(color.lightness - 0.1055613458 * color.a - 0.0638541728 * color.b, 3);
    const double s = std::pow(color.lightness - 0.0894841775 * color.a - 1.2914855480 * color.b, 3);
    const double red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
    const double green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
    const double blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
    return 0xff000000u | channel(red) << 16 | channel(green) << 8 | channel(blue);
}

OkLab toOkLab(Rgb color)
{
    const double red = decoded((color >> 16 & 0xff) / 255.0);
    const double green = decoded((color >> 8 & 0xff) / 255.0);
    const double blue = decoded((color & 0xff) / 255.0);
    const double l = std::cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const double m = std::cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const double s = std::cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

/// Fills tables; the only one that can make a ColorMap.
struct ColorMapBuilder {
    static ColorMap sequential(MapGround ground)
    {
        // Blue where it is dark and yellow where it is light, as far as sRGB can hold them there;
        // on a light ground only a breath of yellow, or low values would look dirty.
        static constexpr ControlPoint onDark[] = {
            {0.00, -0.004, -0.028}, {0.30, -0.018, -0.105}, {0.58, -0.012, -0.020},
            {0.80, -0.010, 0.095},  {1.00, -0.026, 0.140},
        };
        static constexpr ControlPoint onLight[] = {
            {0.00, -0.002, 0.012},  {0.20, -0.016, 0.014},  {0.45, -0.030, -0.040},
            {0.72, -0.022, -0.115}, {1.00, -0.004, -0.125},
        };
        const bool isDark = ground == MapGround::Dark;
        const double from = isDark ? 0.215 : 0.975;
        const double to = isDark ? 0.930 : 0.255;
        ColorMap map;
        for (std::size_t i = 0; i < ColorMap::kSize; ++i) {
            const double t = static_cast<double>(i) / (ColorMap::kSize - 1);
            map.m_table[i] = toRgb(interpolated(isDark ? std::span<const ControlPoint>(onDark)
                                                       : std::span<const ControlPoint>(onLight),
                                                t, from + t * (to - from)));
        }
        return map;
    }

    static ColorMap diverging(MapGround ground)
    {
        static constexpr ControlPoint onDark[] = {
            {0.00, -0.050, -0.082}, {0.28, -0.030, -0.120}, {0.50, 0.000, -0.006},
            {0.72, 0.060, 0.100},   {1.00, 0.045, 0.130},
        };
        static constexpr ControlPoint onLight[] = {
            {0.00, -0.010, -0.130}, {0.30, -0.035, -0.100}, {0.50, 0.000, 0.003},
            {0.70, 0.055, 0.095},   {1.00, 0.075, 0.082},
        };
        const bool isDark = ground == MapGround::Dark;
        const double middle = isDark ? 0.215 : 0.975;
        const double end = isDark ? 0.830 : 0.400;
        ColorMap map;
        for (std::size_t i = 0; i < ColorMap::kSize; ++i) {
            const double t = static_cast<double>(i) / (ColorMap::kSize - 1);
            const double distance = std::abs(2 * t - 1);
            map.m_table[i] = toRgb(interpolated(isDark ? std::span<const ControlPoint>(onDark)
                                                       : std::span<const ControlPoint>(onLight),
                                                t, middle + distance * (end - middle)));
        }
        return map;
    }
};

const ColorMap& ColorMap::sequential(MapGround ground)
{
    static const ColorMap onLight = ColorMapBuilder::sequential(MapGround::Light);
    static const ColorMap onDark = ColorMapBuilder::sequential(MapGround::Dark);
    return ground == MapGround::Light ? onLight : onDark;
}

const ColorMap& ColorMap::diverging(MapGround ground)
{
    static const ColorMap onLight = ColorMapBuilder::diverging(MapGround::Light);
    static const ColorMap onDark = ColorMapBuilder::diverging(MapGround::Dark);
    return ground == MapGround::Light ? onLight : onDark;
}

Rgb ColorMap::at(double position) const
{
    if (std::isnan(position))
        return invalid();
    const double scaled = std::clamp(position, 0.0, 1.0) * (kSize - 1);
    return m_table[static_cast<std::size_t>(scaled + 0.5)];
}

Rgb ColorMap::invalid()
{
    return 0xffd6409fu;
}

} // namespace samba::ui
