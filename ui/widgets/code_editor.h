#pragma once

#include <QPlainTextEdit>
#include <QString>
#include <QVector>

namespace samba::ui {

/// A text editor with line numbers, for files. Places can be marked; the mark's message is shown as
/// a tool tip. Thread: GUI.
class CodeEditor : public QPlainTextEdit {
    Q_OBJECT

public:
    struct Mark {
        int line = 0;   ///< 1-based
        int column = 0; ///< 1-based; 0: the whole line
        bool isError = true;
        QString message;
    };

    explicit CodeEditor(QWidget* parent = nullptr);

    void setMarks(QVector<Mark> marks);
    const QVector<Mark>& marks() const { return m_marks; }

    /// Replaces only what differs, as one step of the undo history; the cursor stays with its text.
    void replaceText(const QString& text);

    /// Puts the cursor there and the line in sight.
    void goTo(int line, int column);

    /// Width of the column of line numbers.
    int gutterWidth() const;

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    friend class CodeGutter;

    void paintGutter(QPaintEvent* event);
    void updateSelections();
    const Mark* markAt(int line) const;

    QWidget* m_gutter;
    QVector<Mark> m_marks;
};

} // namespace samba::ui
