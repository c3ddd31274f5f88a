#pragma once

#include "engine/api/config_document.h"

#include <QHash>
#include <QString>
#include <QVector>
#include <QWidget>

class QLabel;
class QLineEdit;

namespace samba::ui {

class ConfigField;
class ScrollColumn;

/// Every key of the schema as a form, section by section, with a search field above and the help of
/// the field at hand below. Thread: GUI.
class ConfigForm : public QWidget {
    Q_OBJECT

public:
    explicit ConfigForm(QWidget* parent = nullptr);

    /// Shows the values and problems of a document; fields that already mean the same are left as
    /// they are typed.
    void showDocument(const samba::ConfigDocument& document);

    /// The field of a key, or null.
    ConfigField* field(const QString& path) const;

    /// Brings a key's field into sight and gives it the focus.
    void goTo(const QString& path);

Q_SIGNALS:
    /// The person entered an allowed value.
    void edited(const QString& path, const samba::ConfigValue& value);

private:
    struct Section {
        QWidget* head = nullptr;
        QVector<ConfigField*> fields;
    };

    void search(const QString& text);
    void showHelp(const ConfigField* field);

    QLineEdit* m_search;
    ScrollColumn* m_scroll;
    QLabel* m_brokenNote;
    QLabel* m_nothingFound;
    QLabel* m_helpName;
    QLabel* m_helpText;
    QVector<Section> m_sections;
    QHash<QString, ConfigField*> m_fields;
};

} // namespace samba::ui
