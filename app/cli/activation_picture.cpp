#include "app/cli/activation_picture.h"

#include "app/cli/text_format.h"
#include "engine/io/atomic_file.h"
#include "ui/widgets/color_map.h"

#include <QBuffer>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QImage>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace samba::cli {
namespace {

using ui::ColorMap;
using ui::MapGround;

// Pixels.
constexpr int kMargin = 24;
constexpr int kGap = 28;
constexpr int kHeaderHeight = 56;
constexpr int kPanelTitleHeight = 42;
constexpr int kAxisHeight = 20;
constexpr int kWantedMapWidth = 560;
constexpr int kWantedMapHeight = 640;
constexpr int kWantedPictureWidth = 1900;
constexpr int kHighestRow = 16;
constexpr int kLowestLabelledRow = 11;
constexpr int kBarRowHeight = 20;
constexpr int kScaleWidth = 420;
constexpr int kScaleHeight = 16;

const QColor kInk(0x1f, 0x24, 0x2b);
const QColor kFaintInk(0x6a, 0x72, 0x7d);
const QColor kFrameInk(0xc9, 0xce, 0xd5);
const QColor kBarInk(0x2f, 0x6d, 0xb5);

QString toQString(const std::string& text)
{
    return QString::fromStdString(text);
}

QFont sized(int pixels, bool isBold = false)
{
    QFont font;
    font.setPixelSize(pixels);
    font.setBold(isBold);
    return font;
}

/// From |x| to a colour: the ground below the threshold, then evenly by magnitude.
class MagnitudeScale {
public:
    MagnitudeScale(double threshold, double maximum)
        : m_threshold(threshold), m_maximum(std::max(maximum, 10 * threshold))
    {}

    double position(double magnitude) const
    {
        if (magnitude < m_threshold)
            return 0;
        return std::log(magnitude / m_threshold) / std::log(m_maximum / m_threshold);
    }

    QRgb color(double magnitude) const
    {
        const double place = std::isnan(magnitude) ? magnitude : position(magnitude);
        return ColorMap::sequential(MapGround::Light).at(place);
    }

    double threshold() const { return m_threshold; }
    double maximum() const { return m_maximum; }

private:
    double m_threshold;
    double m_maximum;
};

/// Where everything goes.
struct Layout {
    explicit Layout(const ActivationFrame& frame)
    {
        const int units = static_cast<int>(frame.dModel);
        const int positions = static_cast<int>(frame.seqLen);
        rowHeight = std::clamp(kWantedMapHeight / positions, 1, kHighestRow);
        mapWidth = units * std::max(1, kWantedMapWidth / units);
        mapHeight = positions * rowHeight;
        hasTokenLabels = rowHeight >= kLowestLabelledRow;
        labelWidth = hasTokenLabels ? 96 : 44;
        panelWidth = labelWidth + mapWidth + kGap;
        panelHeight = kPanelTitleHeight + mapHeight + kAxisHeight + kGap;
        panelCount = static_cast<int>(frame.chunkCount) + (frame.attention.empty() ? 0 : 1);
        columns = std::clamp(kWantedPictureWidth / panelWidth, 1, panelCount);
        footerTop = kMargin + kHeaderHeight + (panelCount + columns - 1) / columns * panelHeight;
        const int barsHeight = 24 + static_cast<int>(frame.chunkCount) * kBarRowHeight;
        const int footerWidth = 2 * kScaleWidth + 3 * kGap;
        size = QSize(2 * kMargin + std::max(columns * panelWidth, footerWidth),
                     footerTop + std::max(barsHeight, 70) + kMargin);
    }

    QPoint panelOrigin(int panel) const
    {
        return {kMargin + panel % columns * panelWidth,
                kMargin + kHeaderHeight + panel / columns * panelHeight};
    }

    QRect mapRect(int panel) const
    {
        return {panelOrigin(panel) + QPoint(labelWidth, kPanelTitleHeight),
                QSize(mapWidth, mapHeight)};
    }

