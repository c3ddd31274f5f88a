#pragma once

#include "ui/plots_panel_data.h"
#include "ui/widgets/curve_plot.h"

#include <QString>

#include <span>
#include <vector>

namespace samba::ui {

/// One curve of a card.
struct CurveSpec {
    CurveStyle style;
    CurveSource source;
};

/// How the newest value of a card's first curve is written.
enum class ReadingForm { None, Plain, Share, Count, Bytes };

/// One card of the plots panel.
struct CardSpec {
    QString key;
    QString title;
    QString unit;
    std::vector<CurveSpec> curves;
    /// A measure that every chunk has: one curve a chunk in place of `curves`.
    double samba::ChunkMetrics::*perChunk = nullptr;
    bool canChooseMeasure = false; ///< the measure is the person's choice
    bool isLogSensible = true;     ///< whether the log switch applies
    bool isAlwaysLog = false;      ///< values that span decades in every run
    ReadingForm reading = ReadingForm::Plain;
};

/// One page: cards that are looked at together.
struct PageSpec {
    QString key;
    QString title;
    std::vector<CardSpec> cards;
};

/// A measure per chunk.
struct MeasureSpec {
    QString key;
    QString title;
    QString unit;
    double samba::ChunkMetrics::*value;
    bool isLogSensible;
};

/// The measures in display order.
std::span<const MeasureSpec> chunkMeasures();

/// The pages in display order.
std::span<const PageSpec> plotPages();

/// The page of an imported run: a card a series, the first kMaxImportedCards of them.
PageSpec importedPage(std::span<const samba::ScalarSeries> scalars);

inline constexpr std::size_t kMaxImportedCards = 100;

/// The curve of one chunk in a card of a measure.
CurveSpec chunkCurve(double samba::ChunkMetrics::*measure, std::size_t chunk);

} // namespace samba::ui
