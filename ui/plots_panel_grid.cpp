#include "ui/plots_panel_grid.h"

#include "ui/theme.h"
#include "ui/widgets/curve_plot_card.h"

#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kMinCardHeight = 172;
constexpr int kTwoColumns = 560; ///< widths from which there are so many columns
constexpr int kThreeColumns = 1180;

int columnsFor(int width, int cards)
{
    const int fitting = width >= kThreeColumns ? 3 : width >= kTwoColumns ? 2 : 1;
    // Four cards are a square, not three and a lonely one.
    return cards == 4 ? std::min(fitting, 2) : std::min(fitting, std::max(1, cards));
}

} // namespace

PlotGrid::PlotGrid(QWidget* parent) : QScrollArea(parent), m_page(new QWidget)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_page->setProperty("clear", true);
    viewport()->setProperty("clear", true);
    setWidget(m_page);
}

void PlotGrid::addCard(CurvePlotCard* card)
{
    card->setParent(m_page);
    card->show();
    m_cards.append(card);
    connect(card, &CurvePlotCard::maximizeRequested, this,
            [this, card](bool isWanted) { maximize(isWanted ? card : nullptr); });
    arrange();
}

void PlotGrid::maximize(CurvePlotCard* card)
{
    if (m_maximized)
        m_maximized->setMaximized(false);
    m_maximized = card;
    if (m_maximized)
        m_maximized->setMaximized(true);
    for (CurvePlotCard* other : m_cards)
        other->setVisible(!card || other == card);
    arrange();
    if (card)
        verticalScrollBar()->setValue(0);
}

void PlotGrid::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    arrange();
}

void PlotGrid::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && m_maximized) {
        maximize(nullptr);
        return;
    }
    QScrollArea::keyPressEvent(event);
}

void PlotGrid::arrange()
{
    const QSize view = viewport()->size();
    if (m_maximized) {
        m_page->resize(view);
        m_maximized->setGeometry(m_page->rect());
        return;
    }
    const int count = static_cast<int>(m_cards.size());
    if (count == 0)
        return;
    const int gap = Theme::current().spacing;
    const int columns = columnsFor(view.width(), count);
    const int rows = (count + columns - 1) / columns;
    const int height = std::max(kMinCardHeight, (view.height() - (rows - 1) * gap) / rows);
    m_page->resize(view.width(), rows * height + (rows - 1) * gap);

    const double pitch = (view.width() + gap) / static_cast<double>(columns);
    for (int i = 0; i < count; ++i) {
        const int column = i % columns;
        const int left = static_cast<int>(column * pitch);
        const int right = static_cast<int>((column + 1) * pitch) - gap;
        m_cards[i]->setGeometry(left, i / columns * (height + gap), right - left, height);
    }
}

} // namespace samba::ui
