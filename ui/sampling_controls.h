#pragma once

#include "engine/api/commands.h"

#include <QString>
#include <QWidget>

class QCheckBox;
class QDoubleSpinBox;
class QSpinBox;

namespace samba::ui {

/// How the next token is chosen, as a form. Thread: GUI.
class SamplingControls : public QWidget {
    Q_OBJECT

public:
    explicit SamplingControls(QWidget* parent = nullptr);

    samba::SamplingOptions options() const;
    void setOptions(const samba::SamplingOptions& options);

    /// Sampling from the readout is offered only where a model has one.
    void setReadoutAvailable(bool isAvailable);

    /// "T 0.8 · top-p 0.95 · 200 tokens".
    QString summary() const;

Q_SIGNALS:
    void changed();

private:
    QDoubleSpinBox* m_temperature;
    QSpinBox* m_topK;
    QDoubleSpinBox* m_topP;
    QDoubleSpinBox* m_repetitionPenalty;
    QSpinBox* m_maxTokens;
    QSpinBox* m_seed;
    QCheckBox* m_useReadout;
};

} // namespace samba::ui
