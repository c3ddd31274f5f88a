#include "ui/plots_panel_pages.h"

#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace samba::ui {

namespace {

using samba::ChunkMetrics;
using samba::StepMetrics;
using samba::ValidationMetrics;

QString text(const char* source)
{
    return QCoreApplication::translate("samba::ui", source);
}

CurveSpec trained(const char* key, const QString& name, int color, double StepMetrics::*value,
                  bool isRequired = false)
{
    CurveStyle style;
    style.key = QLatin1String(key);
    style.name = name;
    style.color = color;
    style.isRequired = isRequired;
    return {style, value};
}

CurveSpec validated(const char* key, const QString& name, int color,
                    double ValidationMetrics::*value)
{
    CurveStyle style;
    style.key = QLatin1String(key);
    style.name = name;
    style.color = color;
    style.isDashed = true;
    style.hasPoints = true;
    // Few values, each an average over the whole split already.
    style.isSmoothed = false;
    return {style, value};
}

CardSpec card(const char* key, const QString& title, const QString& unit,
              std::vector<CurveSpec> curves)
{
    CardSpec spec;
    spec.key = QLatin1String(key);
    spec.title = title;
    spec.unit = unit;
    spec.curves = std::move(curves);
    return spec;
}

CardSpec perplexityCard(const char* key)
{
    CardSpec spec =
        card(key, text("Perplexity"), text("exp of the main loss, log axis"),
             {trained("perplexity", text("Training"), 0, &StepMetrics::perplexity),
              validated("validation", text("Validation"), 6, &ValidationMetrics::perplexity)});
    spec.isAlwaysLog = true;
    return spec;
}

CardSpec measureCard(const QString& page, const MeasureSpec& measure)
{
    CardSpec spec;
    spec.key = page + QLatin1Char('/') + measure.key;
    spec.title = measure.title;
    spec.unit = measure.unit;
    spec.perChunk = measure.value;
    spec.isLogSensible = measure.isLogSensible;
    spec.reading = ReadingForm::None;
    return spec;
}

std::vector<MeasureSpec> makeMeasures()
{
    return {
        {QStringLiteral("nearZero"), text("Near zero"), text("share of |x| < 0.001, by chunk"),
         &ChunkMetrics::nearZero, false},
        {QStringLiteral("nearZeroRelative"), text("Near zero, relative"),
         text("share of |x| < 0.001 RMS, by chunk"), &ChunkMetrics::nearZeroRelative, false},
        {QStringLiteral("hoyer"), text("Hoyer sparsity"), text("0 dense … 1 one-hot, by chunk"),
         &ChunkMetrics::hoyer, false},
        {QStringLiteral("deadUnits"), text("Dead units"), text("share of units, by chunk"),
         &ChunkMetrics::deadUnits, false},
        {QStringLiteral("l1"), text("L1"), text("mean |x|, by chunk"), &ChunkMetrics::l1, true},
        {QStringLiteral("rms"), text("RMS"), text("of the output, by chunk"), &ChunkMetrics::rms,
         true},
        {QStringLiteral("l0"), text("L0"), text("entries a position, by chunk"), &ChunkMetrics::l0,
         true},
        {QStringLiteral("attention"), text("Readout attention"), text("mean weight, by chunk"),
         &ChunkMetrics::attention, false},
    };
}

PageSpec overviewPage()
{
    const QString nats = text("nats per token");
    PageSpec page{QStringLiteral("overview"), text("Overview"), {}};
    page.cards.push_back(
        card("overview/loss", text("Loss"), nats,
             {trained("main", text("Main"), 0, &StepMetrics::main, true),
              trained("readout", text("Readout"), 1, &StepMetrics::readout),
              validated("validation", text("Validation"), 6, &ValidationMetrics::main)}));
    page.cards.push_back(perplexityCard("overview/perplexity"));
    CardSpec sparsity = measureCard(QStringLiteral("overview"), chunkMeasures().front());
    sparsity.key = QStringLiteral("overview/sparsity");
    sparsity.canChooseMeasure = true;
    page.cards.push_back(sparsity);
    page.cards.push_back(card("overview/pruning", text("Pruning loss"), text("before its weight"),
                              {trained("pruning", text("Pruning"), 2, &StepMetrics::pruning)}));
    page.cards.push_back(card("overview/lr", text("Learning rate"), QString(),
                              {trained("lr", text("Learning rate"), 4, &StepMetrics::lr)}));
    page.cards.push_back(card("overview/speed", text("Speed"), text("tokens per second"),
                              {trained("speed", text("Speed"), 5, &StepMetrics::tokensPerSecond)}));
    page.cards.back().reading = ReadingForm::Count;
    page.cards.back().isLogSensible = false;
    return page;
}

PageSpec lossesPage()
{
    const QString nats = text("nats per token");
    return {QStringLiteral("losses"),
            text("Losses"),
            {card("losses/total", text("Total loss"), text("main + α readout + λ pruning"),
                  {trained("total", text("Training"), 0, &StepMetrics::total, true),
                   validated("validation", text("Validation"), 6, &ValidationMetrics::total)}),
             card("losses/main", text("Main loss"), nats,
                  {trained("main", text("Training"), 0, &StepMetrics::main, true),
                   validated("validation", text("Validation"), 6, &ValidationMetrics::main)}),
             card("losses/readout", text("Readout loss"), nats,
                  {trained("readout", text("Training"), 1, &StepMetrics::readout),
                   validated("validation", text("Validation"), 6, &ValidationMetrics::readout)}),
             card("losses/pruning", text("Pruning loss"), text("before its weight"),
                  {trained("pruning", text("Training"), 2, &StepMetrics::pruning),
                   validated("validation", text("Validation"), 6, &ValidationMetrics::pruning)})}};
}

PageSpec qualityPage()
{
    PageSpec page{
        QStringLiteral("quality"),
        text("Quality"),
        {perplexityCard("quality/perplexity"),
         card("quality/accuracy", text("Accuracy"), text("share of next tokens ranked first"),
              {trained("main", text("Main"), 0, &StepMetrics::accuracy),
               trained("readout", text("Readout"), 1, &StepMetrics::readoutAccuracy),
               validated("validation", text("Validation, main"), 6, &ValidationMetrics::accuracy),
               validated("validationReadout", text("Validation, readout"), 3,
                         &ValidationMetrics::readoutAccuracy)})}};
    page.cards.back().reading = ReadingForm::Share;
    page.cards.back().isLogSensible = false;
    return page;
}

PageSpec trainingPage()
{
    PageSpec page{QStringLiteral("training"),
                  text("Training"),
                  {card("training/lr", text("Learning rate"), QString(),
                        {trained("lr", text("Learning rate"), 4, &StepMetrics::lr)}),
                   card("training/gradNorm", text("Gradient norm"), text("before clipping"),
                        {trained("gradNorm", text("Gradient norm"), 3, &StepMetrics::gradNorm)}),
                   card("training/speed", text("Speed"), text("tokens per second"),
                        {trained("speed", text("Speed"), 5, &StepMetrics::tokensPerSecond)}),
                   card("training/memory", text("Memory"), text("resident bytes"),
                        {trained("memory", text("Memory"), 7, &StepMetrics::memoryBytes),
                         trained("deviceMemory", text("Tensors on the device"), 0,
                                 &StepMetrics::deviceMemoryBytes),
                         trained("deviceReserved", text("Reserved on the device"), 1,
                                 &StepMetrics::deviceReservedBytes)})}};
    page.cards[2].reading = ReadingForm::Count;
    page.cards[2].isLogSensible = false;
    page.cards[3].reading = ReadingForm::Bytes;
    page.cards[3].isLogSensible = false;
    return page;
}

PageSpec sparsityPage()
{
    PageSpec page{QStringLiteral("sparsity"), text("Sparsity"), {}};
    for (const MeasureSpec& measure : chunkMeasures())
        page.cards.push_back(measureCard(page.key, measure));
    return page;
}

} // namespace

