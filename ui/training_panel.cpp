#include "ui/training_panel.h"

#include "engine/api/config_document.h"
#include "ui/format.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/number_tile.h"
#include "ui/widgets/prompted_text.h"
#include "ui/widgets/scroll_column.h"

#include <QDir>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

namespace samba::ui {

namespace {

enum Page { kEmptyPage, kRunPage };

constexpr int kMaxSamples = 50;
constexpr int kBarScale = 10'000;

double meanNearZero(const std::vector<samba::ChunkMetrics>& chunks)
{
    if (chunks.empty())
        return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (const samba::ChunkMetrics& chunk : chunks)
        sum += chunk.nearZero;
    return sum / static_cast<double>(chunks.size());
}

QString absolutePath(const QString& folder)
{
    return QDir::cleanPath(QFileInfo(folder).absoluteFilePath());
}

} // namespace

TrainingPanel::TrainingPanel(QWidget* parent)
    : QWidget(parent),
      m_pages(new QStackedWidget),
      m_emptyStart(nullptr),
      m_emptyReason(makeWrappedLabel({}, TextRole::Small, Tone::Muted)),
      m_name(makeLabel({}, TextRole::Heading)),
      m_stateChip(makeChip({})),
      m_bar(new QProgressBar),
      m_steps(makeLabel({})),
      m_remaining(makeLabel({}, TextRole::Body, Tone::Muted)),
      m_start(
          makePrimaryButton(QStringLiteral("trainingStart"), tr("Start"), QStringLiteral("play"))),
      m_pause(makeButton(QStringLiteral("trainingPause"), tr("Pause"), QStringLiteral("pause"))),
      m_stop(makeButton(QStringLiteral("trainingStop"), tr("Stop"), QStringLiteral("stop"))),
      m_checkpoint(makeButton(QStringLiteral("trainingCheckpoint"), {}, QStringLiteral("save"))),
      m_mainTile(new NumberTile(tr("Main loss"))),
      m_readoutTile(new NumberTile(tr("Readout loss"))),
      m_validationTile(new NumberTile(tr("Validation loss"))),
      m_sparsityTile(new NumberTile(tr("Near zero"))),
      m_facts(new FactGrid),
      m_samples(new QVBoxLayout),
      m_noSamples(makeWrappedLabel(tr("Text sampled during the run appears here."), TextRole::Small,
                                   Tone::Muted))
{
    setObjectName(QStringLiteral("trainingPanel"));

    auto* empty = new EmptyState(QStringLiteral("training"), tr("No run yet"),
                                 tr("Start one from the configuration in the editor; losses and "
                                    "samples appear here while it learns."));
    m_emptyStart = empty->addButton(QStringLiteral("trainingEmptyStart"), tr("Start training"),
                                    QStringLiteral("play"));
    QPushButton* edit = empty->addButton(QStringLiteral("trainingEditConfig"),
                                         tr("Edit configuration"), QStringLiteral("config"));
    m_emptyReason->setObjectName(QStringLiteral("trainingStartReason"));
    m_emptyReason->setAlignment(Qt::AlignHCenter);
    empty->addWidget(m_emptyReason);
    m_pages->addWidget(empty);
    buildRunPage();

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pages);

    connect(m_emptyStart, &QPushButton::clicked, this, &TrainingPanel::startRequested);
    connect(m_start, &QPushButton::clicked, this, &TrainingPanel::startRequested);
    connect(edit, &QPushButton::clicked, this, &TrainingPanel::editConfigRequested);
    connect(m_pause, &QPushButton::clicked, this, [this] {
        if (m_state == samba::EngineState::Paused)
            Q_EMIT commandRequested(samba::ContinueTraining{});
        else
            Q_EMIT commandRequested(samba::PauseTraining{});
    });
    connect(m_stop, &QPushButton::clicked, this,
            [this] { Q_EMIT commandRequested(samba::StopTraining{}); });
    connect(m_checkpoint, &QPushButton::clicked, this,
            [this] { Q_EMIT commandRequested(samba::CheckpointNow{}); });
    updateButtons();
}

