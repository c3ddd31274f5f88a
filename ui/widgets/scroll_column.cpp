#include "ui/widgets/scroll_column.h"

#include "ui/theme.h"

#include <QVBoxLayout>

namespace samba::ui {

ScrollColumn::ScrollColumn(QWidget* parent) : QScrollArea(parent), m_column(nullptr)
{
    auto* content = new QWidget;
    content->setProperty("clear", true);
    m_column = new QVBoxLayout(content);
    const int margin = Theme::current().panelMargin;
    m_column->setContentsMargins(margin, margin, margin, margin);
    m_column->setSpacing(Theme::current().spacing);
    setWidget(content);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    viewport()->setProperty("clear", true);
}

} // namespace samba::ui
