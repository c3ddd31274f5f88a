#include "ui/log_panel.h"

#include "ui/format.h"
#include "ui/log_model.h"
#include "ui/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/labels.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScrollBar>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kCapacity = 20'000;
constexpr int kRowPadding = 3;

/// One line: the time, a bar in the level's colour, the text.
class LogDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const Theme& theme = Theme::current();
        painter->save();
        if (option.state.testFlag(QStyle::State_Selected))
            painter->fillRect(option.rect, theme.accentSoft);
        const auto level = static_cast<LogLevel>(index.data(LogModel::LevelRole).toInt());
        const QColor color = level == LogLevel::Error     ? theme.danger
                             : level == LogLevel::Warning ? theme.warning
                             : level == LogLevel::Debug   ? theme.mutedText
                                                          : theme.text;
        painter->setFont(monospaceFont());
        const QFontMetrics metrics = painter->fontMetrics();
        const int timeWidth = metrics.horizontalAdvance(QStringLiteral("00:00:00"));
        QRect rest = option.rect.adjusted(8, 0, -8, 0);
        painter->setPen(theme.mutedText);
        painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                          index.data(LogModel::TimeRole).toString());
        rest.setLeft(rest.left() + timeWidth + 10);
        if (level >= LogLevel::Warning)
            painter->fillRect(QRect(rest.left(), rest.top() + 4, 3, rest.height() - 8), color);
        rest.setLeft(rest.left() + 10);
        painter->setPen(color);
        const QString text = index.data().toString().section(QLatin1Char('\n'), 0, 0);
        painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                          metrics.elidedText(text, Qt::ElideRight, rest.width()));
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {100, QFontMetrics(monospaceFont()).height() + 2 * kRowPadding};
    }
};

} // namespace

LogPanel::LogPanel(QWidget* parent)
    : QWidget(parent),
      m_model(new LogModel(kCapacity, this)),
      m_filter(new LogFilter(this)),
      m_level(new QComboBox),
      m_search(new QLineEdit),
      m_view(new QListView),
      m_count(makeLabel({}, TextRole::Small, Tone::Muted)),
      m_pages(new QStackedWidget),
      m_empty(new EmptyState(QStringLiteral("log"), tr("Nothing to report yet"),
                             tr("What the engine does, and every warning, is listed here.")))
{
    setObjectName(QStringLiteral("logPanel"));
    m_filter->setSourceModel(m_model);

    m_level->setObjectName(QStringLiteral("logLevel"));
    m_level->setAccessibleName(tr("Lowest level shown"));
    m_level->addItems(
        {tr("Everything"), tr("Info and above"), tr("Warnings and errors"), tr("Errors only")});
    m_level->setCurrentIndex(static_cast<int>(LogLevel::Info));
    m_search->setObjectName(QStringLiteral("logSearch"));
    m_search->setAccessibleName(tr("Search the log"));
    m_search->setPlaceholderText(tr("Search the log"));
    m_search->setClearButtonEnabled(true);
    auto* copyButton = makeIconButton(QStringLiteral("logCopy"), QStringLiteral("copy"),
                                      tr("Copy the lines shown"));
    auto* clearButton =
        makeIconButton(QStringLiteral("logClear"), QStringLiteral("clear"), tr("Clear the log"));

    m_view->setObjectName(QStringLiteral("logView"));
    m_view->setAccessibleName(tr("Log lines"));
    m_view->setModel(m_filter);
    m_view->setItemDelegate(new LogDelegate(m_view));
    m_view->setUniformItemSizes(true);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    auto* bar = new QHBoxLayout;
    bar->setSpacing(Theme::current().spacing);
    bar->addWidget(m_level);
    bar->addWidget(m_search, 1);
    bar->addWidget(m_count);
    bar->addWidget(copyButton);
    bar->addWidget(clearButton);

    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_view);
    auto* layout = new QVBoxLayout(this);
    const int margin = Theme::current().panelMargin;
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->addLayout(bar);
    layout->addWidget(m_pages, 1);

    connect(m_level, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_filter->setLowestLevel(static_cast<LogLevel>(index));
        updateState();
    });
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter->setSearchText(text);
        updateState();
    });
    connect(copyButton, &QToolButton::clicked, this, &LogPanel::copy);
    connect(clearButton, &QToolButton::clicked, this, &LogPanel::clear);
    updateState();
}

void LogPanel::append(std::span<const samba::LogMessage> lines)
{
    const QScrollBar* bar = m_view->verticalScrollBar();
    const bool wasAtEnd = bar->value() >= bar->maximum() - 2;
    m_model->append(lines);
    updateState();
    if (wasAtEnd)
        m_view->scrollToBottom();
}

void LogPanel::copy()
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    if (rows.isEmpty()) {
        for (int row = 0; row < m_filter->rowCount(); ++row)
            rows.append(m_filter->index(row, 0));
    }
    QStringList lines;
    for (const QModelIndex& row : std::as_const(rows))
        lines.append(row.data(LogModel::LineRole).toString());
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

void LogPanel::clear()
{
    m_model->clear();
    updateState();
}

void LogPanel::updateState()
{
    m_pages->setCurrentIndex(m_model->rowCount() == 0 ? 0 : 1);
    const int shown = m_filter->rowCount();
    const int all = m_model->rowCount();
    m_count->setText(shown == all
                         ? tr("%1 lines").arg(formatInteger(all))
                         : tr("%1 of %2 lines").arg(formatInteger(shown), formatInteger(all)));
}

} // namespace samba::ui
