#pragma once

#include "engine/api/events.h"

#include <QFrame>

class QLabel;
class QToolButton;

namespace samba::ui {

class PromptedText;

/// One prompt with what the model made of it. Thread: GUI.
class ChatTurn : public QFrame {
    Q_OBJECT

public:
    explicit ChatTurn(const QString& prompt, QWidget* parent = nullptr);

    void append(const samba::GenerationText& text);
    void finish(const samba::GenerationFinished& result);

    /// Ends the turn without a result.
    void fail(const QString& reason);

    QString prompt() const;
    QString generated() const;

public Q_SLOTS:
    /// Puts prompt and continuation on the clipboard.
    void copy();

Q_SIGNALS:
    /// Continue the same prompt once more.
    void regenerateRequested();

private:
    PromptedText* m_text;
    QLabel* m_note;
    QToolButton* m_copy;
    QToolButton* m_regenerate;
};

} // namespace samba::ui
