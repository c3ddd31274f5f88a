#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace samba::ui {

/// What a view shows while it has nothing to show: a picture, what this place is for, and the
/// buttons that fill it. Thread: GUI.
class EmptyState : public QWidget {
    Q_OBJECT

public:
    EmptyState(const QString& icon, const QString& title, const QString& text,
               QWidget* parent = nullptr);

    /// Adds a button below the text; the first one is the primary one.
    QPushButton* addButton(const QString& objectName, const QString& text,
                           const QString& icon = {});

    /// Adds any widget below the text.
    void addWidget(QWidget* widget);

    void setText(const QString& text);

protected:
    /// Leaves the picture out where it would take the room of the words and buttons.
    void resizeEvent(QResizeEvent* event) override;

private:
    void drawIcon();

    QString m_icon;
    QLabel* m_picture;
    QLabel* m_text;
    QVBoxLayout* m_content;
    bool m_hasPrimary = false;
};

} // namespace samba::ui
