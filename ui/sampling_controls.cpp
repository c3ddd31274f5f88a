#include "ui/sampling_controls.h"

#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>

#include <limits>

namespace samba::ui {

namespace {

constexpr int kRandomSeed = -1;
constexpr int kMaxTopK = 1'000;
constexpr int kMaxNewTokens = 8'192;

QDoubleSpinBox* makeNumber(const char* objectName, double maximum, double step)
{
    auto* box = new QDoubleSpinBox;
    box->setObjectName(QLatin1String(objectName));
    box->setRange(0, maximum);
    box->setSingleStep(step);
    box->setDecimals(2);
    return box;
}

QSpinBox* makeInteger(const char* objectName, int minimum, int maximum)
{
    auto* box = new QSpinBox;
    box->setObjectName(QLatin1String(objectName));
    box->setRange(minimum, maximum);
    return box;
}

} // namespace

SamplingControls::SamplingControls(QWidget* parent)
    : QWidget(parent),
      m_temperature(makeNumber("chatTemperature", 5, 0.1)),
      m_topK(makeInteger("chatTopK", 0, kMaxTopK)),
      m_topP(makeNumber("chatTopP", 1, 0.05)),
      m_repetitionPenalty(makeNumber("chatRepetitionPenalty", 3, 0.05)),
      m_maxTokens(makeInteger("chatMaxTokens", 1, kMaxNewTokens)),
      m_seed(makeInteger("chatSeed", kRandomSeed, std::numeric_limits<int>::max())),
      m_useReadout(new QCheckBox(tr("Sample from the readout")))
{
    m_topK->setSpecialValueText(tr("off"));
    m_topP->setMinimum(0.01);
    m_repetitionPenalty->setMinimum(1);
    m_seed->setSpecialValueText(tr("random"));
    m_maxTokens->setSingleStep(50);
    m_useReadout->setObjectName(QStringLiteral("chatUseReadout"));
    m_useReadout->setToolTip(tr("Use the readout's prediction instead of the main one"));

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(Theme::current().spacing);
    grid->setVerticalSpacing(Theme::current().spacingSmall);
    int place = 0;
    const auto add = [&](const QString& name, QWidget* editor, const QString& help) {
        QLabel* label = makeLabel(name, TextRole::Small, Tone::Muted);
        label->setBuddy(editor);
        label->setToolTip(help);
        editor->setToolTip(help);
        editor->setAccessibleName(name);
        editor->setMinimumWidth(60);
        grid->addWidget(label, place / 3 * 2, place % 3);
        grid->addWidget(editor, place / 3 * 2 + 1, place % 3);
        ++place;
    };
    add(tr("Temperature"), m_temperature,
        tr("Higher is bolder; 0 always takes the most likely token"));
    add(tr("Top-k"), m_topK, tr("Choose among the k most likely tokens"));
    add(tr("Top-p"), m_topP, tr("Choose among the most likely tokens that make up this share"));
    add(tr("Repetition"), m_repetitionPenalty,
        tr("Above 1, tokens already used become less likely"));
    add(tr("Max tokens"), m_maxTokens, tr("Stop after this many tokens"));
    add(tr("Seed"), m_seed, tr("The same seed gives the same text; below 0 a fresh one is drawn"));
    for (int column = 0; column < 3; ++column)
        grid->setColumnStretch(column, 1);
    grid->addWidget(m_useReadout, 4, 0, 1, 3);

    setOptions({});
    for (QDoubleSpinBox* box : {m_temperature, m_topP, m_repetitionPenalty})
        connect(box, &QDoubleSpinBox::valueChanged, this, &SamplingControls::changed);
    for (QSpinBox* box : {m_topK, m_maxTokens, m_seed})
        connect(box, &QSpinBox::valueChanged, this, &SamplingControls::changed);
    connect(m_useReadout, &QCheckBox::toggled, this, &SamplingControls::changed);
}

samba::SamplingOptions SamplingControls::options() const
{
    samba::SamplingOptions options;
    options.temperature = m_temperature->value();
    options.topK = m_topK->value();
    options.topP = m_topP->value();
    options.repetitionPenalty = m_repetitionPenalty->value();
    options.maxNewTokens = m_maxTokens->value();
    options.seed = m_seed->value();
    options.useReadout = m_useReadout->isEnabled() && m_useReadout->isChecked();
    return options;
}

void SamplingControls::setOptions(const samba::SamplingOptions& options)
{
    m_temperature->setValue(options.temperature);
    m_topK->setValue(static_cast<int>(options.topK));
    m_topP->setValue(options.topP);
    m_repetitionPenalty->setValue(options.repetitionPenalty);
    m_maxTokens->setValue(static_cast<int>(options.maxNewTokens));
    m_seed->setValue(static_cast<int>(options.seed));
    m_useReadout->setChecked(options.useReadout);
}

void SamplingControls::setReadoutAvailable(bool isAvailable)
{
    m_useReadout->setEnabled(isAvailable);
}

QString SamplingControls::summary() const
{
    const samba::SamplingOptions now = options();
    QStringList parts = {tr("T %1").arg(now.temperature),
                         tr("%1 tokens").arg(now.maxNewTokens)};
    if (now.topK > 0)
        parts.insert(1, tr("top-k %1").arg(now.topK));
    if (now.topP < 1)
        parts.insert(1, tr("top-p %1").arg(now.topP));
    return parts.join(QStringLiteral(" · "));
}

} // namespace samba::ui
