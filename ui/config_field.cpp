#include "ui/config_field.h"

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QToolButton>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kLabelWidth = 118;
constexpr int kEditorWidth = 84; ///< at least
constexpr int kListHeight = 62;
constexpr int kResetSize = 13;
constexpr int kUnitMargin = 8;

/// A text as the editor of a type shows it: strings without quotes, all else as in YAML.
QString plainText(const samba::ConfigValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value))
        return toQString(*text);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        QStringList lines;
        for (const std::string& line : *list)
            lines.append(toQString(line));
        return lines.join(QLatin1Char('\n'));
    }
    return toQString(samba::formatConfigValue(value));
}

std::optional<samba::ConfigValue> parsed(const samba::ConfigKey& key, const QString& text)
{
    const QString trimmed = text.trimmed();
    for (const auto& [word, value] : key.words) {
        if (trimmed == toQString(word))
            return value;
    }
    bool isRead = false;
    switch (key.type) {
    case samba::ConfigType::Integer: {
        const qlonglong number = trimmed.toLongLong(&isRead);
        return isRead ? std::optional<samba::ConfigValue>(int64_t{number}) : std::nullopt;
    }
    case samba::ConfigType::Number: {
        const double number = trimmed.toDouble(&isRead);
        return isRead ? std::optional<samba::ConfigValue>(number) : std::nullopt;
    }
    default:
        return samba::ConfigValue(trimmed.toStdString());
    }
}

std::optional<double> numberOf(const samba::ConfigValue& value)
{
    if (const auto* integer = std::get_if<int64_t>(&value))
        return static_cast<double>(*integer);
    if (const auto* number = std::get_if<double>(&value))
        return *number;
    return std::nullopt;
}

/// The key's path as an object name: "field_training_lr".
QString objectNameOf(const samba::ConfigKey& key)
{
    return QStringLiteral("field_") + toQString(key.path).replace(u'.', u'_');
}

} // namespace

ConfigField::ConfigField(const samba::ConfigKey& key, QWidget* parent)
    : QWidget(parent),
      m_key(key),
      m_reset(makeIconButton(objectNameOf(key) + QStringLiteral("_reset"), QStringLiteral("reset"),
                             tr("Back to the default: %1")
                                 .arg(toQString(samba::formatConfigValue(key.defaultValue))))),
      m_message(makeWrappedLabel({}, TextRole::Small, Tone::Danger)),
      m_shown(key.defaultValue)
{
    setObjectName(objectNameOf(key) + QStringLiteral("_row"));
    makeEditor();
    m_editor->setObjectName(objectNameOf(key));
    m_editor->setAccessibleName(toQString(key.label));
    m_editor->setAccessibleDescription(toQString(key.help));
    m_editor->installEventFilter(this);
    m_editor->setMinimumWidth(kEditorWidth);
    m_reset->setIconSize({kResetSize, kResetSize});
    QSizePolicy policy = m_reset->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    m_reset->setSizePolicy(policy);
    m_message->setObjectName(objectNameOf(key) + QStringLiteral("_message"));
    m_message->hide();

    QLabel* label = makeWrappedLabel(toQString(key.label));
    label->setFixedWidth(kLabelWidth);
    label->setBuddy(m_editor);
    auto* value = new QHBoxLayout;
    value->setSpacing(6);
    value->addWidget(m_editor, 1);
    value->addWidget(m_reset);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(Theme::current().spacing);
    grid->setVerticalSpacing(2);
    const bool isTall = key.type == samba::ConfigType::StringList;
    grid->addWidget(label, 0, 0, isTall ? Qt::AlignTop : Qt::AlignVCenter);
    grid->addLayout(value, 0, 1);
    grid->addWidget(m_message, 1, 1);
    grid->setColumnStretch(1, 1);
    setToolTip(QStringLiteral("%1\n%2").arg(toQString(key.path), toQString(key.help)));

    connect(m_reset, &QToolButton::clicked, this, [this] {
        showEditor(m_key.defaultValue);
        onEdited();
    });
    showEditor(m_key.defaultValue);
    updateMessage();
}

void ConfigField::makeEditor()
{
    switch (m_key.type) {
    case samba::ConfigType::Bool: {
        auto* box = new QCheckBox;
        connect(box, &QCheckBox::toggled, this, &ConfigField::onEdited);
        m_editor = box;
        return;
    }
    case samba::ConfigType::Choice: {
        auto* box = new QComboBox;
        for (const std::string& choice : m_key.choices)
            box->addItem(toQString(choice));
        box->setFocusPolicy(Qt::StrongFocus);
        connect(box, &QComboBox::currentIndexChanged, this, &ConfigField::onEdited);
        m_editor = box;
        return;
    }
    case samba::ConfigType::StringList: {
        auto* box = new QPlainTextEdit;
        box->setFixedHeight(kListHeight);
        box->setTabChangesFocus(true);
        box->setPlaceholderText(tr("One per line"));
        connect(box, &QPlainTextEdit::textChanged, this, &ConfigField::onEdited);
        m_editor = box;
        return;
    }
    case samba::ConfigType::Integer:
    case samba::ConfigType::Number:
    case samba::ConfigType::String: {
        auto* box = new QLineEdit;
        connect(box, &QLineEdit::textEdited, this, &ConfigField::onEdited);
        if (!m_key.unit.empty()) {
            QLabel* unit = makeLabel(toQString(m_key.unit), TextRole::Small, Tone::Muted);
            unit->setAttribute(Qt::WA_TransparentForMouseEvents);
            auto* inside = new QHBoxLayout(box);
            inside->setContentsMargins(0, 0, kUnitMargin, 0);
            inside->addStretch(1);
            inside->addWidget(unit);
            box->setTextMargins(0, 0, unit->sizeHint().width() + kUnitMargin, 0);
        }
        m_editor = box;
        return;
    }
    }
}

