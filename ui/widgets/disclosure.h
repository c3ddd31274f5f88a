#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace samba::ui {

/// A heading that folds what is below it; folded, it says in short what is inside. Thread: GUI.
class Disclosure : public QWidget {
    Q_OBJECT

public:
    /// @param body  taken over; shown while open.
    Disclosure(const QString& title, QWidget* body, QWidget* parent = nullptr);

    void setOpen(bool isOpen);
    bool isOpen() const;

    /// The short text beside the heading while folded.
    void setSummary(const QString& summary);

    QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void toggled(bool isOpen);

private:
    QPushButton* m_button;
    QLabel* m_summary;
    QWidget* m_body;
};

} // namespace samba::ui