std::span<const MeasureSpec> chunkMeasures()
{
    static const std::vector<MeasureSpec> measures = makeMeasures();
    return measures;
}

std::span<const PageSpec> plotPages()
{
    static const std::vector<PageSpec> pages = {overviewPage(), lossesPage(), qualityPage(),
                                                trainingPage(), sparsityPage()};
    return pages;
}

PageSpec importedPage(std::span<const samba::ScalarSeries> scalars)
{
    PageSpec page{QStringLiteral("imported"), text("Scalars"), {}};
    for (std::size_t i = 0; i < std::min(scalars.size(), kMaxImportedCards); ++i) {
        const QString tag = toQString(scalars[i].tag);
        CurveStyle style;
        style.key = QStringLiteral("value");
        style.name = tag;
        CardSpec spec;
        spec.key = page.key + QLatin1Char('/') + tag;
        spec.title = tag;
        spec.curves.push_back({style, ScalarIndex{i}});
        page.cards.push_back(std::move(spec));
    }
    return page;
}

CurveSpec chunkCurve(double samba::ChunkMetrics::*measure, std::size_t chunk)
{
    CurveStyle style;
    style.key = QStringLiteral("chunk%1").arg(chunk + 1);
    style.name = text("Chunk %1").arg(chunk + 1);
    style.shortName = QString::number(chunk + 1);
    style.color = static_cast<int>(chunk);
    // Ten colours: from the eleventh chunk on the line is dashed, too.
    style.isDashed = chunk >= 10;
    return {style, ChunkValue{measure, chunk}};
}

} // namespace samba::ui
