#include "ui/widgets/curve_plot_card.h"

#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/curve_plot_legend.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/labels.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

namespace samba::ui {

CurvePlotCard::CurvePlotCard(const QString& key, const QString& title, const QString& unit,
                             QWidget* parent)
    : QFrame(parent),
      m_key(key),
      m_plot(new CurvePlot(this)),
      m_legend(new CurveLegend(m_plot, this)),
      m_title(makeLabel(title, TextRole::Heading)),
      m_unit(new ElidedLabel),
      m_reading(makeLabel(QString(), TextRole::Heading)),
      m_header(new QHBoxLayout),
      m_maximize(makeIconButton(key + QStringLiteral(".maximize"), QStringLiteral("maximize"),
                                tr("Fill the view with %1").arg(title))),
      m_menu(makeIconButton(key + QStringLiteral(".menu"), QStringLiteral("more"),
                            tr("Save or copy %1").arg(title)))
{
    setObjectName(key + QStringLiteral(".card"));
    setProperty("card", QStringLiteral("plain"));
    m_plot->setObjectName(key + QStringLiteral(".plot"));
    m_reading->setObjectName(key + QStringLiteral(".reading"));
    m_reading->hide();

    const Theme& theme = Theme::current();
    m_header->setSpacing(theme.spacingSmall);
    m_header->addWidget(m_title);
    m_header->addSpacing(theme.spacingSmall);
    m_header->addWidget(m_unit, 1);
    m_header->addWidget(m_reading);
    m_header->addSpacing(theme.spacingSmall);
    m_header->addWidget(m_maximize);
    m_header->addWidget(m_menu);
    m_unit->setFont(themedFont(TextRole::Small));
    setTone(m_unit, Tone::Muted);
    for (QToolButton* button : {m_maximize, m_menu})
        button->setIconSize(QSize(15, 15));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme.spacingLarge, 7, theme.spacing, theme.spacing);
    layout->setSpacing(2);
    layout->addLayout(m_header);
    layout->addWidget(m_legend);
    layout->addWidget(m_plot, 1);

    connect(m_maximize, &QToolButton::clicked, this,
            [this] { Q_EMIT maximizeRequested(!m_isMaximized); });
    setTitle(title, unit);
    makeMenu();
}

void CurvePlotCard::setTitle(const QString& title, const QString& unit)
{
    m_title->setText(title);
    m_unit->setText(unit);
    m_plot->setTitle(title, unit);
    setAccessibleName(title);
}

void CurvePlotCard::setReading(const QString& text)
{
    m_reading->setText(text);
    m_reading->setVisible(!text.isEmpty());
}

void CurvePlotCard::addHeaderWidget(QWidget* widget)
{
    m_header->insertWidget(m_header->indexOf(m_maximize), widget);
}

void CurvePlotCard::setMaximized(bool isMaximized)
{
    m_isMaximized = isMaximized;
    m_maximize->setIcon(
        themedIcon(isMaximized ? QStringLiteral("minimize") : QStringLiteral("maximize")));
    const QString name = isMaximized ? tr("Back to all plots (Esc)")
                                     : tr("Fill the view with %1").arg(m_title->text());
    m_maximize->setToolTip(name);
    m_maximize->setAccessibleName(name);
}

void CurvePlotCard::makeMenu()
{
    auto* menu = new QMenu(this);
    const auto add = [this, menu](const char* name, const QString& icon, const QString& text) {
        QAction* action = menu->addAction(themedIcon(icon), text);
        action->setObjectName(m_key + QLatin1Char('.') + QLatin1String(name));
        return action;
    };
    const QString save = QStringLiteral("save");
    connect(add("savePng", save, tr("Save as PNG…")), &QAction::triggered, this, [this] {
        askForFile(tr("Save the plot"), tr("PNG picture (*.png)"), QStringLiteral("png"));
    });
    connect(add("saveSvg", save, tr("Save as SVG…")), &QAction::triggered, this, [this] {
        askForFile(tr("Save the plot"), tr("SVG drawing (*.svg)"), QStringLiteral("svg"));
    });
    connect(add("savePdf", save, tr("Save as PDF…")), &QAction::triggered, this, [this] {
        askForFile(tr("Save the plot"), tr("PDF document (*.pdf)"), QStringLiteral("pdf"));
    });
    connect(add("copyPicture", QStringLiteral("copy"), tr("Copy the picture")), &QAction::triggered,
            this, [this] { copyPicture(); });
    menu->addSeparator();
    connect(add("exportCsv", QStringLiteral("export"), tr("Export the values as CSV…")),
            &QAction::triggered, this, [this] {
                askForFile(tr("Export the values"), tr("CSV table (*.csv)"), QStringLiteral("csv"));
            });
    connect(add("resetView", QStringLiteral("zoom-reset"), tr("Show everything")),
            &QAction::triggered, this, [this] {
                m_plot->resetView();
                Q_EMIT m_plot->viewReset();
            });
    m_menu->setMenu(menu);
    m_menu->setPopupMode(QToolButton::InstantPopup);
}

void CurvePlotCard::askForFile(const QString& caption, const QString& filter, const QString& suffix)
{
    auto* dialog = new QFileDialog(this, caption, QString(), filter);
    dialog->setObjectName(m_key + QStringLiteral(".fileDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(QString(m_key).replace(QLatin1Char('/'), QLatin1Char('-')));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { write(path); });
    dialog->open();
}

void CurvePlotCard::write(const QString& path)
{
    const bool isTable = path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive);
    const bool isWritten = isTable ? m_plot->exportCsv(path) : m_plot->saveImage(path);
    if (!isWritten)
        Q_EMIT exportFailed(tr("“%1” could not be written.").arg(path));
}

void CurvePlotCard::copyPicture()
{
    QGuiApplication::clipboard()->setImage(
        m_plot->toImage(m_plot->size() + QSize(0, 46), devicePixelRatioF()));
}

} // namespace samba::ui
