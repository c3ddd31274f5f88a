#include "ui/widgets/curve_plot_legend.h"

#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/flow_layout.h"

#include <QGuiApplication>
#include <QPainter>

namespace samba::ui {

namespace {

constexpr int kLine = 16;
constexpr int kGap = 6;

} // namespace

CurveLegendButton::CurveLegendButton(CurvePlot* plot, int series, QWidget* parent)
    : QAbstractButton(parent), m_plot(plot), m_series(series)
{
    const CurveStyle& style = plot->style(series);
    setObjectName(QStringLiteral("legend.") + style.key);
    setText(style.shortName.isEmpty() ? style.name : style.shortName);
    setAccessibleName(tr("Show %1").arg(style.name));
    setToolTip(tr("Click to show or hide, Ctrl+click to show it alone"));
    setCheckable(true);
    setChecked(plot->isSeriesShown(series));
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
}

QSize CurveLegendButton::sizeHint() const
{
    const QFontMetrics metrics(themedFont(TextRole::Small));
    return {kLine + kGap + metrics.horizontalAdvance(text()) + 8, metrics.height() + 4};
}

void CurveLegendButton::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasFocus() || underMouse()) {
        painter.setPen(hasFocus() ? QPen(theme.accent, 1) : QPen(Qt::NoPen));
        painter.setBrush(theme.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    }
    const CurveStyle& style = m_plot->style(m_series);
    const QColor color = isChecked() ? m_plot->color(m_series) : theme.disabledText;
    const qreal middle = height() / 2.0;
    if (style.hasPoints) {
        painter.setPen(QPen(color, 1.5, style.isDashed ? Qt::DotLine : Qt::SolidLine));
        painter.drawLine(QPointF(4, middle), QPointF(4 + kLine - 4, middle));
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(QPointF(4 + (kLine - 4) / 2.0, middle), 3.2, 3.2);
    } else {
        painter.setPen(
            QPen(color, 2.5, style.isDashed ? Qt::DashLine : Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(5, middle), QPointF(4 + kLine - 5, middle));
    }

    QFont font = themedFont(TextRole::Small);
    font.setStrikeOut(!isChecked());
    painter.setFont(font);
    painter.setPen(isChecked() ? theme.mutedText : theme.disabledText);
    painter.drawText(rect().adjusted(kLine + kGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     text());
}

CurveLegend::CurveLegend(CurvePlot* plot, QWidget* parent) : QWidget(parent), m_plot(plot)
{
    auto* layout = new FlowLayout(this, 4, 0);
    layout->setContentsMargins(0, 0, 0, 0);
    connect(plot, &CurvePlot::presenceChanged, this, [this] { showPresent(); });
    connect(plot, &CurvePlot::seriesShownChanged, this, [this](int series, bool isShown) {
        if (series < m_buttons.size())
            m_buttons[series]->setChecked(isShown);
    });
    connect(&ThemeController::instance(), &ThemeController::changed, this, [this] { update(); });
    rebuild();
}

void CurveLegend::rebuild()
{
    qDeleteAll(m_buttons);
    m_buttons.clear();
    for (int i = 0; i < m_plot->seriesCount(); ++i) {
        auto* button = new CurveLegendButton(m_plot, i, this);
        connect(button, &QAbstractButton::clicked, this, [this, i] {
            toggle(i, QGuiApplication::keyboardModifiers().testFlag(Qt::ControlModifier));
        });
        layout()->addWidget(button);
        m_buttons.append(button);
    }
    showPresent();
}

void CurveLegend::showPresent()
{
    int present = 0;
    for (qsizetype i = 0; i < m_buttons.size() && i < m_plot->seriesCount(); ++i) {
        m_buttons[i]->setVisible(m_plot->isPresent(static_cast<int>(i)));
        present += m_plot->isPresent(static_cast<int>(i)) ? 1 : 0;
    }
    setVisible(present > 1);
}

void CurveLegend::toggle(int series, bool isAlone)
{
    if (!isAlone) {
        m_plot->setSeriesShown(series, !m_plot->isSeriesShown(series));
        return;
    }
    bool isAloneAlready = true;
    for (int i = 0; i < m_plot->seriesCount(); ++i)
        isAloneAlready = isAloneAlready && m_plot->isSeriesShown(i) == (i == series);
    for (int i = 0; i < m_plot->seriesCount(); ++i)
        m_plot->setSeriesShown(i, isAloneAlready || i == series);
    m_buttons[series]->setChecked(true);
}

} // namespace samba::ui
