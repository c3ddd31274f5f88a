#pragma once

#include <QFrame>
#include <QString>

class QLabel;
class QPushButton;
class QToolButton;

namespace samba::ui {

/// A message that does not interrupt: one sentence, what to do about it, and a way to put it away.
///
/// One message is in sight at a time; a further one is counted ("2 more in the log") and replaces
/// it. Hidden while there is none. Thread: GUI.
class MessageBar : public QFrame {
    Q_OBJECT

public:
    enum class Kind { Info, Warning, Error };

    explicit MessageBar(QWidget* parent = nullptr);

    void showMessage(Kind kind, const QString& sentence, const QString& remedy);

    QString sentence() const;
    QString remedy() const;

public Q_SLOTS:
    void dismiss();

Q_SIGNALS:
    /// The person wants to see all messages.
    void logRequested();

private:
    QLabel* m_icon;
    QLabel* m_sentence;
    QLabel* m_remedy;
    QPushButton* m_more;
    QToolButton* m_dismiss;
    int m_replaced = 0;
};

} // namespace samba::ui
