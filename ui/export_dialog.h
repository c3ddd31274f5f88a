#pragma once

#include "ui/model_task_dialog.h"

class QCheckBox;
class QComboBox;

namespace samba::ui {

/// Writes the model in hand as a folder that other programs load. Thread: GUI.
class ExportDialog : public ModelTaskDialog {
    Q_OBJECT

public:
    explicit ExportDialog(UserPrompts& prompts, QWidget* parent = nullptr);

    /// Takes the answer to ExportModel.
    void finish(const samba::ModelExported& event);

protected:
    std::optional<samba::CommandBody> command() override;
    bool isComplete() const override;
    void takeModel() override;

private:
    void describe();
    void suggestFolder();
    QString folderName() const;

    QLabel* m_source;
    QComboBox* m_format;
    QLabel* m_formatNote;
    QComboBox* m_dtype;
    QLineEdit* m_folder;
    QCheckBox* m_replaces;
    QString m_suggested; ///< what the folder's line was last filled with
};

} // namespace samba::ui
