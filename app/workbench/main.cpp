// samba-workbench: reads the command line, makes the window, and lets it go.

#include "app/program_name.h"
#include "app/workbench/app_settings.h"
#include "app/workbench/tour.h"
#include "app/workbench/workbench.h"
#include "ui/icons.h"
#include "ui/theme.h"
#include "ui/user_prompts.h"

#include <CLI/CLI.hpp>

#include <QApplication>
#include <QDateTime>
#include <QDir>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <string>

namespace {

/// What the command line asks for.
struct Arguments {
    std::string run;
    std::string config;
    std::string outputDir;
    std::string tourDir;
    bool isTour = false;
    samba::EngineOptions engine;
};

/// What the person asked for is shown; with nothing asked, the built-in example.
void open(samba::workbench::Workbench& workbench, const Arguments& arguments)
{
    if (!arguments.run.empty())
        workbench.openRun(QString::fromStdString(arguments.run));
    else
        workbench.openBuiltin();
    if (!arguments.config.empty()) {
        workbench.window().openConfig(QString::fromStdString(arguments.config));
        workbench.window().raisePanel(QStringLiteral("config"));
    }
}

QString defaultTourDir()
{
    return QDir::current().filePath(
        QStringLiteral("samba-tour-") +
        QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss")));
}

int runProgram(QApplication& application, const Arguments& arguments)
{
    using samba::workbench::Workbench;
    // A tour neither reads nor changes what the person has arranged.
    const QTemporaryDir scratch;
    QSettings settings(arguments.isTour ? scratch.filePath(QStringLiteral("tour.ini"))
                                        : samba::workbench::settingsFile(),
                       QSettings::IniFormat);
    samba::ui::ThemeController::instance().apply(
        samba::ui::themeChoiceFromName(settings.value(QStringLiteral("window/theme")).toString()));
    samba::ui::DialogPrompts prompts;
    Workbench workbench(arguments.engine, prompts, settings);
    // A first run is small: the editor begins with the first preset, not with the defaults.
    const QStringList presets = samba::workbench::presetFiles();
    workbench.window().setPresets(presets);
    if (!presets.isEmpty())
        workbench.window().openConfig(presets.front());
    const bool isOutputFixed = !arguments.outputDir.empty();
    workbench.window().setOutputFolder(isOutputFixed ? QString::fromStdString(arguments.outputDir)
                                                     : QStringLiteral("runs"),
                                       isOutputFixed);

    if (!arguments.isTour) {
        workbench.window().show();
        open(workbench, arguments);
        return application.exec();
    }
    samba::workbench::Tour tour(workbench, arguments.tourDir.empty()
                                               ? defaultTourDir()
                                               : QString::fromStdString(arguments.tourDir));
    QObject::connect(&tour, &samba::workbench::Tour::finished, &application, &QApplication::exit,
                     Qt::QueuedConnection);
    QTimer::singleShot(0, &tour, &samba::workbench::Tour::start);
    return application.exec();
}

} // namespace

int main(int argc, char** argv)
{
    Arguments arguments;
    arguments.engine.program = samba::programName("samba-workbench");
    CLI::App app("Samba Workbench: train, sparsify and inspect Mamba language models.",
                 "samba-workbench");
    app.set_version_flag("--version", arguments.engine.program);
    auto* run = app.add_option("--run", arguments.run, "Open a run folder or a model folder");
    bool isBuiltin = false;
    app.add_flag("--builtin", isBuiltin, "Open the built-in example (the default)")->excludes(run);
    app.add_option("--config", arguments.config, "Open a configuration in the editor")
        ->check(CLI::ExistingFile);
    app.add_option("--output-dir", arguments.outputDir, "Folder for new runs");
    app.add_option("--threads", arguments.engine.threads, "CPU threads; 0: all cores")
        ->check(CLI::NonNegativeNumber);
    auto* tour = app.add_flag("--tour", arguments.isTour,
                              "Run the built-in example by itself and leave pictures");
    app.add_option("--tour-dir", arguments.tourDir, "Folder for the tour's results")->needs(tour);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // Usage errors have exit code 2, as in samba-cli; --help and --version have 0.
        return app.exit(error) == 0 ? 0 : 2;
    }

    // Without a display the tour still has a place to draw.
    if (arguments.isTour && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") &&
        qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("samba-workbench"));
    QApplication::setApplicationDisplayName(QStringLiteral("Samba Workbench"));
    QApplication::setApplicationVersion(QStringLiteral(SAMBA_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("samba-workbench"));
    return runProgram(application, arguments);
}
