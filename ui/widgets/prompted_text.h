#pragma once

#include <QString>
#include <QTextEdit>

namespace samba::ui {

/// A text of which the beginning was given and the rest was generated, told apart by colour. As
/// tall as its content, read only, selectable. Thread: GUI.
class PromptedText : public QTextEdit {
    Q_OBJECT

public:
    explicit PromptedText(QWidget* parent = nullptr);

    /// Begins anew with a prompt. Of a very long one only the end is shown.
    void setPrompt(const QString& prompt);

    /// Adds generated text at the end.
    void appendGenerated(const QString& text);

    const QString& prompt() const { return m_prompt; }
    const QString& generated() const { return m_generated; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void recolor();
    void fitHeight();
    void insert(const QString& text, bool isPrompt);

    QString m_prompt;
    QString m_generated;
};

} // namespace samba::ui
