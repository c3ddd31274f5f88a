#include "ui/widgets/code_editor.h"

#include "ui/theme.h"

#include <QHelpEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QTextBlock>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace samba::ui {

namespace {

constexpr int kGutterMargin = 10;
constexpr int kTabSpaces = 2;

} // namespace

/// Where the line numbers are drawn; the editor does the drawing.
class CodeGutter : public QWidget {
public:
    explicit CodeGutter(CodeEditor* editor) : QWidget(editor), m_editor(editor) {}

    QSize sizeHint() const override { return {m_editor->gutterWidth(), 0}; }

protected:
    void paintEvent(QPaintEvent* event) override { m_editor->paintGutter(event); }

private:
    CodeEditor* m_editor;
};

CodeEditor::CodeEditor(QWidget* parent) : QPlainTextEdit(parent), m_gutter(new CodeGutter(this))
{
    setProperty("code", true);
    setFont(monospaceFont());
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setTabStopDistance(kTabSpaces * fontMetrics().horizontalAdvance(QLatin1Char(' ')));
    connect(this, &QPlainTextEdit::blockCountChanged, this,
            [this] { setViewportMargins(gutterWidth(), 0, 0, 0); });
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& area, int dy) {
        if (dy != 0)
            m_gutter->scroll(0, dy);
        else
            m_gutter->update(0, area.y(), m_gutter->width(), area.height());
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, &CodeEditor::updateSelections);
    connect(&ThemeController::instance(), &ThemeController::changed, this,
            &CodeEditor::updateSelections);
    setViewportMargins(gutterWidth(), 0, 0, 0);
    updateSelections();
}

void CodeEditor::setMarks(QVector<Mark> marks)
{
    m_marks = std::move(marks);
    updateSelections();
    m_gutter->update();
}

void CodeEditor::replaceText(const QString& text)
{
    const QString old = toPlainText();
    if (old == text)
        return;
    qsizetype head = 0;
    const qsizetype shorter = std::min(old.size(), text.size());
    while (head < shorter && old[head] == text[head])
        ++head;
    qsizetype tail = 0;
    while (tail < shorter - head && old[old.size() - 1 - tail] == text[text.size() - 1 - tail])
        ++tail;
    QTextCursor cursor(document());
    cursor.setPosition(static_cast<int>(head));
    cursor.setPosition(static_cast<int>(old.size() - tail), QTextCursor::KeepAnchor);
    cursor.insertText(text.mid(head, text.size() - head - tail));
}

void CodeEditor::goTo(int line, int column)
{
    const QTextBlock block = document()->findBlockByNumber(std::max(line - 1, 0));
    if (!block.isValid())
        return;
    QTextCursor cursor(block);
    cursor.movePosition(QTextCursor::Right, QTextCursor::MoveAnchor,
                        std::clamp(column - 1, 0, std::max(block.length() - 1, 0)));
    setTextCursor(cursor);
    centerCursor();
}

int CodeEditor::gutterWidth() const
{
    const auto digits = std::max<qsizetype>(QString::number(blockCount()).size(), 2);
    return fontMetrics().horizontalAdvance(QLatin1Char('0')) * static_cast<int>(digits) +
           2 * kGutterMargin;
}

bool CodeEditor::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPoint place = viewport()->mapFrom(this, help->pos());
        const Mark* mark = markAt(cursorForPosition(place).blockNumber() + 1);
        if (mark != nullptr)
            QToolTip::showText(help->globalPos(), mark->message, this);
        else
            QToolTip::hideText();
        return true;
    }
    return QPlainTextEdit::event(event);
}

void CodeEditor::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    const QRect area = contentsRect();
    m_gutter->setGeometry(area.left(), area.top(), gutterWidth(), area.height());
}

void CodeEditor::paintGutter(QPaintEvent* event)
{
    const Theme& theme = Theme::current();
    QPainter painter(m_gutter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font());
    QTextBlock block = firstVisibleBlock();
    const int current = textCursor().blockNumber();
    qreal top = blockBoundingGeometry(block).translated(contentOffset()).top();
    while (block.isValid() && top <= event->rect().bottom()) {
        const qreal height = blockBoundingRect(block).height();
        const QRectF row(0, top, m_gutter->width() - kGutterMargin, height);
        const Mark* mark = markAt(block.blockNumber() + 1);
        QColor color = block.blockNumber() == current ? theme.text : theme.mutedText;
        if (mark != nullptr) {
            color = mark->isError ? theme.danger : theme.warning;
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawEllipse(QPointF(6, row.center().y()), 2.5, 2.5);
        }
        painter.setPen(color);
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(block.blockNumber() + 1));
        top += height;
        block = block.next();
    }
}

void CodeEditor::updateSelections()
{
    const Theme& theme = Theme::current();
    QList<QTextEdit::ExtraSelection> selections;
    QTextEdit::ExtraSelection currentLine;
    currentLine.format.setBackground(theme.hover);
    currentLine.format.setProperty(QTextFormat::FullWidthSelection, true);
    currentLine.cursor = textCursor();
    currentLine.cursor.clearSelection();
    selections.append(currentLine);
    for (const Mark& mark : std::as_const(m_marks)) {
        const QTextBlock block = document()->findBlockByNumber(mark.line - 1);
        if (!block.isValid())
            continue;
        QTextEdit::ExtraSelection underline;
        underline.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        underline.format.setUnderlineColor(mark.isError ? theme.danger : theme.warning);
        underline.cursor = QTextCursor(block);
        const int start = std::clamp(mark.column - 1, 0, std::max(block.length() - 1, 0));
        underline.cursor.movePosition(QTextCursor::Right, QTextCursor::MoveAnchor, start);
        underline.cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        selections.append(underline);
    }
    setExtraSelections(selections);
    m_gutter->update();
}

const CodeEditor::Mark* CodeEditor::markAt(int line) const
{
    const Mark* found = nullptr;
    for (const Mark& mark : m_marks) {
        if (mark.line == line && (found == nullptr || mark.isError))
            found = &mark;
    }
    return found;
}

} // namespace samba::ui
