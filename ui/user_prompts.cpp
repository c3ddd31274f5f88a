#include "ui/user_prompts.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>

namespace samba::ui {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("UserPrompts", text);
}

} // namespace

UserPrompts::UnsavedAnswer DialogPrompts::askUnsaved(QWidget* parent, const QString& fileName)
{
    QMessageBox box(QMessageBox::NoIcon, translated("Unsaved changes"),
                    translated("Save the changes to %1?").arg(fileName),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, parent);
    box.setInformativeText(translated("They are lost otherwise."));
    box.setDefaultButton(QMessageBox::Save);
    switch (box.exec()) {
    case QMessageBox::Save:
        return UnsavedAnswer::Save;
    case QMessageBox::Discard:
        return UnsavedAnswer::Discard;
    default:
        return UnsavedAnswer::Cancel;
    }
}

UserPrompts::TrainingAnswer DialogPrompts::askCloseWhileTraining(QWidget* parent)
{
    QMessageBox box(QMessageBox::NoIcon, translated("A run is in progress"),
                    translated("Stop the run and close?"), QMessageBox::Cancel, parent);
    box.setInformativeText(
        translated("A checkpoint is written first, so the run can be resumed later."));
    const QPushButton* stop = box.addButton(translated("Stop and close"), QMessageBox::AcceptRole);
    box.setDefaultButton(QMessageBox::Cancel);
    box.exec();
    return box.clickedButton() == stop ? TrainingAnswer::StopAndClose : TrainingAnswer::Cancel;
}

QString DialogPrompts::chooseFileToOpen(QWidget* parent, const QString& title,
                                        const QString& folder, const QString& filter)
{
    return QFileDialog::getOpenFileName(parent, title, folder, filter);
}

QString DialogPrompts::chooseFileToSave(QWidget* parent, const QString& title, const QString& file,
                                        const QString& filter)
{
    return QFileDialog::getSaveFileName(parent, title, file, filter);
}

QString DialogPrompts::chooseFolder(QWidget* parent, const QString& title, const QString& folder)
{
    return QFileDialog::getExistingDirectory(parent, title, folder);
}

} // namespace samba::ui
