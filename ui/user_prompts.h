#pragma once

#include <QString>

class QWidget;

namespace samba::ui {

/// Every question that stops the person: behind one interface, so that a test or a script can
/// answer in advance. Thread: GUI; each call returns when the person has answered.
class UserPrompts {
public:
    enum class UnsavedAnswer { Save, Discard, Cancel };
    enum class TrainingAnswer { StopAndClose, Cancel };

    virtual ~UserPrompts() = default;

    /// A changed configuration is about to be replaced.
    virtual UnsavedAnswer askUnsaved(QWidget* parent, const QString& fileName) = 0;

    /// The window is about to close during a run.
    virtual TrainingAnswer askCloseWhileTraining(QWidget* parent) = 0;

    /// @return the file to read, empty if the person thought better of it.
    virtual QString chooseFileToOpen(QWidget* parent, const QString& title, const QString& folder,
                                     const QString& filter) = 0;

    /// @return the file to write, empty if the person thought better of it.
    virtual QString chooseFileToSave(QWidget* parent, const QString& title, const QString& file,
                                     const QString& filter) = 0;

    /// @return an existing folder, empty if the person thought better of it.
    virtual QString chooseFolder(QWidget* parent, const QString& title, const QString& folder) = 0;
};

/// Asks with dialogs.
class DialogPrompts : public UserPrompts {
public:
    UnsavedAnswer askUnsaved(QWidget* parent, const QString& fileName) override;
    TrainingAnswer askCloseWhileTraining(QWidget* parent) override;
    QString chooseFileToOpen(QWidget* parent, const QString& title, const QString& folder,
                             const QString& filter) override;
    QString chooseFileToSave(QWidget* parent, const QString& title, const QString& file,
                             const QString& filter) override;
    QString chooseFolder(QWidget* parent, const QString& title, const QString& folder) override;
};

} // namespace samba::ui
