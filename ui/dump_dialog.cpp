#include "ui/dump_dialog.h"

#include "ui/format.h"
#include "ui/user_prompts.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QLineEdit>

namespace samba::ui {

namespace {

enum Kind { kText, kIds, kFile };
enum Row { kKindRow, kInputRow, kInputFileRow };

/// "12, 7, 99"; nothing if anything else is among them.
std::optional<std::vector<int64_t>> parseIds(const QString& text)
{
    std::vector<int64_t> ids;
    for (const QString& part : text.split(u',')) {
        bool isNumber = false;
        const int64_t id = part.trimmed().toLongLong(&isNumber);
        if (!isNumber || id < 0)
            return std::nullopt;
        ids.push_back(id);
    }
    return ids;
}

} // namespace

DumpDialog::DumpDialog(UserPrompts& prompts, QWidget* parent)
    : ModelTaskDialog(prompts, samba::EngineState::Evaluating,
                      {QStringLiteral("dump"), tr("Dump tensors"),
                       tr("Writes what the model computes for a sequence, tensor by tensor, under "
                          "the names that transformers gives them; for whoever ports a model or "
                          "looks for a difference."),
                       tr("Dump"), false},
                      parent),
      m_kind(new QComboBox),
      m_input(new QLineEdit),
      m_isDouble(new QCheckBox(tr("Compute in float64"))),
      m_hasGradients(new QCheckBox(tr("With the gradient of the loss for every parameter"))),
      m_hasStates(new QCheckBox(tr("With the states after the last token")))
{
    m_kind->setObjectName(named("Kind"));
    m_kind->setAccessibleName(tr("Input"));
    m_input->setObjectName(named("Input"));
    m_input->setAccessibleName(tr("Sequence"));
    m_isDouble->setObjectName(named("Double"));
    m_hasGradients->setObjectName(named("Gradients"));
    m_hasStates->setObjectName(named("States"));
    m_kind->addItem(tr("Text"));
    m_kind->addItem(tr("Token ids"));
    m_kind->addItem(tr("A safetensors file with input_ids"));

    form()->addRow(tr("Input"), m_kind);
    form()->addRow(tr("Sequence"), m_input);
    m_inputFile = addPathRow("InputFile", tr("Input file"), [this](const QString& present) {
        return this->prompts().chooseFileToOpen(this, tr("Take the ids from"),
                                                QFileInfo(present).absolutePath(),
                                                tr("Tensors (*.safetensors)"));
    });
    m_file = addPathRow("File", tr("Write to"), [this](const QString& present) {
        return this->prompts().chooseFileToSave(this, tr("Write the tensors to"), present,
                                                tr("Tensors (*.safetensors)"));
    });
    m_file->setText(QDir::home().filePath(QStringLiteral("tensors.safetensors")));
    for (QCheckBox* check : {m_isDouble, m_hasGradients, m_hasStates})
        form()->addRow(QString(), check);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &DumpDialog::showInput);
    connect(m_input, &QLineEdit::textChanged, this, [this] { updateState(); });
    showInput();
}

void DumpDialog::showInput()
{
    const bool isFile = m_kind->currentIndex() == kFile;
    form()->setRowVisible(kInputRow, !isFile);
    form()->setRowVisible(kInputFileRow, isFile);
    m_input->setPlaceholderText(m_kind->currentIndex() == kIds ? tr("12, 7, 99")
                                                               : tr("Once upon a time"));
    updateState();
}

bool DumpDialog::isComplete() const
{
    const QLineEdit* input = m_kind->currentIndex() == kFile ? m_inputFile : m_input;
    return !input->text().isEmpty() && !m_file->text().trimmed().isEmpty();
}

std::optional<samba::CommandBody> DumpDialog::command()
{
    samba::DumpTensors request;
    switch (m_kind->currentIndex()) {
    case kIds: {
        const auto ids = parseIds(m_input->text());
        if (!ids) {
            showProblem(tr("The token ids are not a list of whole numbers."),
                        tr("Write them with commas between: 12, 7, 99."));
            return std::nullopt;
        }
        request.ids = *ids;
        break;
    }
    case kFile:
        request.idsFile = m_inputFile->text().toStdString();
        break;
    default:
        request.text = m_input->text().toStdString();
    }
    request.outputFile = QFileInfo(m_file->text().trimmed()).absoluteFilePath().toStdString();
    request.isDouble = m_isDouble->isChecked();
    request.hasGradients = m_hasGradients->isChecked();
    request.hasStates = m_hasStates->isChecked();
    return request;
}

void DumpDialog::finish(const samba::TensorsDumped& event)
{
    if (!takeAnswer(event.id))
        return;
    const QString file = toQString(event.file);
    showResult(
        tr("Wrote %1 tensors to %2").arg(event.names.size()).arg(QDir::toNativeSeparators(file)),
        QFileInfo(file).absolutePath());
}

} // namespace samba::ui
