#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace samba::ui {

/// A colour as 0xAARRGGBB, the layout of QRgb.
using Rgb = std::uint32_t;

/// What a map is drawn on: its "nothing here" end takes the lightness of the ground, so that quiet
/// regions recede in either theme.
enum class MapGround { Light, Dark };

/// A table of colours for numbers, even in perceived lightness and safe for colour-blind eyes.
///
/// All maps are built here from a few control points in the OKLab space (Ottosson 2020,
/// bottosson.github.io/posts/oklab): lightness is a straight line of the value, and hues run along
/// blue and yellow/orange only, the axis that the common forms of colour blindness keep. Knows
/// nothing of Qt, so that pictures can be made without a window. Thread: any.
class ColorMap {
public:
    static constexpr std::size_t kSize = 256;

    /// 0 (ground) to 1 (far from the ground in lightness), for magnitudes and shares.
    static const ColorMap& sequential(MapGround ground);

    /// 0 (most negative, blue) over 0.5 (ground) to 1 (most positive, orange), for signed values.
    static const ColorMap& diverging(MapGround ground);

    /// The colour at a position; positions outside 0 ... 1 take the nearest end, NaN the colour
    /// `invalid()`.
    Rgb at(double position) const;

    /// The colour of values that are no numbers: a magenta that no map contains.
    static Rgb invalid();

    const std::array<Rgb, kSize>& table() const { return m_table; }

private:
    ColorMap() = default;

    friend struct ColorMapBuilder;

    std::array<Rgb, kSize> m_table{};
};

/// A colour in the OKLab space: lightness 0 ... 1, a green to red, b blue to yellow.
struct OkLab {
    double lightness = 0;
    double a = 0;
    double b = 0;
};

/// The sRGB colour of an OKLab one, each channel clipped to what a screen can show.
Rgb toRgb(const OkLab& color);

/// The inverse of toRgb.
OkLab toOkLab(Rgb color);

} // namespace samba::ui