    int rowHeight = 1;
    int mapWidth = 0;
    int mapHeight = 0;
    bool hasTokenLabels = false;
    int labelWidth = 0;
    int panelWidth = 0;
    int panelHeight = 0;
    int panelCount = 0;
    int columns = 1;
    int footerTop = 0;
    QSize size;
};

/// The first number of the 1-2-5 series that keeps labels `leastDistance` apart.
int64_t labelStep(double pixelsPerItem, double leastDistance)
{
    for (int64_t power = 1;; power *= 10)
        for (const int64_t factor : {1, 2, 5})
            if (static_cast<double>(factor * power) * pixelsPerItem >= leastDistance)
                return factor * power;
}

/// A token on one line, blanks at its ends made visible.
QString visibleToken(const std::string& token)
{
    QString text = toQString(token);
    text.replace(QLatin1Char('\n'), QChar(0x21B5)).replace(QLatin1Char('\t'), QChar(0x21E5));
    if (text.startsWith(QLatin1Char(' ')))
        text.replace(0, 1, QChar(0x00B7));
    return text;
}

class PicturePainter {
public:
    PicturePainter(const ActivationPicture& picture, const MagnitudeScale& scale, QImage& image,
                   const Layout& layout)
        : m_picture(picture),
          m_frame(picture.frame),
          m_scale(scale),
          m_layout(layout),
          m_painter(&image)
    {}

    void paint()
    {
        paintHeader();
        for (int64_t chunk = 0; chunk < m_frame.chunkCount; ++chunk)
            paintChunk(chunk);
        if (!m_frame.attention.empty())
            paintAttention();
        paintShares();
        paintScale();
    }

private:
    void text(const QRect& rect, int flags, const QString& words, const QFont& font,
              const QColor& color)
    {
        m_painter.setFont(font);
        m_painter.setPen(color);
        m_painter.drawText(rect, flags,
                           QFontMetrics(font).elidedText(words, Qt::ElideRight, rect.width()));
    }

    void paintHeader()
    {
        const QRect title(kMargin, kMargin, m_layout.size.width() - 2 * kMargin, 24);
        const QString step =
            m_picture.model.step > 0
                ? QStringLiteral(", step ") + toQString(formatInteger(m_picture.model.step))
                : QString();
        text(title, Qt::AlignLeft, toQString(m_picture.model.name) + step, sized(18, true), kInk);
        text(title.translated(0, 26), Qt::AlignLeft,
             QStringLiteral("Chunk outputs |x| of %1 tokens, a row a position, a column a unit; "
                            "near zero is |x| < %2")
                 .arg(m_frame.seqLen)
                 .arg(toQString(formatNumber(m_picture.threshold))),
             sized(13), kFaintInk);
    }

    void paintPanelTitle(int panel, const QString& title, const QString& details)
    {
        const QRect line(m_layout.mapRect(panel).left(), m_layout.panelOrigin(panel).y(),
                         m_layout.mapWidth, 18);
        text(line, Qt::AlignLeft, title, sized(13, true), kInk);
        text(line.translated(0, 18), Qt::AlignLeft, details, sized(12), kFaintInk);
    }

    void paintPositions(const QRect& map)
    {
        const int64_t step =
            m_layout.hasTokenLabels ? 1 : labelStep(m_layout.rowHeight, kHighestRow);
        for (int64_t i = 0; i < m_frame.seqLen; i += step) {
            const int y = map.top() + static_cast<int>(i) * m_layout.rowHeight;
            const QRect label(map.left() - m_layout.labelWidth,
                              y + m_layout.rowHeight / 2 - kHighestRow / 2, m_layout.labelWidth - 6,
                              kHighestRow);
            text(label, Qt::AlignRight | Qt::AlignVCenter,
                 m_layout.hasTokenLabels ? visibleToken(m_frame.tokens[static_cast<size_t>(i)])
                                         : QString::number(i),
                 sized(11), kFaintInk);
        }
    }

    void paintFrame(const QRect& map)
    {
        m_painter.setPen(kFrameInk);
        m_painter.setBrush(Qt::NoBrush);
        m_painter.drawRect(map.adjusted(-1, -1, 0, 0));
    }