void ConfigField::showEditor(const samba::ConfigValue& value)
{
    const QSignalBlocker blocker(m_editor);
    if (auto* check = qobject_cast<QCheckBox*>(m_editor))
        check->setChecked(std::get<bool>(value));
    else if (auto* choice = qobject_cast<QComboBox*>(m_editor))
        choice->setCurrentText(plainText(value));
    else if (auto* lines = qobject_cast<QPlainTextEdit*>(m_editor))
        lines->setPlainText(plainText(value));
    else if (auto* line = qobject_cast<QLineEdit*>(m_editor))
        line->setText(plainText(value));
}

std::optional<samba::ConfigValue> ConfigField::value() const
{
    if (const auto* check = qobject_cast<const QCheckBox*>(m_editor))
        return samba::ConfigValue(check->isChecked());
    if (const auto* choice = qobject_cast<const QComboBox*>(m_editor))
        return samba::ConfigValue(choice->currentText().toStdString());
    if (const auto* lines = qobject_cast<const QPlainTextEdit*>(m_editor)) {
        std::vector<std::string> list;
        for (const QString& line : lines->toPlainText().split(u'\n', Qt::SkipEmptyParts))
            list.push_back(line.toStdString());
        return samba::ConfigValue(list);
    }
    return parsed(m_key, qobject_cast<const QLineEdit*>(m_editor)->text());
}

void ConfigField::setValue(const samba::ConfigValue& value)
{
    if (this->value() != value) {
        showEditor(value);
        m_typingProblem.clear();
    }
    m_shown = value;
    updateMessage();
}

void ConfigField::setProblem(const QString& message)
{
    m_textProblem = message;
    updateMessage();
}

void ConfigField::setAdviceApplies(bool applies)
{
    m_adviceApplies = applies;
    updateMessage();
}

bool ConfigField::matches(const QString& search) const
{
    return toQString(m_key.path).contains(search, Qt::CaseInsensitive) ||
           toQString(m_key.label).contains(search, Qt::CaseInsensitive) ||
           toQString(m_key.help).contains(search, Qt::CaseInsensitive);
}

QString ConfigField::description() const
{
    QStringList parts = {toQString(m_key.help)};
    parts.append(tr("Allowed: %1. Default: %2.")
                     .arg(toQString(samba::describeAllowed(m_key)),
                          toQString(samba::formatConfigValue(m_key.defaultValue))));
    if (m_key.advice.has_value())
        parts.append(adviceText() + u'.');
    return parts.join(u' ');
}

QString ConfigField::adviceText() const
{
    QString text = tr("Advised: %1 to %2")
                       .arg(formatNumber(m_key.advice->first), formatNumber(m_key.advice->second));
    if (!m_key.adviceNote.empty())
        text += u' ' + toQString(m_key.adviceNote);
    return text;
}

void ConfigField::onEdited()
{
    const std::optional<samba::ConfigValue> now = value();
    const std::string problem = now.has_value() ? samba::checkConfigValue(m_key, *now)
                                                : "must be " + samba::describeAllowed(m_key);
    m_typingProblem = toQString(problem);
    if (problem.empty()) {
        m_textProblem.clear();
        m_shown = *now;
    }
    updateMessage();
    if (problem.empty())
        Q_EMIT edited(*now);
}

void ConfigField::updateMessage()
{
    const QString& problem = m_typingProblem.isEmpty() ? m_textProblem : m_typingProblem;
    const std::optional<double> number = numberOf(m_shown);
    const bool isUnadvised = m_key.advice.has_value() && m_adviceApplies && number.has_value() &&
                             (*number < m_key.advice->first || *number > m_key.advice->second);
    QString state;
    if (!problem.isEmpty()) {
        state = QStringLiteral("error");
        QString sentence = problem;
        sentence[0] = sentence[0].toUpper();
        m_message->setText(sentence);
        setTone(m_message, Tone::Danger);
    } else if (isUnadvised) {
        state = QStringLiteral("advice");
        m_message->setText(adviceText());
        setTone(m_message, Tone::Warning);
    }
    m_message->setVisible(!state.isEmpty());
    setStyleProperty(m_editor, "state", state);
    m_reset->setVisible(!m_typingProblem.isEmpty() || m_shown != m_key.defaultValue);
}

bool ConfigField::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_editor && event->type() == QEvent::FocusIn)
        Q_EMIT entered();
    return QWidget::eventFilter(watched, event);
}

void ConfigField::enterEvent(QEnterEvent* event)
{
    QWidget::enterEvent(event);
    Q_EMIT entered();
}

} // namespace samba::ui
