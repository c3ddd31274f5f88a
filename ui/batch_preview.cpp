#include "ui/batch_preview.h"

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/labels.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QTextCursor>
#include <QTextEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr QSize kSize{820, 640};

QString splitText(const samba::DataSplitInfo& split)
{
    if (split.cacheState != samba::CacheState::Ready)
        return BatchPreviewDialog::tr("%1 of text, not tokenized yet")
            .arg(formatBytes(static_cast<double>(split.fileBytes)));
    const bool isOne = split.documents == 1;
    return (isOne ? BatchPreviewDialog::tr("%1 tokens in %2 document")
                  : BatchPreviewDialog::tr("%1 tokens in %2 documents"))
        .arg(formatInteger(split.tokens), formatInteger(split.documents));
}

/// Line ends are shown before they are made.
QString visibleText(const samba::BatchPreview::Token& token)
{
    QString text = toQString(token.text);
    text.replace(QLatin1Char('\r'), QChar(0x240d));
    text.replace(QLatin1Char('\t'), QChar(0x21e5));
    return text.replace(QLatin1Char('\n'), QStringLiteral("\u23ce\n"));
}

} // namespace

BatchPreviewDialog::BatchPreviewDialog(const samba::DataDescribed& described, QWidget* parent)
    : QDialog(parent),
      m_batch(described.batch),
      m_text(new QTextEdit),
      m_position(makeLabel({}, TextRole::Body, Tone::Muted))
{
    setObjectName(QStringLiteral("batchPreview"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("First batch – %1").arg(toQString(described.info.name)));
    m_text->setObjectName(QStringLiteral("batchText"));
    m_text->setAccessibleName(tr("Tokens of the sequence"));
    m_text->setReadOnly(true);
    m_text->setFont(monospaceFont());
    m_position->setObjectName(QStringLiteral("batchPosition"));

    const samba::DataInfo& info = described.info;
    auto* facts = new FactGrid;
    facts->setFact(tr("Data"), toQString(info.name), toQString(info.source));
    facts->setFact(
        tr("Tokenizer"),
        tr("%1, %2 entries").arg(toQString(info.tokenizer), formatInteger(info.tokenizerSize)));
    facts->setFact(tr("Between documents"),
                   info.endOfText.empty() ? tr("nothing") : toQString(info.endOfText));
    for (const samba::DataSplitInfo& split : info.splits)
        facts->setFact(tr("Split %1").arg(toQString(split.name)), splitText(split),
                       toQString(split.cacheFile));

    m_previous = makeIconButton(QStringLiteral("batchPrevious"), QStringLiteral("chevron-left"),
                                tr("Previous sequence"));
    m_next = makeIconButton(QStringLiteral("batchNext"), QStringLiteral("chevron-right"),
                            tr("Next sequence"));
    m_previous->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Left));
    m_next->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Right));
    auto* bar = new QHBoxLayout;
    bar->addWidget(makeLabel(tr("What the model reads"), TextRole::Heading));
    bar->addStretch(1);
    bar->addWidget(m_position);
    bar->addWidget(m_previous);
    bar->addWidget(m_next);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_previous, &QToolButton::clicked, this, [this] { showRow(m_row - 1); });
    connect(m_next, &QToolButton::clicked, this, [this] { showRow(m_row + 1); });
    connect(&ThemeController::instance(), &ThemeController::changed, this,
            [this] { showRow(m_row); });

    auto* layout = new QVBoxLayout(this);
    const int margin = Theme::current().panelMargin;
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->setSpacing(Theme::current().spacingLarge);
    layout->addWidget(facts);
    layout->addWidget(makeLine());
    layout->addLayout(bar);
    layout->addWidget(m_text, 1);
    layout->addWidget(buttons);
    resize(kSize);
    showRow(0);
}

/// Neighbouring tokens get different backgrounds, so that one sees where they end.
void BatchPreviewDialog::showRow(int row)
{
    const auto rows = static_cast<int>(m_batch->rows.size());
    m_row = std::clamp(row, 0, rows - 1);
    m_previous->setEnabled(m_row > 0);
    m_next->setEnabled(m_row + 1 < rows);
    m_position->setText(tr("Sequence %1 of %2, %3 tokens to predict")
                            .arg(m_row + 1)
                            .arg(rows)
                            .arg(formatInteger(m_batch->seqLen)));

    const Theme& theme = Theme::current();
    QTextCharFormat even;
    QTextCharFormat odd;
    odd.setBackground(theme.accentSoft);
    QTextCharFormat special;
    special.setBackground(theme.accent);
    special.setForeground(theme.accentText);
    m_text->clear();
    QTextCursor cursor(m_text->document());
    cursor.beginEditBlock();
    bool isOdd = false;
    for (const samba::BatchPreview::Token& token : m_batch->rows[static_cast<std::size_t>(m_row)]) {
        cursor.insertText(visibleText(token), token.isSpecial ? special : isOdd ? odd : even);
        isOdd = !isOdd;
    }
    cursor.endEditBlock();
    m_text->moveCursor(QTextCursor::Start);
}

} // namespace samba::ui
