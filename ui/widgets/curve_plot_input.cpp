// How a CurvePlot answers the mouse and the keyboard.

#include "ui/widgets/curve_plot.h"

#include "ui/widgets/curve_plot_overlay.h"

#include <qcustomplot.h>

#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>

namespace samba::ui {

void CurvePlot::connectPlot()
{
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeZoomFactor(0.8);

    connect(m_plot, &QCustomPlot::beforeReplot, this, [this] {
        if (m_isXFollowing)
            fitX();
        if (m_isYFollowing)
            fitY();
    });
    // Only after the layout is it known how many pixels the curves have.
    connect(m_plot, &QCustomPlot::afterLayout, this, [this] { fillGraphs(); });
    connect(m_plot, &QCustomPlot::afterReplot, this, [this] {
        m_isStale = false;
        Q_EMIT replotted();
    });

    connect(m_plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
            [this](const QCPRange& range) {
                if (m_isSettingRange)
                    return;
                m_isXFollowing = false;
                hideCursor();
                Q_EMIT xRangeChanged(range.lower, range.upper);
            });
    connect(m_plot->yAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
            [this](const QCPRange&) {
                if (m_isSettingRange)
                    return;
                m_isYFollowing = false;
                hideCursor();
            });

    connect(m_plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        const bool wantsBox =
            event->button() == Qt::RightButton ||
            (event->button() == Qt::LeftButton && event->modifiers().testFlag(Qt::ShiftModifier));
        m_plot->setSelectionRectMode(wantsBox ? QCP::srmZoom : QCP::srmNone);
    });
    connect(m_plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        if (event->buttons() == Qt::NoButton)
            onMouseMove(event->pos());
    });
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, [this] {
        resetView();
        Q_EMIT viewReset();
    });
}

void CurvePlot::onMouseMove(const QPoint& position)
{
    if (!m_plot->axisRect()->rect().contains(position) || !hasSamples()) {
        if (m_cursorX) {
            hideCursor();
            Q_EMIT cursorLeft();
        }
        return;
    }
    showCursor(toX(position.x()), true);
    if (m_cursorX)
        Q_EMIT cursorMoved(*m_cursorX);
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::Leave:
        if (m_cursorX) {
            hideCursor();
            Q_EMIT cursorLeft();
        }
        break;
    case QEvent::Wheel:
        // Nothing to zoom: let the page scroll.
        if (!hasSamples()) {
            event->ignore();
            return true;
        }
        break;
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_plot->setGeometry(rect());
    m_overlay->setGeometry(m_plot->rect());
    hideCursor();
}

void CurvePlot::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_isStale)
        m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    m_overlay->setFocused(event->reason() == Qt::TabFocusReason ||
                          event->reason() == Qt::BacktabFocusReason);
}

void CurvePlot::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    m_overlay->setFocused(false);
}

void CurvePlot::keyPressEvent(QKeyEvent* event)
{
    const bool isPanning = event->modifiers().testFlag(Qt::ShiftModifier);
    switch (event->key()) {
    case Qt::Key_Left:
        isPanning ? panBy(-0.1, 0) : moveCursorBy(-1);
        return;
    case Qt::Key_Right:
        isPanning ? panBy(0.1, 0) : moveCursorBy(1);
        return;
    case Qt::Key_PageUp:
        moveCursorBy(-100);
        return;
    case Qt::Key_PageDown:
        moveCursorBy(100);
        return;
    case Qt::Key_Up:
        if (isPanning) {
            panBy(0, 0.1);
            return;
        }
        break;
    case Qt::Key_Down:
        if (isPanning) {
            panBy(0, -0.1);
            return;
        }
        break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(0.8);
        return;
    case Qt::Key_Minus:
        zoomBy(1 / 0.8);
        return;
    case Qt::Key_Home:
    case Qt::Key_0:
        resetView();
        Q_EMIT viewReset();
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void CurvePlot::moveCursorBy(int steps)
{
    // Along the series with the most samples; the others are read where they are near.
    const SeriesBuffer* longest = nullptr;
    for (int i = 0; i < seriesCount(); ++i) {
        if (isSeriesShown(i) && isPresent(i) && (!longest || samples(i).size() > longest->size()))
            longest = &samples(i);
    }
    if (!longest)
        return;
    const AxisRange range = xRange();
    const double from = m_cursorX.value_or((range.lower + range.upper) / 2);
    const auto index = static_cast<std::ptrdiff_t>(*longest->nearest(from));
    // The first key press shows the cursor, later ones move it.
    const std::ptrdiff_t moved = m_cursorX ? index + steps : index;
    const std::ptrdiff_t last = static_cast<std::ptrdiff_t>(longest->size()) - 1;
    showCursor(longest->x(static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(moved, 0, last))),
               true);
    if (m_cursorX)
        Q_EMIT cursorMoved(*m_cursorX);
}

void CurvePlot::zoomBy(double factor)
{
    m_plot->xAxis->scaleRange(factor);
    m_plot->yAxis->scaleRange(factor);
    scheduleReplot();
}

void CurvePlot::panBy(double xShare, double yShare)
{
    if (xShare != 0)
        m_plot->xAxis->moveRange(xShare * m_plot->xAxis->range().size());
    if (yShare != 0 && m_isLogY)
        m_plot->yAxis->moveRange(std::pow(yRange().upper / yRange().lower, yShare));
    else if (yShare != 0)
        m_plot->yAxis->moveRange(yShare * m_plot->yAxis->range().size());
    scheduleReplot();
}

} // namespace samba::ui