void TrainingPanel::buildRunPage()
{
    m_name->setObjectName(QStringLiteral("trainingRunName"));
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_stateChip->setObjectName(QStringLiteral("trainingState"));
    m_bar->setObjectName(QStringLiteral("trainingProgress"));
    m_bar->setAccessibleName(tr("Progress of the run"));
    m_bar->setTextVisible(false);
    m_bar->setRange(0, kBarScale);
    m_steps->setObjectName(QStringLiteral("trainingSteps"));
    m_remaining->setObjectName(QStringLiteral("trainingRemaining"));
    m_mainTile->setObjectName(QStringLiteral("trainingMainLoss"));
    m_readoutTile->setObjectName(QStringLiteral("trainingReadoutLoss"));
    m_validationTile->setObjectName(QStringLiteral("trainingValidationLoss"));
    m_sparsityTile->setObjectName(QStringLiteral("trainingNearZero"));
    m_sparsityTile->setToolTip(tr("Share of chunk outputs with |x| < 0.001, mean over chunks"));
    m_facts->setObjectName(QStringLiteral("trainingFacts"));
    // Their order, whichever is known first.
    for (const QString& name :
         {tr("Total loss"), tr("Pruning loss"), tr("Perplexity"), tr("Accuracy"),
          tr("Learning rate"), tr("Gradient norm"), tr("Speed"), tr("Tokens seen"),
          tr("Tokens per step"), tr("Effective batch"), tr("Last checkpoint")})
        m_facts->setFact(name, {});
    m_checkpoint->setToolTip(tr("Write a checkpoint now"));
    m_checkpoint->setAccessibleName(tr("Write a checkpoint now"));
    m_stop->setToolTip(tr("End the run after a checkpoint"));

    auto* page = new ScrollColumn;
    QVBoxLayout* column = page->column();
    auto* head = new QHBoxLayout;
    head->addWidget(m_name, 1);
    head->addWidget(m_stateChip);
    auto* numbers = new QHBoxLayout;
    numbers->addWidget(m_steps);
    numbers->addStretch(1);
    numbers->addWidget(m_remaining);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::current().spacing - 2);
    buttons->addWidget(m_start, 1);
    buttons->addWidget(m_pause, 1);
    buttons->addWidget(m_stop, 1);
    buttons->addWidget(m_checkpoint);
    auto* tiles = new QGridLayout;
    tiles->setSpacing(Theme::current().spacing);
    tiles->addWidget(m_mainTile, 0, 0);
    tiles->addWidget(m_readoutTile, 0, 1);
    tiles->addWidget(m_validationTile, 1, 0);
    tiles->addWidget(m_sparsityTile, 1, 1);

    column->addLayout(head);
    column->addWidget(m_bar);
    column->addLayout(numbers);
    column->addLayout(buttons);
    column->addSpacing(2);
    column->addLayout(tiles);
    column->addSpacing(2);
    column->addWidget(m_facts);
    column->addSpacing(2);
    column->addWidget(makeLine());
    column->addWidget(makeLabel(tr("Samples"), TextRole::Heading));
    column->addWidget(m_noSamples);
    column->addLayout(m_samples);
    column->addStretch(1);
    m_pages->addWidget(page);
}

void TrainingPanel::beginRun(const samba::RunStarted& run)
{
    m_isRunOpen = true;
    m_step = run.firstStep;
    m_totalSteps = run.totalSteps;
    clearRun(toQString(run.runDir));
    m_isEarlierPartMissing = run.isResumed;
    m_firstStep = run.firstStep;
    showBatch(run.configText, run.tokensPerStep);
    m_facts->setFact(tr("Last checkpoint"), tr("none yet"));
    setProgress({"training", m_step, m_totalSteps, 0, std::numeric_limits<double>::quiet_NaN()});
    m_pages->setCurrentIndex(kRunPage);
    updateButtons();
}

void TrainingPanel::showRun(const samba::RunHistory& run)
{
    const QString folder = toQString(run.summary.path.string());
    if (m_isEarlierPartMissing && absolutePath(folder) == m_folder)
        showEarlierPart(run);
    if (isActive())
        return;
    clearRun(folder);
    const bool isImported = run.summary.state == samba::RunState::Imported;
    m_facts->clear();
    if (!isImported) {
        const samba::Config config = ConfigDocument::fromText(run.configText).config();
        showBatch(run.configText, config.training.batchSize * config.training.seqLen *
                                      config.training.gradientAccumulationSteps);
    }
    m_totalSteps = run.summary.totalSteps;
    appendMetrics(run.metrics);
    for (const samba::ValidationMetrics& metrics : run.validation)
        appendValidation(metrics);
    const size_t firstShown =
        run.samples.size() > size_t{kMaxSamples} ? run.samples.size() - kMaxSamples : 0;
    for (size_t index = firstShown; index < run.samples.size(); ++index) {
        const samba::RunSample& sample = run.samples[index];
        addSample(sample.step, toQString(sample.prompt), toQString(sample.text));
    }
    if (!run.checkpoints.empty())
        m_facts->setFact(tr("Last checkpoint"),
                         tr("step %1").arg(formatInteger(run.checkpoints.back().step)),
                         toQString(run.checkpoints.back().path.string()));
    setProgress(
        {"training", run.summary.step, m_totalSteps, 0, std::numeric_limits<double>::quiet_NaN()});
    if (isImported)
        m_steps->setText(tr("%1 steps").arg(formatInteger(run.summary.step)));
    m_stateChip->setText(QLatin1String(samba::runStateName(run.summary.state)));
    setTone(m_stateChip, run.summary.state == samba::RunState::Finished  ? Tone::Success
                         : run.summary.state == samba::RunState::Failed  ? Tone::Danger
                         : run.summary.state == samba::RunState::Running ? Tone::Accent
                                                                         : Tone::Muted);
    m_pages->setCurrentIndex(kRunPage);
}

