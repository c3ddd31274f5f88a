#include "ui/config_panel.h"

#include "ui/config_form.h"
#include "ui/format.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/user_prompts.h"
#include "ui/widgets/code_editor.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/yaml_highlighter.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSaveFile>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace samba::ui {

namespace {

constexpr std::chrono::milliseconds kValidationDelay{150};
constexpr int kProblemRows = 4;
/// More than any configuration needs, and little enough to be read and checked at once.
constexpr qint64 kMaxFileBytes = 1 << 20;

const QString kFilter = QStringLiteral("YAML (*.yaml *.yml);;All files (*)");

/// A file name as a shell takes it.
QString shellQuoted(const QString& text)
{
    const bool isPlain = std::all_of(text.cbegin(), text.cend(), [](QChar character) {
        return character.isLetterOrNumber() || QStringLiteral("/._-+=:").contains(character);
    });
    if (isPlain)
        return text;
    QString quoted = text;
    return u'\'' + quoted.replace(u'\'', QStringLiteral("'\\''")) + u'\'';
}

} // namespace

ConfigPanel::ConfigPanel(UserPrompts& prompts, QWidget* parent)
    : QWidget(parent),
      m_prompts(prompts),
      m_title(makeLabel({}, TextRole::Heading)),
      m_modifiedChip(makeChip(tr("modified"), Tone::Warning)),
      m_presets(new QMenu(this)),
      m_presetsButton(makeButton(QStringLiteral("configPresets"), tr("Presets"))),
      m_startButton(makePrimaryButton(QStringLiteral("configStart"), tr("Start training"),
                                      QStringLiteral("play"))),
      m_copyCommand(
          makeButton(QStringLiteral("configCopyCommand"), {}, QStringLiteral("terminal"))),
      m_batchButton(makeIconButton(QStringLiteral("configBatch"), QStringLiteral("search"),
                                   tr("Show the first batch as the model sees it"))),
      m_startReason(makeLabel({}, TextRole::Small, Tone::Danger)),
      m_splitter(new QSplitter),
      m_form(new ConfigForm),
      m_editor(new CodeEditor),
      m_problems(new QListWidget)
{
    setObjectName(QStringLiteral("configPanel"));
    m_title->setObjectName(QStringLiteral("configTitle"));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_modifiedChip->setObjectName(QStringLiteral("configModified"));
    m_presets->setObjectName(QStringLiteral("configPresetsMenu"));
    m_startReason->setObjectName(QStringLiteral("configStartReason"));
    m_startReason->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_startReason->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_editor->setObjectName(QStringLiteral("configText"));
    m_editor->setAccessibleName(tr("Configuration as YAML"));
    m_problems->setObjectName(QStringLiteral("configProblems"));
    m_problems->setAccessibleName(tr("Problems"));
    m_problems->setFrameShape(QFrame::NoFrame);
    m_problems->setWordWrap(false);
    m_problems->setTextElideMode(Qt::ElideRight);
    m_problems->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_problems->hide();
    new YamlHighlighter(m_editor->document());
    m_presetsButton->setProperty("menu", true);
    m_presetsButton->setMenu(m_presets);
    m_copyCommand->setToolTip(tr("Copy the samba-cli command that starts this run"));
    m_copyCommand->setAccessibleName(tr("Copy as command line"));

    QToolButton* openButton =
        makeIconButton(QStringLiteral("configOpen"), QStringLiteral("open"), tr("Open a file"));
    QToolButton* saveButton =
        makeIconButton(QStringLiteral("configSave"), QStringLiteral("save"), tr("Save"));
    QToolButton* newButton = makeIconButton(QStringLiteral("configNew"), QStringLiteral("new"),
                                            tr("New: every setting at its default"));
    auto* bar = new QHBoxLayout;
    bar->setSpacing(Theme::current().spacing - 2);
    bar->addWidget(newButton);
    bar->addWidget(openButton);
    bar->addWidget(saveButton);
    bar->addSpacing(4);
    bar->addWidget(m_title, 1);
    bar->addWidget(m_modifiedChip);
    bar->addWidget(m_presetsButton);
    bar->addWidget(m_batchButton);
    bar->addWidget(m_copyCommand);
    bar->addWidget(m_startButton);

    auto* right = new QWidget;
    auto* rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(0, 0, 0, 0);
    rightLayout->setSpacing(Theme::current().spacing);
    rightLayout->addWidget(m_editor, 1);
    rightLayout->addWidget(m_problems);
    m_splitter->setObjectName(QStringLiteral("configSplitter"));
    m_splitter->addWidget(m_form);
    m_splitter->addWidget(right);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({1, 1});

    auto* layout = new QVBoxLayout(this);
    const int margin = Theme::current().panelMargin;
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->setSpacing(Theme::current().spacing);
    layout->addLayout(bar);
    layout->addWidget(m_startReason);
    layout->addWidget(m_splitter, 1);

    m_validation.setSingleShot(true);
    m_validation.setInterval(kValidationDelay);
    connect(&m_validation, &QTimer::timeout, this, &ConfigPanel::validateText);
    connect(m_editor, &QPlainTextEdit::textChanged, this, [this] {
        m_validation.start();
        updateState();
    });
    connect(m_form, &ConfigForm::edited, this, &ConfigPanel::onFormEdited);
    connect(m_problems, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        m_editor->goTo(item->data(Qt::UserRole).toInt(), item->data(Qt::UserRole + 1).toInt());
        m_editor->setFocus();
    });
    connect(m_problems, &QListWidget::itemClicked, m_problems, &QListWidget::itemActivated);
    connect(openButton, &QToolButton::clicked, this, &ConfigPanel::open);
    connect(saveButton, &QToolButton::clicked, this, &ConfigPanel::save);
    connect(newButton, &QToolButton::clicked, this, &ConfigPanel::newDocument);
    connect(m_copyCommand, &QPushButton::clicked, this, &ConfigPanel::copyCommand);
    connect(m_batchButton, &QToolButton::clicked, this, [this] {
        validateText();
        if (startProblem().isEmpty())
            Q_EMIT batchRequested(text(), displayName());
    });
    connect(m_startButton, &QPushButton::clicked, this, &ConfigPanel::start);

    setPresets({});
    setText(toQString(samba::ConfigDocument().text()), {});
}

