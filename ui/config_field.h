#pragma once

#include "engine/api/config_schema.h"

#include <QString>
#include <QWidget>

#include <optional>

class QLabel;
class QToolButton;

namespace samba::ui {

/// One key of the configuration as a row: name, editor for its type, unit, a way back to the
/// default, and below, when there is something to say, what is wrong or unwise. Thread: GUI.
class ConfigField : public QWidget {
    Q_OBJECT

public:
    /// @param key  of the schema, outlives the field.
    explicit ConfigField(const samba::ConfigKey& key, QWidget* parent = nullptr);

    const samba::ConfigKey& key() const { return m_key; }

    /// Shows a value; an editor that already means this value is left as it is typed.
    void setValue(const samba::ConfigValue& value);

    /// What the editor says, or nothing where it is no value of the key's type.
    std::optional<samba::ConfigValue> value() const;

    /// Shows a problem that the text has with this key; empty: none.
    void setProblem(const QString& message);

    /// Whether the advice of the schema applies now.
    void setAdviceApplies(bool applies);

    /// Whether the row has anything to do with a text typed into the search field.
    bool matches(const QString& search) const;

    /// Help, allowed values, default and advice, for the help strip.
    QString description() const;

    QWidget* editor() const { return m_editor; }

Q_SIGNALS:
    /// The person entered an allowed value.
    void edited(const samba::ConfigValue& value);
    /// The person is at this field now.
    void entered();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void enterEvent(QEnterEvent* event) override;

private:
    void makeEditor();
    void showEditor(const samba::ConfigValue& value);
    void onEdited();
    void updateMessage();
    QString adviceText() const;

    const samba::ConfigKey& m_key;
    QWidget* m_editor = nullptr;
    QToolButton* m_reset;
    QLabel* m_message;
    samba::ConfigValue m_shown;
    QString m_typingProblem;
    QString m_textProblem;
    bool m_adviceApplies = true;
};

} // namespace samba::ui