void TrainingPanel::showEarlierPart(const samba::RunHistory& run)
{
    m_isEarlierPartMissing = false;
    for (NumberTile* tile : {m_mainTile, m_readoutTile, m_validationTile, m_sparsityTile})
        tile->clear();
    appendMetrics(run.metrics);
    for (const samba::ValidationMetrics& metrics : run.validation)
        appendValidation(metrics);
    // What was sampled since the run went on is here already.
    for (auto sample = run.samples.rbegin(); sample != run.samples.rend(); ++sample) {
        if (sample->step <= m_firstStep && m_samples->count() < kMaxSamples)
            insertSample(m_samples->count(), sample->step, toQString(sample->prompt),
                         toQString(sample->text));
    }
}

void TrainingPanel::clearRun(const QString& folder)
{
    m_folder = absolutePath(folder);
    m_isEarlierPartMissing = false;
    m_name->setText(QDir(folder).dirName());
    m_name->setToolTip(folder);
    m_facts->clear();
    for (NumberTile* tile : {m_mainTile, m_readoutTile, m_validationTile, m_sparsityTile})
        tile->clear();
    while (QLayoutItem* item = m_samples->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_noSamples->show();
}

void TrainingPanel::showBatch(const std::string& configText, int64_t tokensPerStep)
{
    const samba::TrainingConfig training = ConfigDocument::fromText(configText).config().training;
    const int64_t sequences = training.batchSize * training.gradientAccumulationSteps;
    m_facts->setFact(tr("Effective batch"),
                     training.gradientAccumulationSteps > 1
                         ? QStringLiteral("%1 × %2 = %3")
                               .arg(training.batchSize)
                               .arg(training.gradientAccumulationSteps)
                               .arg(sequences)
                         : tr("%1 sequences").arg(sequences),
                     tr("Sequences per micro-batch × accumulated micro-batches"));
    m_facts->setFact(tr("Tokens per step"), formatInteger(tokensPerStep));
}

void TrainingPanel::endRun(const samba::RunFinished& run)
{
    m_isRunOpen = false;
    m_step = run.step;
    const bool isDone = run.outcome == samba::RunOutcome::Finished;
    const bool isFailed = run.outcome == samba::RunOutcome::Failed;
    setProgress({"training", m_step, m_totalSteps, 0, std::numeric_limits<double>::quiet_NaN()});
    m_remaining->setText({});
    updateButtons();
    m_stateChip->setText(isDone ? tr("finished") : isFailed ? tr("failed") : tr("stopped"));
    setTone(m_stateChip, isDone ? Tone::Success : isFailed ? Tone::Danger : Tone::Muted);
}

void TrainingPanel::setState(samba::EngineState state)
{
    const bool wasPreparing = m_state == samba::EngineState::Preparing && !m_isRunOpen;
    m_state = state;
    if (state == samba::EngineState::Preparing && !m_isRunOpen)
        showPreparation();
    else if (wasPreparing && state == samba::EngineState::Idle)
        m_pages->setCurrentIndex(kEmptyPage); // refused or stopped before it was a run
    updateButtons();
}

void TrainingPanel::showPreparation()
{
    clearRun({});
    m_name->setText(tr("New run"));
    m_bar->setValue(0);
    m_steps->setText(tr("Reading model and data"));
    m_remaining->setText({});
    m_pages->setCurrentIndex(kRunPage);
}

void TrainingPanel::setProgress(const samba::Progress& progress)
{
    if (progress.what != "training") {
        if (isActive()) {
            m_steps->setText(capitalised(progress.what));
            m_bar->setValue(progress.total > 0
                                ? static_cast<int>(kBarScale * progress.done / progress.total)
                                : 0);
        }
        return;
    }
    m_bar->setValue(
        progress.total > 0 ? static_cast<int>(kBarScale * progress.done / progress.total) : 0);
    m_steps->setText(
        tr("%1 / %2 steps").arg(formatInteger(progress.done), formatInteger(progress.total)));
    m_remaining->setText(std::isnan(progress.remainingMs)
                             ? QString()
                             : tr("%1 left").arg(formatDuration(progress.remainingMs)));
    if (progress.perSecond > 0)
        m_facts->setFact(tr("Speed"), formatSpeed(progress.perSecond));
}

void TrainingPanel::appendMetrics(std::span<const samba::StepMetrics> metrics)
{
    if (metrics.empty())
        return;
    for (const samba::StepMetrics& step : metrics) {
        m_mainTile->addPoint(step.main);
        m_readoutTile->addPoint(step.readout);
        m_sparsityTile->addPoint(meanNearZero(step.chunks));
    }
    showStep(metrics.back());
}

void TrainingPanel::showStep(const samba::StepMetrics& step)
{
    m_step = step.step;
    m_mainTile->setValue(formatLoss(step.main));
    m_readoutTile->setValue(formatLoss(step.readout));
    m_sparsityTile->setValue(formatShare(meanNearZero(step.chunks)));
    m_facts->setFact(tr("Total loss"), formatLoss(step.total),
                     tr("Main + readout and pruning by their weights"));
    m_facts->setFact(tr("Pruning loss"),
                     std::isnan(step.pruning) ? QString() : formatLoss(step.pruning),
                     tr("Mean |x| of the chunk outputs, before its weight"));
    m_facts->setFact(tr("Perplexity"), formatNumber(step.perplexity));
    m_facts->setFact(tr("Accuracy"), formatShare(step.accuracy));
    m_facts->setFact(tr("Learning rate"), formatNumber(step.lr));
    m_facts->setFact(tr("Gradient norm"), formatNumber(step.gradNorm), tr("Before clipping"));
    m_facts->setFact(tr("Tokens seen"), formatCount(step.tokens));
}

void TrainingPanel::appendValidation(const samba::ValidationMetrics& metrics)
{
    m_validationTile->setValue(formatLoss(metrics.main));
    m_validationTile->addPoint(metrics.main);
}

void TrainingPanel::addCheckpoint(const samba::CheckpointSaved& checkpoint)
{
    m_facts->setFact(tr("Last checkpoint"),
                     checkpoint.isBest ? tr("step %1, best").arg(formatInteger(checkpoint.step))
                                       : tr("step %1").arg(formatInteger(checkpoint.step)),
                     toQString(checkpoint.path));
}

void TrainingPanel::addSample(int64_t step, const QString& prompt, const QString& text)
{
    insertSample(0, step, prompt, text);
}

void TrainingPanel::insertSample(int place, int64_t step, const QString& prompt,
                                 const QString& text)
{
    m_noSamples->hide();
    QFrame* card = makeCard("well");
    card->setObjectName(QStringLiteral("trainingSample"));
    auto* cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins(10, 7, 10, 8);
    cardLayout->setSpacing(2);
    cardLayout->addWidget(
        makeLabel(tr("Step %1").arg(formatInteger(step)), TextRole::Small, Tone::Muted));
    auto* body = new PromptedText;
    body->setPrompt(prompt);
    body->appendGenerated(text);
    body->setAccessibleName(tr("Sample of step %1").arg(step));
    cardLayout->addWidget(body);
    m_samples->insertWidget(place, card);
    while (m_samples->count() > kMaxSamples) {
        QLayoutItem* oldest = m_samples->takeAt(m_samples->count() - 1);
        delete oldest->widget();
        delete oldest;
    }
}

void TrainingPanel::setStartable(const QString& configName, const QString& reason)
{
    m_startReason = reason;
    m_emptyReason->setText(reason.isEmpty() ? tr("Trains %1").arg(configName) : reason);
    setTone(m_emptyReason, reason.isEmpty() ? Tone::Muted : Tone::Warning);
    m_start->setToolTip(reason.isEmpty() ? tr("Train %1").arg(configName) : reason);
    updateButtons();
}

bool TrainingPanel::isActive() const
{
    return m_isRunOpen || m_state == samba::EngineState::Preparing;
}

void TrainingPanel::updateButtons()
{
    const bool isPaused = m_state == samba::EngineState::Paused;
    const bool isStopping = m_state == samba::EngineState::Stopping;
    m_emptyStart->setEnabled(m_startReason.isEmpty() && !isActive());
    m_start->setEnabled(m_startReason.isEmpty());
    m_start->setVisible(!isActive());
    m_pause->setVisible(isActive());
    m_stop->setVisible(isActive());
    m_pause->setEnabled(m_isRunOpen && !isStopping);
    m_stop->setEnabled(isActive() && !isStopping);
    m_checkpoint->setEnabled(m_isRunOpen && !isStopping);
    m_pause->setText(isPaused ? tr("Resume") : tr("Pause"));
    m_pause->setIcon(themedIcon(isPaused ? QStringLiteral("play") : QStringLiteral("pause")));
    if (!isActive())
        return;
    m_stateChip->setText(isPaused      ? tr("paused")
                         : isStopping  ? tr("stopping")
                         : m_isRunOpen ? tr("training")
                                       : tr("preparing"));
    setTone(m_stateChip, isPaused ? Tone::Warning : isStopping ? Tone::Muted : Tone::Accent);
}

} // namespace samba::ui