QString ConfigPanel::text() const
{
    return m_editor->toPlainText();
}

QString ConfigPanel::displayName() const
{
    if (!m_filePath.isEmpty())
        return QFileInfo(m_filePath).fileName();
    return m_name.isEmpty() ? QStringLiteral("untitled.yaml") : m_name;
}

bool ConfigPanel::isModified() const
{
    return text() != m_savedText;
}

void ConfigPanel::setPresets(const QStringList& files)
{
    m_presets->clear();
    m_presetFiles = files;
    for (const QString& file : files) {
        QAction* action = m_presets->addAction(QFileInfo(file).fileName());
        connect(action, &QAction::triggered, this, [this, file] {
            if (confirmDiscard())
                openFile(file);
        });
    }
    m_presetsButton->setVisible(!files.isEmpty());
}

void ConfigPanel::setBlocked(const QString& reason)
{
    if (reason == m_blocked)
        return;
    m_blocked = reason;
    updateState();
}

QString ConfigPanel::startProblem() const
{
    if (!m_document.isValid()) {
        const auto& issues = m_document.issues();
        const auto errors = std::count_if(issues.begin(), issues.end(), [](const auto& issue) {
            return issue.severity == samba::ConfigIssue::Severity::Error;
        });
        return errors == 1 ? tr("The configuration has a problem.")
                           : tr("The configuration has %1 problems.").arg(errors);
    }
    return m_blocked;
}

bool ConfigPanel::openFile(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT failed(tr("%1 cannot be read: %2.").arg(path, file.errorString()),
                      tr("Check that the file exists and that you may read it."));
        return false;
    }
    if (file.size() > kMaxFileBytes) {
        Q_EMIT failed(tr("%1 is no configuration: it has %2.")
                          .arg(path, formatBytes(static_cast<double>(file.size()))),
                      tr("Choose a YAML file."));
        return false;
    }
    replaceContent(QString::fromUtf8(file.readAll()), path, {});
    return true;
}

void ConfigPanel::setText(const QString& text, const QString& name)
{
    replaceContent(text, {}, name);
}

void ConfigPanel::replaceContent(const QString& text, const QString& filePath, const QString& name)
{
    m_filePath = filePath;
    m_name = name;
    m_editor->setPlainText(text);
    m_savedText = this->text();
    validateText();
}

bool ConfigPanel::confirmDiscard()
{
    if (!isModified())
        return true;
    switch (m_prompts.askUnsaved(this, displayName())) {
    case UserPrompts::UnsavedAnswer::Save:
        return save();
    case UserPrompts::UnsavedAnswer::Discard:
        return true;
    case UserPrompts::UnsavedAnswer::Cancel:
        return false;
    }
    return false;
}

