#pragma once

#include "engine/api/config_document.h"

#include <QString>
#include <QStringList>
#include <QTimer>
#include <QWidget>

class QLabel;
class QListWidget;
class QMenu;
class QPushButton;
class QSplitter;
class QToolButton;

namespace samba::ui {

class CodeEditor;
class ConfigForm;
class UserPrompts;

/// The configuration of the next run: a form made from the schema beside the YAML text. The text is
/// the truth; the form changes it in place, so comments stay. Thread: GUI.
class ConfigPanel : public QWidget {
    Q_OBJECT

public:
    /// @param prompts  asks the person; outlives the panel.
    explicit ConfigPanel(UserPrompts& prompts, QWidget* parent = nullptr);

    const samba::ConfigDocument& document() const { return m_document; }
    QString text() const;

    /// The file on disk; empty for a text that has none yet.
    const QString& filePath() const { return m_filePath; }

    /// The file's name for people; "untitled.yaml" without a file.
    QString displayName() const;

    bool isModified() const;

    /// Files offered under Presets.
    void setPresets(const QStringList& files);

    /// Why a run cannot start whatever the text says ("a run is in progress"); empty: it can.
    void setBlocked(const QString& reason);

    /// Why a run cannot start now, one sentence; empty: it can.
    QString startProblem() const;

    /// Replaces the text by a file's, without asking.
    /// @return whether the file could be read; if not, `failed` was emitted.
    bool openFile(const QString& file);

    /// Replaces the text by one that has no file, without asking.
    void setText(const QString& text, const QString& name);

    /// Asks what to do with unsaved changes, if there are any.
    /// @return whether to go on.
    bool confirmDiscard();

public Q_SLOTS:
    /// Asks for a file and opens it.
    void open();
    /// @return whether the text is on disk now.
    bool save();
    bool saveAs();
    /// Every key at its default.
    void newDocument();
    /// Puts the command that does the same on the clipboard.
    void copyCommand();
    void start();

Q_SIGNALS:
    /// The first batch of this configuration's data is to be shown.
    void batchRequested(const QString& configText, const QString& configName);
    void startTrainingRequested(const QString& configText, const QString& configName);
    /// The name, the modified mark or the reason not to start is different now.
    void stateChanged();
    /// Something could not be done: a sentence and a remedy.
    void failed(const QString& sentence, const QString& remedy);

private:
    void onFormEdited(const QString& path, const samba::ConfigValue& value);
    void validateText();
    void showIssues();
    void adopt(const samba::ConfigDocument& document);
    void replaceContent(const QString& text, const QString& filePath, const QString& name);
    void updateState();
    bool writeTo(const QString& file);
    /// Whether saving goes where the text came from: not with presets, which stay as they are.
    bool hasOwnFile() const;

    UserPrompts& m_prompts;
    samba::ConfigDocument m_document;
    QString m_filePath;
    QStringList m_presetFiles;
    QString m_name;
    QString m_savedText;
    QString m_blocked;
    QTimer m_validation;

    QLabel* m_title;
    QLabel* m_modifiedChip;
    QMenu* m_presets;
    QPushButton* m_presetsButton;
    QPushButton* m_startButton;
    QPushButton* m_copyCommand;
    QToolButton* m_batchButton;
    QLabel* m_startReason;
    QSplitter* m_splitter;
    ConfigForm* m_form;
    CodeEditor* m_editor;
    QListWidget* m_problems;
};

} // namespace samba::ui
