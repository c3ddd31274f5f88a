#include "ui/widgets/prompted_text.h"

#include "ui/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QTextCursor>
#include <QWheelEvent>

#include <cmath>

namespace samba::ui {

namespace {

/// To lay out a whole book at once would keep the window from answering.
constexpr qsizetype kMaxShownPrompt = 4'000;

QString shownPart(const QString& prompt)
{
    if (prompt.size() <= kMaxShownPrompt)
        return prompt;
    QString end = prompt.right(kMaxShownPrompt);
    if (end.front().isLowSurrogate())
        end.remove(0, 1);
    return u'…' + end;
}

} // namespace

PromptedText::PromptedText(QWidget* parent) : QTextEdit(parent)
{
    setProperty("flat", true);
    setReadOnly(true);
    setAcceptRichText(false);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    document()->setDocumentMargin(0);
    viewport()->setAutoFillBackground(false);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &PromptedText::fitHeight);
    connect(&ThemeController::instance(), &ThemeController::changed, this, &PromptedText::recolor);
}

void PromptedText::setPrompt(const QString& prompt)
{
    clear();
    m_prompt = prompt;
    m_generated.clear();
    insert(shownPart(prompt), true);
}

void PromptedText::appendGenerated(const QString& text)
{
    m_generated += text;
    insert(text, false);
}

void PromptedText::insert(const QString& text, bool isPrompt)
{
    QTextCharFormat format;
    format.setForeground(isPrompt ? Theme::current().mutedText : Theme::current().text);
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(text, format);
}

void PromptedText::recolor()
{
    const QString generated = m_generated;
    setPrompt(m_prompt);
    appendGenerated(generated);
}

QSize PromptedText::sizeHint() const
{
    return {200, static_cast<int>(std::ceil(document()->size().height()))};
}

QSize PromptedText::minimumSizeHint() const
{
    return {60, sizeHint().height()};
}

void PromptedText::resizeEvent(QResizeEvent* event)
{
    QTextEdit::resizeEvent(event);
    fitHeight();
}

void PromptedText::fitHeight()
{
    const int height = sizeHint().height();
    if (height != minimumHeight() || height != maximumHeight())
        setFixedHeight(height);
}

void PromptedText::wheelEvent(QWheelEvent* event)
{
    // There is nothing to scroll in here: the view around it takes the wheel.
    event->ignore();
}

} // namespace samba::ui