void ConfigPanel::open()
{
    if (!confirmDiscard())
        return;
    const QString file = m_prompts.chooseFileToOpen(this, tr("Open a configuration"),
                                                    QFileInfo(m_filePath).absolutePath(), kFilter);
    if (!file.isEmpty())
        openFile(file);
}

bool ConfigPanel::save()
{
    return hasOwnFile() ? writeTo(m_filePath) : saveAs();
}

bool ConfigPanel::hasOwnFile() const
{
    return !m_filePath.isEmpty() && !m_presetFiles.contains(m_filePath);
}

bool ConfigPanel::saveAs()
{
    const QString file = m_prompts.chooseFileToSave(
        this, tr("Save the configuration"),
        hasOwnFile() ? m_filePath : QDir::current().filePath(displayName()), kFilter);
    return !file.isEmpty() && writeTo(file);
}

bool ConfigPanel::writeTo(const QString& path)
{
    QSaveFile file(path);
    const QByteArray bytes = text().toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        Q_EMIT failed(tr("%1 cannot be written: %2.").arg(path, file.errorString()),
                      tr("Choose another folder, or free some space."));
        return false;
    }
    m_filePath = path;
    m_savedText = text();
    validateText();
    return true;
}

void ConfigPanel::newDocument()
{
    if (confirmDiscard())
        setText(toQString(samba::ConfigDocument().text()), {});
}

void ConfigPanel::copyCommand()
{
    if (m_filePath.isEmpty() || isModified()) {
        if (!save())
            return;
    }
    QGuiApplication::clipboard()->setText(
        QStringLiteral("samba-cli train --config %1").arg(shellQuoted(m_filePath)));
}

void ConfigPanel::start()
{
    // What is typed this moment counts, not what was valid before the pause of the validation.
    validateText();
    if (startProblem().isEmpty())
        Q_EMIT startTrainingRequested(text(), displayName());
}

void ConfigPanel::onFormEdited(const QString& path, const samba::ConfigValue& value)
{
    if (m_validation.isActive())
        validateText();
    const std::string assignment = path.toStdString() + '=' + samba::formatConfigValue(value);
    m_editor->replaceText(toQString(m_document.withAssignment(assignment).text()));
    validateText();
}

void ConfigPanel::validateText()
{
    m_validation.stop();
    adopt(samba::ConfigDocument::fromText(text().toStdString(), displayName().toStdString()));
    updateState();
}

void ConfigPanel::adopt(const samba::ConfigDocument& document)
{
    m_document = document;
    m_form->showDocument(m_document);
    showIssues();
}

void ConfigPanel::showIssues()
{
    QVector<CodeEditor::Mark> marks;
    m_problems->clear();
    for (const samba::ConfigIssue& issue : m_document.issues()) {
        const bool isError = issue.severity == samba::ConfigIssue::Severity::Error;
        const QString message = issue.key.empty() ? toQString(issue.message)
                                                  : toQString(issue.key) + QStringLiteral(": ") +
                                                        toQString(issue.message);
        marks.append({issue.line, issue.column, isError, message});
        auto* item = new QListWidgetItem(
            themedIcon(isError ? QStringLiteral("error") : QStringLiteral("warning"),
                       isError ? IconTone::Danger : IconTone::Warning),
            issue.line > 0 ? tr("Line %1  %2").arg(issue.line).arg(message) : message, m_problems);
        item->setToolTip(message);
        item->setData(Qt::UserRole, issue.line);
        item->setData(Qt::UserRole + 1, issue.column);
    }
    m_editor->setMarks(marks);
    const int rows = std::min(m_problems->count(), kProblemRows);
    m_problems->setVisible(rows > 0);
    if (rows > 0)
        m_problems->setFixedHeight(rows * (m_problems->sizeHintForRow(0) + 2) + 6);
}

void ConfigPanel::updateState()
{
    m_title->setText(displayName());
    m_title->setToolTip(m_filePath);
    m_modifiedChip->setVisible(isModified());
    const QString problem = startProblem();
    m_startButton->setEnabled(problem.isEmpty());
    m_batchButton->setEnabled(problem.isEmpty());
    m_startButton->setToolTip(problem.isEmpty() ? tr("Train in a new run folder") : problem);
    m_startReason->setText(problem);
    setTone(m_startReason, m_document.isValid() ? Tone::Muted : Tone::Danger);
    m_startReason->setVisible(!problem.isEmpty());
    Q_EMIT stateChanged();
}

} // namespace samba::ui
