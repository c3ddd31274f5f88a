#pragma once

#include "ui/widgets/color_map.h"

#include <cstdint>
#include <memory>
#include <span>

namespace samba::ui {

/// A matrix of someone else's floats, row-major, kept alive as long as it is shown.
struct HeatmapMatrix {
    std::shared_ptr<const float> values; ///< [rows * columns]
    std::int64_t rows = 0;
    std::int64_t columns = 0;

    bool isEmpty() const { return !values || rows <= 0 || columns <= 0; }
    float at(std::int64_t row, std::int64_t column) const
    {
        return values.get()[row * columns + column];
    }
};

/// A stretch of rows or columns in view, in cells; both may be fractions.
struct CellSpan {
    double first = 0;
    double count = 0;
};

/// What of a value is shown.
enum class HeatmapMode {
    Signed,       ///< value, diverging from zero
    Magnitude,    ///< |value|
    LogMagnitude, ///< |value| over the five powers of ten below the limit
    NearZero      ///< whether |value| < threshold
};

/// How values become colours.
struct HeatmapColoring {
    HeatmapMode mode = HeatmapMode::Signed;
    MapGround ground = MapGround::Light;
    double limit = 1;     ///< value at the far end of the map, > 0
    double threshold = 0; ///< of NearZero
};

/// The powers of ten that LogMagnitude spans.
inline constexpr double kHeatmapDecades = 5;

/// How far along the map the near-zero mask reaches: two kinds of cell need no glaring colour.
inline constexpr double kHeatmapMaskReach = 0.6;

/// The map that a coloring takes its colours from.
const ColorMap& heatmapColorMap(const HeatmapColoring& coloring);

/// The colour of one value.
Rgb heatmapColor(float value, const HeatmapColoring& coloring);

/// What is to be drawn where.
struct HeatmapRequest {
    const HeatmapMatrix* matrix = nullptr;
    /// Column of the matrix at each place on screen; empty: as they are. Else [columns].
    std::span<const std::int32_t> columnOrder;
    CellSpan rows;
    CellSpan columns;
    int width = 0; ///< pixels
    int height = 0;
    HeatmapColoring coloring;
};

/// Draws a part of a matrix. A cell of a pixel or more gets exactly its pixels; smaller cells that
/// share a pixel are pooled: the value of largest magnitude, or for NearZero the share. Any value
/// that is no number colours its whole pixel `ColorMap::invalid()`. Costs the larger of pixels and
/// cells in view.
/// @param pixels  [height * stride], written
/// @param stride  pixels from one line to the next
void drawHeatmap(const HeatmapRequest& request, Rgb* pixels, std::int64_t stride);

} // namespace samba::ui
