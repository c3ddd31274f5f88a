#include "ui/shortcuts_dialog.h"

#include "ui/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/scroll_column.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QVBoxLayout>

namespace samba::ui {

namespace {

void addMenuRows(const QMenu& menu, QGridLayout& grid)
{
    for (const QAction* action : menu.actions()) {
        if (action->menu() != nullptr) {
            addMenuRows(*action->menu(), grid);
            continue;
        }
        if (action->shortcut().isEmpty())
            continue;
        const int row = grid.rowCount();
        QString text = action->text();
        grid.addWidget(makeLabel(text.remove(u'&')), row, 0);
        grid.addWidget(makeChip(action->shortcut().toString(QKeySequence::NativeText)), row, 1,
                       Qt::AlignRight);
    }
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const QMenuBar& menuBar, QWidget* parent) : QDialog(parent)
{
    setObjectName(QStringLiteral("shortcutsDialog"));
    setWindowTitle(tr("Keyboard shortcuts"));
    auto* list = new ScrollColumn;
    for (const QAction* action : menuBar.actions()) {
        if (action->menu() == nullptr)
            continue;
        QString title = action->text();
        auto* block = new QWidget;
        auto* grid = new QGridLayout(block);
        grid->setContentsMargins(0, 0, 0, 10);
        grid->setVerticalSpacing(6);
        grid->setColumnStretch(0, 1);
        grid->addWidget(makeLabel(title.remove(u'&'), TextRole::Heading), 0, 0);
        addMenuRows(*action->menu(), *grid);
        if (grid->rowCount() > 1)
            list->column()->addWidget(block);
        else
            delete block;
    }
    list->column()->addStretch(1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(list, 1);
    layout->addWidget(buttons);
    resize(440, 560);
}

} // namespace samba::ui