    void paintChunk(int64_t chunk)
    {
        const int panel = static_cast<int>(chunk);
        const ChunkStatistics& statistics = m_picture.statistics[static_cast<size_t>(chunk)];
        const int64_t first = chunk * m_picture.model.readoutStride + 1;
        const int64_t last =
            std::min(first + m_picture.model.readoutStride - 1, m_picture.model.layers);
        QString details = QStringLiteral("%1 near zero, RMS %2")
                              .arg(toQString(formatShare(statistics.nearZero)),
                                   toQString(formatNumber(statistics.rms)));
        if (!std::isnan(statistics.attention))
            details +=
                QStringLiteral(", attention ") + toQString(formatNumber(statistics.attention));
        paintPanelTitle(
            panel, QStringLiteral("Chunk %1, layers %2 to %3").arg(chunk + 1).arg(first).arg(last),
            details);

        QImage cells(static_cast<int>(m_frame.dModel), static_cast<int>(m_frame.seqLen),
                     QImage::Format_RGB32);
        for (int y = 0; y < cells.height(); ++y)
            for (int x = 0; x < cells.width(); ++x)
                cells.setPixel(
                    x, y, m_scale.color(std::abs(static_cast<double>(m_frame.value(chunk, y, x)))));
        const QRect map = m_layout.mapRect(panel);
        m_painter.drawImage(map, cells);
        paintFrame(map);
        paintPositions(map);
        paintUnits(map);
    }

    void paintUnits(const QRect& map)
    {
        const double unitWidth =
            static_cast<double>(map.width()) / static_cast<double>(m_frame.dModel);
        for (int64_t unit = 0; unit < m_frame.dModel; unit += labelStep(unitWidth, 60)) {
            const int x = map.left() + static_cast<int>(static_cast<double>(unit) * unitWidth);
            text(QRect(x, map.bottom() + 3, 60, kAxisHeight), Qt::AlignLeft, QString::number(unit),
                 sized(11), kFaintInk);
        }
    }

    void paintAttention()
    {
        const int panel = static_cast<int>(m_frame.chunkCount);
        const QRect map = m_layout.mapRect(panel);
        const int chunks = static_cast<int>(m_frame.chunkCount);
        const int cellWidth = std::clamp(m_layout.mapWidth / chunks, 4, 64);
        paintPanelTitle(panel, QStringLiteral("Readout attention"),
                        QStringLiteral("position by chunk, the share read from each"));
        for (int64_t position = 0; position < m_frame.seqLen; ++position) {
            for (int chunk = 0; chunk < chunks; ++chunk) {
                const double share =
                    m_frame.attention[static_cast<size_t>(position * chunks + chunk)];
                const QRect cell(map.left() + chunk * cellWidth,
                                 map.top() + static_cast<int>(position) * m_layout.rowHeight,
                                 cellWidth, m_layout.rowHeight);
                const ui::Rgb color = ColorMap::sequential(MapGround::Light).at(share);
                m_painter.fillRect(cell, QColor(color));
                if (m_layout.hasTokenLabels && cellWidth >= 30)
                    text(cell, Qt::AlignCenter, QString::number(share, 'f', 2), sized(10),
                         ui::toOkLab(color).lightness < 0.6 ? QColor(Qt::white) : kInk);
            }
        }
        paintFrame(QRect(map.topLeft(), QSize(chunks * cellWidth, map.height())));
        paintPositions(map);
        for (int64_t chunk = 0; chunk < chunks; chunk += labelStep(cellWidth, 24))
            text(QRect(map.left() + static_cast<int>(chunk) * cellWidth, map.bottom() + 3, 24,
                       kAxisHeight),
                 Qt::AlignLeft, QString::number(chunk + 1), sized(11), kFaintInk);
    }

