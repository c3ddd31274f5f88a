#include "ui/export_dialog.h"

#include "ui/format.h"
#include "ui/user_prompts.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QStandardItemModel>

namespace samba::ui {

ExportDialog::ExportDialog(UserPrompts& prompts, QWidget* parent)
    : ModelTaskDialog(prompts, samba::EngineState::Exporting,
                      {QStringLiteral("export"), tr("Export the model"),
                       tr("Writes configuration, weights and tokenizer into a folder of their own, "
                          "for other programs to load."),
                       tr("Export"), true},
                      parent),
      m_source(new ElidedLabel(Qt::ElideMiddle)),
      m_format(new QComboBox),
      m_formatNote(makeWrappedLabel({}, TextRole::Small, Tone::Muted)),
      m_dtype(new QComboBox),
      m_replaces(new QCheckBox(tr("Replace a model folder that is there")))
{
    m_source->setObjectName(named("Source"));
    m_format->setObjectName(named("Format"));
    m_format->setAccessibleName(tr("Format"));
    m_formatNote->setObjectName(named("FormatNote"));
    m_dtype->setObjectName(named("Dtype"));
    m_dtype->setAccessibleName(tr("Numbers"));
    m_replaces->setObjectName(named("Replace"));
    const auto addFormat = [this](const QString& text, samba::ExportFormat format) {
        m_format->addItem(text, static_cast<int>(format));
    };
    addFormat(tr("Hugging Face, for transformers"), samba::ExportFormat::HuggingFace);
    addFormat(tr("Original, for mamba-ssm"), samba::ExportFormat::Original);
    addFormat(tr("Samba Workbench, readout included"), samba::ExportFormat::Safetensors);
    m_dtype->addItem(tr("As they are"), QString());
    m_dtype->addItem(tr("float32"), QStringLiteral("f32"));
    m_dtype->addItem(tr("float16"), QStringLiteral("f16"));
    m_dtype->addItem(tr("bfloat16"), QStringLiteral("bf16"));

    form()->addRow(tr("Model"), m_source);
    form()->addRow(tr("Format"), m_format);
    form()->addRow(QString(), m_formatNote);
    form()->addRow(tr("Numbers"), m_dtype);
    m_folder = addPathRow("Folder", tr("Folder"), [this](const QString& present) {
        // An existing folder is chosen, into which the model's own folder goes.
        const QString chosen = this->prompts().chooseFolder(this, tr("Export into"),
                                                            QFileInfo(present).absolutePath());
        return chosen.isEmpty() ? QString() : QDir(chosen).filePath(folderName());
    });
    form()->addRow(QString(), m_replaces);
    connect(m_format, &QComboBox::currentIndexChanged, this, [this] {
        describe();
        suggestFolder();
    });
    describe();
    updateState();
}

void ExportDialog::takeModel()
{
    const samba::ModelInfo& info = *model();
    m_source->setText(info.source.empty() ? tr("%1, as it is in memory").arg(toQString(info.name))
                                          : QDir::toNativeSeparators(toQString(info.source)));
    const bool isMamba = info.type != "transformer";
    const int original = m_format->findData(static_cast<int>(samba::ExportFormat::Original));
    qobject_cast<QStandardItemModel*>(m_format->model())->item(original)->setEnabled(isMamba);
    if (!isMamba && m_format->currentIndex() == original)
        m_format->setCurrentIndex(0);
    describe();
    suggestFolder();
}

void ExportDialog::describe()
{
    const bool isOwn =
        m_format->currentData().toInt() == static_cast<int>(samba::ExportFormat::Safetensors);
    const bool hasReadout = model() && model()->hasReadout;
    m_formatNote->setText(
        isOwn        ? tr("One set of weights, which this program opens.")
        : hasReadout ? tr("Other programs see the Mamba that the model is built on. Its readout "
                          "lies beside it in readout.safetensors, which this program opens again.")
                     : tr("What other programs load unchanged, and this one, too."));
}

QString ExportDialog::folderName() const
{
    static const QRegularExpression kUnfit(QStringLiteral("[^A-Za-z0-9._-]+"));
    const char* endings[] = {"hf", "original", "samba"};
    QString name = model() ? toQString(model()->name) : QString();
    name.replace(kUnfit, QStringLiteral("-"));
    return (name.isEmpty() ? QStringLiteral("model") : name) + u'-' +
           QLatin1String(endings[m_format->currentIndex()]);
}

void ExportDialog::suggestFolder()
{
    // What the person has written stays.
    if (m_folder->text() != m_suggested)
        return;
    m_suggested = QDir::home().filePath(folderName());
    m_folder->setText(m_suggested);
}

bool ExportDialog::isComplete() const
{
    return !m_folder->text().trimmed().isEmpty();
}

std::optional<samba::CommandBody> ExportDialog::command()
{
    samba::ExportModel request;
    request.source = model()->source;
    request.format = static_cast<samba::ExportFormat>(m_format->currentData().toInt());
    request.dtype = m_dtype->currentData().toString().toStdString();
    request.outputDir = QFileInfo(m_folder->text().trimmed()).absoluteFilePath().toStdString();
    request.isReplacing = m_replaces->isChecked();
    return request;
}

void ExportDialog::finish(const samba::ModelExported& event)
{
    if (!takeAnswer(event.id))
        return;
    const QString folder = toQString(event.outputDir);
    QStringList files;
    for (const std::string& file : event.files)
        files.append(toQString(file));
    QStringList lines{tr("Exported to %1").arg(QDir::toNativeSeparators(folder)),
                      tr("%1 in %2 files: %3")
                          .arg(formatBytes(static_cast<double>(event.bytes)))
                          .arg(files.size())
                          .arg(files.join(QStringLiteral(", ")))};
    for (const std::string& warning : event.warnings)
        lines.append(toQString(warning));
    showResult(lines.join(u'\n'), folder);
}

} // namespace samba::ui
