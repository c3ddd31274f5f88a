// How a CurvePlot leaves the window: as a picture or as a table.

#include "ui/widgets/curve_plot.h"

#include "ui/theme.h"
#include "ui/widgets/curve_plot_format.h"

#include <qcustomplot.h>

#include <QFile>
#include <QFileInfo>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QTextStream>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kHeader = 46; ///< pixels for title and names above the curves

QString quotedCell(QString text)
{
    if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')))
        text = QLatin1Char('"') + text.replace(QLatin1String("\""), QLatin1String("\"\"")) +
               QLatin1Char('"');
    return text;
}

QString cell(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("Infinity") : QStringLiteral("-Infinity");
    return QString::number(value, 'g', 12);
}

} // namespace

void CurvePlot::render(QCPPainter& painter, const QSize& size)
{
    const Theme& theme = Theme::current();
    painter.fillRect(QRect(QPoint(0, 0), size), theme.surface);

    painter.setFont(themedFont(TextRole::Heading));
    painter.setPen(theme.text);
    const QRect heading(14, 6, size.width() - 28, 20);
    painter.drawText(heading, Qt::AlignLeft | Qt::AlignVCenter, m_title);
    if (!m_unit.isEmpty()) {
        const int titleWidth =
            QFontMetrics(themedFont(TextRole::Heading)).horizontalAdvance(m_title);
        painter.setFont(themedFont(TextRole::Small));
        painter.setPen(theme.mutedText);
        painter.drawText(heading.adjusted(titleWidth + 8, 0, 0, 0),
                         Qt::AlignLeft | Qt::AlignVCenter, m_unit);
    }
    painter.setFont(themedFont(TextRole::Small));
    const QFontMetrics metrics(themedFont(TextRole::Small));
    int left = 14;
    for (int i = 0; i < seriesCount(); ++i) {
        if (!isSeriesShown(i) || !isPresent(i))
            continue;
        painter.setPen(QPen(color(i), 2, style(i).isDashed ? Qt::DashLine : Qt::SolidLine));
        painter.drawLine(QPointF(left, 36), QPointF(left + 16, 36));
        left += 22;
        painter.setPen(theme.mutedText);
        const int width = metrics.horizontalAdvance(style(i).name);
        painter.drawText(QRect(left, 27, width + 2, 18), Qt::AlignLeft | Qt::AlignVCenter,
                         style(i).name);
        left += width + 16;
    }

    if (m_isXFollowing)
        fitX();
    if (m_isYFollowing)
        fitY();
    // On screen the controls around the plot say what x is; a picture stands alone.
    m_plot->xAxis->setLabel(m_xLabel);
    painter.save();
    painter.translate(0, kHeader);
    m_plot->toPainter(&painter, size.width(), size.height() - kHeader);
    painter.restore();
    m_plot->xAxis->setLabel(QString());
    // The layout was that of the picture; the widget's own comes back with the next drawing.
    scheduleReplot();
}

QImage CurvePlot::toImage(const QSize& size, qreal devicePixelRatio)
{
    QImage image(size * devicePixelRatio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(devicePixelRatio);
    QCPPainter painter(&image);
    render(painter, size);
    painter.end();
    return image;
}

bool CurvePlot::saveImage(const QString& path)
{
    const QSize size = QSize(std::max(640, width()), std::max(360, height()) + kHeader);
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("png")) {
        // Twice the pixels of the screen, so that print and slides stay sharp.
        return toImage(size, 2).save(path, "PNG");
    }
    // Both writers report a failure to open only through begin().
    QCPPainter painter;
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setTitle(m_title);
        generator.setSize(size);
        generator.setViewBox(QRect(QPoint(0, 0), size));
        if (!painter.begin(&generator))
            return false;
        painter.setMode(QCPPainter::pmVectorized);
        render(painter, size);
        return painter.end();
    }
    if (suffix == QLatin1String("pdf")) {
        QPdfWriter writer(path);
        writer.setTitle(m_title);
        writer.setResolution(96); // one unit of the painter is one pixel of the screen
        writer.setPageSize(QPageSize(QSizeF(size) * 72 / 96, QPageSize::Point, m_title));
        writer.setPageMargins(QMarginsF(0, 0, 0, 0));
        if (!painter.begin(&writer))
            return false;
        painter.setMode(QCPPainter::pmVectorized);
        render(painter, size);
        return painter.end();
    }
    return false;
}

bool CurvePlot::exportCsv(const QString& path) const
{
    const AxisRange range = xRange();
    std::vector<int> columns;
    std::vector<double> xs;
    for (int i = 0; i < seriesCount(); ++i) {
        if (!isSeriesShown(i) || !isPresent(i))
            continue;
        columns.push_back(i);
        const SeriesBuffer& raw = samples(i);
        for (std::size_t k = raw.lowerIndex(range.lower); k < raw.upperIndex(range.upper); ++k)
            xs.push_back(raw.x(k));
    }
    std::sort(xs.begin(), xs.end());
    xs.erase(std::unique(xs.begin(), xs.end()), xs.end());

    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Text))
        return false;
    QTextStream out(&file);
    out << quotedCell(m_xLabel);
    for (const int i : columns) {
        out << ',' << quotedCell(style(i).name);
        if (isSmoothing(m_series[static_cast<std::size_t>(i)]))
            out << ',' << quotedCell(tr("%1 (smoothed)").arg(style(i).name));
    }
    out << '\n';
    for (const double x : xs) {
        out << cell(x);
        for (const int i : columns) {
            const std::size_t index = samples(i).lowerIndex(x);
            const bool isHere = index < samples(i).size() && samples(i).x(index) == x;
            out << ',' << (isHere ? cell(samples(i).y(index)) : QString());
            if (isSmoothing(m_series[static_cast<std::size_t>(i)]))
                out << ',' << (isHere ? cell(smoothedSamples(i).y(index)) : QString());
        }
        out << '\n';
    }
    out.flush();
    return out.status() == QTextStream::Ok && file.commit();
}

} // namespace samba::ui