    void paintShares()
    {
        const QRect title(kMargin, m_layout.footerTop, kScaleWidth, 18);
        text(title, Qt::AlignLeft, QStringLiteral("Entries near zero"), sized(13, true), kInk);
        constexpr int kNameWidth = 70;
        constexpr int kBarWidth = kScaleWidth - kNameWidth - 70;
        for (size_t i = 0; i < m_picture.statistics.size(); ++i) {
            const double share = m_picture.statistics[i].nearZero;
            const QRect row(kMargin, m_layout.footerTop + 24 + static_cast<int>(i) * kBarRowHeight,
                            kScaleWidth, kBarRowHeight - 4);
            text(row, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("Chunk %1").arg(i + 1),
                 sized(12), kFaintInk);
            const QRect bar(row.left() + kNameWidth, row.top(), kBarWidth, row.height());
            m_painter.fillRect(bar, kFrameInk.lighter(118));
            m_painter.fillRect(
                QRect(bar.topLeft(),
                      QSize(static_cast<int>(std::lround(share * kBarWidth)), bar.height())),
                kBarInk);
            text(QRect(bar.right() + 8, row.top(), 62, row.height()),
                 Qt::AlignLeft | Qt::AlignVCenter, toQString(formatShare(share)), sized(12), kInk);
        }
    }

    void paintScale()
    {
        const QRect bar(kMargin + kScaleWidth + 3 * kGap, m_layout.footerTop + 24, kScaleWidth,
                        kScaleHeight);
        text(bar.translated(0, -24), Qt::AlignLeft, QStringLiteral("|x|"), sized(13, true), kInk);
        for (int x = 0; x < bar.width(); ++x) {
            const double place = static_cast<double>(x) / (bar.width() - 1);
            m_painter.fillRect(bar.left() + x, bar.top(), 1, bar.height(),
                               QColor(ColorMap::sequential(MapGround::Light).at(place)));
        }
        paintFrame(bar);
        const auto label = [&](double value) {
            const int x =
                bar.left() + static_cast<int>(std::lround(m_scale.position(value) * bar.width()));
            m_painter.setPen(kFaintInk);
            m_painter.drawLine(x, bar.bottom() + 1, x, bar.bottom() + 5);
            text(QRect(x - 40, bar.bottom() + 6, 80, 16), Qt::AlignHCenter,
                 toQString(formatNumber(value)), sized(11), kFaintInk);
        };
        label(m_scale.threshold());
        const double firstPower = std::pow(10, std::ceil(std::log10(m_scale.threshold() * 1.5)));
        for (double power = firstPower; power < m_scale.maximum() / 1.5; power *= 10)
            label(power);
        label(m_scale.maximum());
    }

    const ActivationPicture& m_picture;
    const ActivationFrame& m_frame;
    const MagnitudeScale& m_scale;
    const Layout& m_layout;
    QPainter m_painter;
};

/// Qt's remarks on the desktop it does not find are of no use to whoever wants a picture.
void passOverRemarks(QtMsgType type, const QMessageLogContext&, const QString& message)
{
    if (type == QtCriticalMsg || type == QtFatalMsg)
        std::fprintf(stderr, "%s\n", qPrintable(message));
}

double largestMagnitude(const std::vector<ChunkStatistics>& statistics)
{
    double largest = 0;
    for (const ChunkStatistics& chunk : statistics)
        largest = std::max(largest, chunk.maximum);
    return largest;
}

} // namespace

void savePicture(const ActivationPicture& picture, const std::filesystem::path& file)
{
    // Text needs an application object; a picture needs no display.
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qInstallMessageHandler(passOverRemarks);
    char name[] = "samba-cli";
    char* arguments[] = {name, nullptr};
    int argumentCount = 1;
    const QGuiApplication application(argumentCount, arguments);

    const Layout layout(picture.frame);
    const MagnitudeScale scale(picture.threshold, largestMagnitude(picture.statistics));
    QImage image(layout.size, QImage::Format_RGB32);
    image.fill(Qt::white);
    PicturePainter(picture, scale, image, layout).paint();

    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    writeFileAtomically(file,
                        std::string_view(bytes.constData(), static_cast<size_t>(bytes.size())));
}

} // namespace samba::cli
