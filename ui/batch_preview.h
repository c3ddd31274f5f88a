#pragma once

#include "engine/api/events.h"

#include <QDialog>

#include <memory>

class QLabel;
class QTextEdit;
class QToolButton;

namespace samba::ui {

/// Shows the first batch of a run as the model reads it: its data set, and one sequence at a time,
/// token by token. Thread: GUI.
class BatchPreviewDialog : public QDialog {
    Q_OBJECT

public:
    /// @param described  with a batch.
    explicit BatchPreviewDialog(const samba::DataDescribed& described, QWidget* parent = nullptr);

private:
    void showRow(int row);

    std::shared_ptr<const samba::BatchPreview> m_batch;
    QTextEdit* m_text;
    QLabel* m_position;
    QToolButton* m_previous;
    QToolButton* m_next;
    int m_row = 0;
};

} // namespace samba::ui
