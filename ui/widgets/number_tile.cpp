#include "ui/widgets/number_tile.h"

#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace samba::ui {

namespace {

constexpr int kMaxPoints = 120;
constexpr int kLineHeight = 20;

} // namespace

NumberTile::NumberTile(const QString& label, QWidget* parent)
    : QFrame(parent),
      m_label(makeLabel(label, TextRole::Small, Tone::Muted)),
      m_value(makeLabel(QStringLiteral("–"), TextRole::Number))
{
    setProperty("card", QStringLiteral("well"));
    setAccessibleName(label);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 7, 10, kLineHeight + 9);
    layout->setSpacing(0);
    layout->addWidget(m_label);
    layout->addWidget(m_value);
}

void NumberTile::setValue(const QString& text)
{
    m_value->setText(text);
    setAccessibleDescription(text);
}

void NumberTile::addPoint(double value)
{
    if (!std::isfinite(value))
        return;
    m_points.append(value);
    if (m_points.size() > kMaxPoints)
        m_points.remove(0, m_points.size() - kMaxPoints);
    update();
}

void NumberTile::clear()
{
    m_points.clear();
    setValue(QStringLiteral("–"));
    update();
}

QString NumberTile::value() const
{
    return m_value->text();
}

void NumberTile::paintEvent(QPaintEvent* event)
{
    QFrame::paintEvent(event);
    if (m_points.size() < 2)
        return;
    const auto [lowest, highest] = std::minmax_element(m_points.cbegin(), m_points.cend());
    const double span = std::max(*highest - *lowest, 1e-12);
    const QRectF area(10, height() - kLineHeight - 7, width() - 20, kLineHeight);
    QPainterPath path;
    for (qsizetype index = 0; index < m_points.size(); ++index) {
        const QPointF point(area.left() + area.width() * static_cast<double>(index) /
                                              static_cast<double>(m_points.size() - 1),
                            area.bottom() - area.height() * (m_points[index] - *lowest) / span);
        if (index == 0)
            path.moveTo(point);
        else
            path.lineTo(point);
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath filled = path;
    filled.lineTo(area.bottomRight());
    filled.lineTo(area.bottomLeft());
    QColor fill = Theme::current().accent;
    fill.setAlphaF(0.12F);
    painter.fillPath(filled, fill);
    painter.setPen(QPen(Theme::current().accent, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(path);
}

} // namespace samba::ui
