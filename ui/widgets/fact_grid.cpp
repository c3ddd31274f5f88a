#include "ui/widgets/fact_grid.h"

#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QGridLayout>
#include <QLabel>

namespace samba::ui {

FactGrid::FactGrid(QWidget* parent) : QWidget(parent), m_layout(new QGridLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setHorizontalSpacing(Theme::current().spacingLarge);
    m_layout->setVerticalSpacing(5);
    m_layout->setColumnStretch(1, 1);
}

void FactGrid::setFact(const QString& name, const QString& value, const QString& toolTip)
{
    auto found = m_rows.find(name);
    if (found == m_rows.end()) {
        const Row row{makeLabel(name, TextRole::Body, Tone::Muted), makeLabel(value)};
        row.value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        row.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        row.value->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        const auto place = static_cast<int>(m_rows.size());
        m_layout->addWidget(row.name, place, 0);
        m_layout->addWidget(row.value, place, 1);
        found = m_rows.insert(name, row);
    }
    found->value->setText(value);
    found->value->setAccessibleName(name);
    found->name->setToolTip(toolTip);
    found->value->setToolTip(toolTip);
    found->name->setVisible(!value.isEmpty());
    found->value->setVisible(!value.isEmpty());
}

void FactGrid::clear()
{
    for (const Row& row : std::as_const(m_rows)) {
        row.value->clear();
        row.name->hide();
        row.value->hide();
    }
}

QString FactGrid::fact(const QString& name) const
{
    const auto found = m_rows.find(name);
    return found == m_rows.end() ? QString() : found->value->text();
}

} // namespace samba::ui
