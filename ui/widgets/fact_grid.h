#pragma once

#include <QHash>
#include <QString>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace samba::ui {

/// Names on the left, values on the right. Rows keep their place once made. Thread: GUI.
class FactGrid : public QWidget {
    Q_OBJECT

public:
    explicit FactGrid(QWidget* parent = nullptr);

    /// Sets a row's value, making the row on first use; an empty value hides it but keeps its
    /// place.
    void setFact(const QString& name, const QString& value, const QString& toolTip = {});

    /// Hides all rows.
    void clear();

    /// The value shown for a name; empty if there is none.
    QString fact(const QString& name) const;

private:
    struct Row {
        QLabel* name = nullptr;
        QLabel* value = nullptr;
    };

    QGridLayout* m_layout;
    QHash<QString, Row> m_rows;
};

} // namespace samba::ui
