#include "ui/widgets/heatmap_raster.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace samba::ui {

namespace {

/// Cells that one pixel stands for.
struct PixelCells {
    std::int64_t begin;
    std::int64_t end;
};

std::vector<PixelCells> cellsOfPixels(const CellSpan& span, std::int64_t cells, int pixels)
{
    std::vector<PixelCells> result(static_cast<std::size_t>(pixels));
    const double perPixel = span.count / pixels;
    for (int pixel = 0; pixel < pixels; ++pixel) {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        if (perPixel <= 1) {
            begin = static_cast<std::int64_t>(std::floor(span.first + (pixel + 0.5) * perPixel));
            end = begin + 1;
        } else {
            // Every cell belongs to exactly one pixel, none is lost or counted twice.
            begin = static_cast<std::int64_t>(std::floor(span.first + pixel * perPixel));
            end = static_cast<std::int64_t>(std::floor(span.first + (pixel + 1) * perPixel));
        }
        begin = std::clamp<std::int64_t>(begin, 0, cells - 1);
        result[static_cast<std::size_t>(pixel)] = {begin,
                                                   std::clamp<std::int64_t>(end, begin + 1, cells)};
    }
    return result;
}

double mapPosition(double value, const HeatmapColoring& coloring)
{
    switch (coloring.mode) {
    case HeatmapMode::Signed:
        return 0.5 + 0.5 * value / coloring.limit;
    case HeatmapMode::Magnitude:
        return std::abs(value) / coloring.limit;
    case HeatmapMode::LogMagnitude:
        return value == 0 ? 0 : 1 + std::log10(std::abs(value) / coloring.limit) / kHeatmapDecades;
    case HeatmapMode::NearZero:
        break;
    }
    // The share itself: what is near zero takes the ground's colour, so that what is left shows.
    return (1 - value) * kHeatmapMaskReach;
}

/// One pixel's value: largest magnitude, or share near zero; NaN as soon as one is no number.
float pooled(const HeatmapRequest& request, const PixelCells& rows, const PixelCells& columns)
{
    const HeatmapMatrix& matrix = *request.matrix;
    const bool isCounting = request.coloring.mode == HeatmapMode::NearZero;
    const auto threshold = static_cast<float>(request.coloring.threshold);
    float largest = 0;
    std::int64_t near = 0;
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
        const float* line = matrix.values.get() + row * matrix.columns;
        for (std::int64_t place = columns.begin; place < columns.end; ++place) {
            const float value = request.columnOrder.empty()
                                    ? line[place]
                                    : line[request.columnOrder[static_cast<std::size_t>(place)]];
            if (std::isnan(value))
                return value;
            if (isCounting)
                near += std::abs(value) < threshold ? 1 : 0;
            else if (std::abs(value) > std::abs(largest))
                largest = value;
        }
    }
    if (!isCounting)
        return largest;
    const std::int64_t cells = (rows.end - rows.begin) * (columns.end - columns.begin);
    return static_cast<float>(static_cast<double>(near) / static_cast<double>(cells));
}

} // namespace

const ColorMap& heatmapColorMap(const HeatmapColoring& coloring)
{
    return coloring.mode == HeatmapMode::Signed ? ColorMap::diverging(coloring.ground)
                                                : ColorMap::sequential(coloring.ground);
}

Rgb heatmapColor(float value, const HeatmapColoring& coloring)
{
    double shown = value;
    if (coloring.mode == HeatmapMode::NearZero && !std::isnan(value))
        shown = std::abs(value) < static_cast<float>(coloring.threshold) ? 1 : 0;
    return heatmapColorMap(coloring).at(mapPosition(shown, coloring));
}

void drawHeatmap(const HeatmapRequest& request, Rgb* pixels, std::int64_t stride)
{
    if (!request.matrix || request.matrix->isEmpty() || request.width <= 0 || request.height <= 0)
        return;
    const ColorMap& map = heatmapColorMap(request.coloring);
    const std::vector<PixelCells> rows =
        cellsOfPixels(request.rows, request.matrix->rows, request.height);
    const std::vector<PixelCells> columns =
        cellsOfPixels(request.columns, request.matrix->columns, request.width);

    for (std::size_t y = 0; y < rows.size(); ++y) {
        Rgb* line = pixels + static_cast<std::int64_t>(y) * stride;
        if (y > 0 && rows[y].begin == rows[y - 1].begin && rows[y].end == rows[y - 1].end) {
            std::memcpy(line, line - stride, columns.size() * sizeof(Rgb));
            continue;
        }
        for (std::size_t x = 0; x < columns.size(); ++x) {
            const bool isSame = x > 0 && columns[x].begin == columns[x - 1].begin &&
                                columns[x].end == columns[x - 1].end;
            line[x] =
                isSame
                    ? line[x - 1]
                    : map.at(mapPosition(pooled(request, rows[y], columns[x]), request.coloring));
        }
    }
}

} // namespace samba::ui
