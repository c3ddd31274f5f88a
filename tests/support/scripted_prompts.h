#pragma once

#include "ui/user_prompts.h"

#include <QStringList>

namespace samba::testing {

/// Answers the window's questions as told beforehand and keeps what was asked.
class ScriptedPrompts : public samba::ui::UserPrompts {
public:
    UnsavedAnswer unsavedAnswer = UnsavedAnswer::Discard;
    TrainingAnswer trainingAnswer = TrainingAnswer::Cancel;
    QString fileToOpen;
    QString fileToSave;
    QString folder;
    QStringList asked; ///< "unsaved", "training", "open", "save", "folder"

    UnsavedAnswer askUnsaved(QWidget*, const QString&) override
    {
        asked.append(QStringLiteral("unsaved"));
        return unsavedAnswer;
    }
    TrainingAnswer askCloseWhileTraining(QWidget*) override
    {
        asked.append(QStringLiteral("training"));
        return trainingAnswer;
    }
    QString chooseFileToOpen(QWidget*, const QString&, const QString&, const QString&) override
    {
        asked.append(QStringLiteral("open"));
        return fileToOpen;
    }
    QString chooseFileToSave(QWidget*, const QString&, const QString&, const QString&) override
    {
        asked.append(QStringLiteral("save"));
        return fileToSave;
    }
    QString chooseFolder(QWidget*, const QString&, const QString&) override
    {
        asked.append(QStringLiteral("folder"));
        return folder;
    }
};

} // namespace samba::testing
