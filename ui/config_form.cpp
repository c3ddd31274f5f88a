#include "ui/config_form.h"

#include "ui/config_field.h"
#include "ui/format.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/scroll_column.h"

#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kHelpHeight = 74;

} // namespace

ConfigForm::ConfigForm(QWidget* parent)
    : QWidget(parent),
      m_search(new QLineEdit),
      m_scroll(new ScrollColumn),
      m_brokenNote(makeWrappedLabel({}, TextRole::Small, Tone::Danger)),
      m_nothingFound(makeWrappedLabel({}, TextRole::Body, Tone::Muted)),
      m_helpName(makeLabel(tr("Settings"), TextRole::Heading)),
      m_helpText(makeWrappedLabel(tr("Point at a setting to read what it does."), TextRole::Small,
                                  Tone::Muted))
{
    setObjectName(QStringLiteral("configForm"));
    m_search->setObjectName(QStringLiteral("configSearch"));
    m_search->setAccessibleName(tr("Find a setting"));
    m_search->setPlaceholderText(tr("Find a setting"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(themedIcon(QStringLiteral("search"), IconTone::Muted),
                        QLineEdit::LeadingPosition);

    QVBoxLayout* column = m_scroll->column();
    column->setContentsMargins(0, 4, 8, 4);
    column->addWidget(m_nothingFound);
    m_nothingFound->hide();
    m_brokenNote->setObjectName(QStringLiteral("configBroken"));
    m_brokenNote->hide();
    for (const samba::ConfigSection& section : samba::configSections()) {
        auto* head = new QWidget;
        auto* headLayout = new QVBoxLayout(head);
        headLayout->setContentsMargins(0, m_sections.isEmpty() ? 0 : 10, 0, 2);
        headLayout->setSpacing(1);
        headLayout->addWidget(makeLabel(toQString(section.label), TextRole::Title));
        headLayout->addWidget(
            makeWrappedLabel(toQString(section.help), TextRole::Small, Tone::Muted));
        column->addWidget(head);
        Section entry{head, {}};
        for (const samba::ConfigKey& key : samba::configSchema()) {
            if (key.section() != section.name)
                continue;
            auto* field = new ConfigField(key);
            column->addWidget(field);
            entry.fields.append(field);
            const QString path = toQString(key.path);
            m_fields.insert(path, field);
            connect(field, &ConfigField::edited, this,
                    [this, path](const samba::ConfigValue& value) { Q_EMIT edited(path, value); });
            connect(field, &ConfigField::entered, this, [this, field] { showHelp(field); });
        }
        m_sections.append(entry);
    }
    column->addStretch(1);

    QFrame* help = makeCard("well");
    help->setFixedHeight(kHelpHeight);
    auto* helpLayout = new QVBoxLayout(help);
    helpLayout->setContentsMargins(10, 6, 10, 6);
    helpLayout->setSpacing(1);
    m_helpName->setObjectName(QStringLiteral("configHelpName"));
    m_helpText->setObjectName(QStringLiteral("configHelpText"));
    m_helpText->setAlignment(Qt::AlignTop);
    helpLayout->addWidget(m_helpName);
    helpLayout->addWidget(m_helpText, 1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::current().spacing);
    layout->addWidget(m_search);
    layout->addWidget(m_brokenNote);
    layout->addWidget(m_scroll, 1);
    layout->addWidget(help);

    connect(m_search, &QLineEdit::textChanged, this, &ConfigForm::search);
}

void ConfigForm::showDocument(const samba::ConfigDocument& document)
{
    // The one condition that advice of the schema is tied to.
    const bool isPretrained = document.config().pretrained.usePretrained;
    QHash<QString, QString> problems;
    for (const samba::ConfigIssue& issue : document.issues()) {
        if (issue.severity == samba::ConfigIssue::Severity::Error)
            problems.insert(toQString(issue.key), toQString(issue.message));
    }
    // A text that is no YAML has no place for a value: mend the text first.
    const auto broken = std::find_if(
        document.issues().begin(), document.issues().end(), [](const samba::ConfigIssue& issue) {
            return issue.severity == samba::ConfigIssue::Severity::Error && issue.key.empty();
        });
    const bool isBroken = broken != document.issues().end();
    m_scroll->setEnabled(!isBroken);
    m_brokenNote->setVisible(isBroken);
    if (isBroken)
        m_brokenNote->setText(
            tr("The text cannot be read. Mend line %1 to use the form.").arg(broken->line));
    for (auto entry = m_fields.cbegin(); entry != m_fields.cend(); ++entry) {
        ConfigField* field = entry.value();
        const QString problem = problems.value(entry.key());
        // A key with an error is at its default in the document: what the person typed stays.
        if (problem.isEmpty())
            field->setValue(field->key().get(document.config()));
        field->setProblem(problem);
        field->setAdviceApplies(field->key().adviceNote.empty() || isPretrained);
    }
}

ConfigField* ConfigForm::field(const QString& path) const
{
    return m_fields.value(path);
}

void ConfigForm::goTo(const QString& path)
{
    ConfigField* target = field(path);
    if (target == nullptr)
        return;
    m_search->clear();
    m_scroll->ensureWidgetVisible(target);
    target->editor()->setFocus();
}

void ConfigForm::search(const QString& text)
{
    const QString wanted = text.trimmed();
    bool isAnyShown = false;
    for (const Section& section : std::as_const(m_sections)) {
        bool isSectionShown = false;
        for (ConfigField* field : section.fields) {
            const bool isShown = wanted.isEmpty() || field->matches(wanted);
            field->setVisible(isShown);
            isSectionShown = isSectionShown || isShown;
        }
        section.head->setVisible(isSectionShown);
        isAnyShown = isAnyShown || isSectionShown;
    }
    m_nothingFound->setText(tr("No setting speaks of “%1”.").arg(wanted));
    m_nothingFound->setVisible(!isAnyShown);
}

void ConfigForm::showHelp(const ConfigField* field)
{
    m_helpName->setText(toQString(field->key().path));
    m_helpText->setText(field->description());
}

} // namespace samba::ui
