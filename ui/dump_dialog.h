#pragma once

#include "ui/model_task_dialog.h"

class QCheckBox;
class QComboBox;

namespace samba::ui {

/// Writes what the model in hand computes for a sequence, tensor by tensor. Thread: GUI.
class DumpDialog : public ModelTaskDialog {
    Q_OBJECT

public:
    explicit DumpDialog(UserPrompts& prompts, QWidget* parent = nullptr);

    /// Takes the answer to DumpTensors.
    void finish(const samba::TensorsDumped& event);

protected:
    std::optional<samba::CommandBody> command() override;
    bool isComplete() const override;

private:
    void showInput();

    QComboBox* m_kind;
    QLineEdit* m_input;
    QLineEdit* m_inputFile;
    QCheckBox* m_isDouble;
    QCheckBox* m_hasGradients;
    QCheckBox* m_hasStates;
    QLineEdit* m_file;
};

} // namespace samba::ui
