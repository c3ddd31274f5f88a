#include "engine/io/model_source.h"
#include "engine/runtime/event_sink.h"
#include "engine/runtime/model_fetch.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/hub_server.h"
#include "tests/support/temporary_folder.h"

#include <QDir>
#include <QTest>

#include <filesystem>
#include <memory>

using namespace samba;
using namespace samba::test;

namespace fs = std::filesystem;

namespace {

/// Keeps what the engine would tell.
class Recorder : public EventSink {
public:
    void post(Event event) override
    {
        if (const auto* message = std::get_if<LogMessage>(&event))
            messages.push_back(*message);
    }
    void postMetrics(const StepMetrics&) override {}
    void setFrame(ActivationFramePtr) override {}
    void setProgress(const Progress& state) override { progress.push_back(state); }

    std::vector<LogMessage> messages;
    std::vector<Progress> progress;
};

const auto kGoOn = [] { return true; };
const std::string kMambaConfig = R"({"model_type": "mamba", "hidden_size": 8})";

} // namespace

/// Where models and tokenizers are found that are named and not pointed at.
class TestModelSource : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void tellsNamesFromPaths_data();
    void tellsNamesFromPaths();
    void fetchesOnceAndFinds();
    void anOriginalModelBringsItsTokenizer();
    void saysThatTheTokenizerCouldNotBeHad();
    void leavesFoldersAlone();
    void cancels();
    void explainsWhatIsNowhere();
    void fetchesTokenizers();
    void findsNamesWithoutOwners();
    void listsWhatThereIs();

private:
    void publish(const std::string& name, const std::string& config);

    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<HubServer> m_server;
    QString m_oldFolder;
};

void TestModelSource::init()
{
    m_folder = std::make_unique<TemporaryFolder>();
    m_server = std::make_unique<HubServer>();
    for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH",
                             "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_SYMLINKS"})
        qunsetenv(name);
    qputenv("HF_HOME", QByteArray::fromStdString((*m_folder / "hf").string()));
    qputenv("HF_ENDPOINT", QByteArray::fromStdString(m_server->endpoint()));
    m_oldFolder = QDir::currentPath();
    fs::create_directories(*m_folder / "work");
    QDir::setCurrent(QString::fromStdString((*m_folder / "work").string()));
}

void TestModelSource::cleanup()
{
    QDir::setCurrent(m_oldFolder);
    m_server.reset();
    m_folder.reset();
}

void TestModelSource::publish(const std::string& name, const std::string& config)
{
    m_server->addFile("models/" + name, "config.json", config, false);
    m_server->addFile("models/" + name, "model.safetensors", "weights of " + name, true);
}

void TestModelSource::tellsNamesFromPaths_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<bool>("isName");
    for (const char* name : {"state-spaces/mamba-130m-hf", "a/b@v1", "a/b@refs/pr/1", "runs/x"})
        QTest::newRow(name) << name << true;
    for (const char* path : {"builtin", "gpt2", "gpt2@a/b", "./a/b", "../a", "/a/b", "~/a", "a/b/c",
                             "runs/x/", "a b/c", ""})
        QTest::newRow(path) << path << false;
}

void TestModelSource::tellsNamesFromPaths()
{
    QFETCH(QString, source);
    QFETCH(bool, isName);
    QCOMPARE(parsePublishedName(source.toStdString()).has_value(), isName);
}

void TestModelSource::fetchesOnceAndFinds()
{
    publish("me/mamba", kMambaConfig);
    m_server->addFile("models/me/mamba", "tokenizer.json", "{}", false);
    Recorder events;
    QVERIFY(fetchModel("me/mamba", events, kGoOn));
    const ModelSource found = findModel("me/mamba", {});
    QCOMPARE(found.name, std::string("me/mamba"));
    QCOMPARE(readFile(found.weights / "model.safetensors"), std::string("weights of me/mamba"));
    QCOMPARE(found.tokenizer, found.weights);
    QVERIFY(!events.progress.empty());
    QVERIFY(events.progress.back().isBytes);
    QCOMPARE(events.progress.back().done, events.progress.back().total);

    const size_t before = m_server->requests().size();
    QVERIFY(fetchModel("me/mamba", events, kGoOn));
    QVERIFY(fetchModel("me/mamba@" + std::string(40, 'a'), events, kGoOn));
    QCOMPARE(m_server->requests().size(), before);
}

void TestModelSource::anOriginalModelBringsItsTokenizer()
{
    const std::string name = "state-spaces/mamba-130m";
    publish(name, R"({"d_model": 768, "n_layer": 24, "ssm_cfg": {}})");
    m_server->addFile("models/EleutherAI/gpt-neox-20b", "tokenizer.json", "{\"of\": \"neox\"}",
                      false);
    m_server->addFile("models/EleutherAI/gpt-neox-20b", "model.safetensors", "40 GB", true);
    Recorder events;
    QVERIFY(fetchModel(name, events, kGoOn));
    const ModelSource found = findModel(name, {});
    QCOMPARE(readFile(found.tokenizer / "tokenizer.json"), std::string("{\"of\": \"neox\"}"));
    QVERIFY(!fs::exists(found.tokenizer / "model.safetensors"));
}

void TestModelSource::saysThatTheTokenizerCouldNotBeHad()
{
    const std::string name = "state-spaces/mamba-130m";
    publish(name, R"({"d_model": 768, "n_layer": 24, "ssm_cfg": {}})");
    Recorder events;
    QVERIFY(fetchModel(name, events, kGoOn));
    QVERIFY(findModel(name, {}).tokenizer.empty());
    QCOMPARE(events.messages.size(), size_t{1});
    QCOMPARE(events.messages.front().level, LogLevel::Warning);
    QVERIFY(QString::fromStdString(events.messages.front().text)
                .contains(QStringLiteral("EleutherAI/gpt-neox-20b")));
}

void TestModelSource::leavesFoldersAlone()
{
    writeFile(*m_folder / "work/me/mamba/config.json", kMambaConfig);
    publish("me/mamba", kMambaConfig);
    Recorder events;
    QVERIFY(fetchModel("me/mamba", events, kGoOn));
    QVERIFY(fetchModel("builtin", events, kGoOn));
    QVERIFY(fetchModel("nothing-of-the-kind", events, kGoOn));
    QVERIFY(m_server->requests().empty());
    QCOMPARE(findModel("me/mamba", {}).weights, fs::path("me/mamba"));
}

void TestModelSource::cancels()
{
    publish("me/mamba", kMambaConfig);
    m_server->addFault({.method = "GET", .pathContains = "/content/", .stallAfter = 3});
    Recorder events;
    QVERIFY(!fetchModel("me/mamba", events, [&] {
        return events.progress.empty() ||
               events.progress.back().done < static_cast<int64_t>(kMambaConfig.size()) + 3;
    }));
    QVERIFY(fetchModel("me/mamba", events, kGoOn));
    QCOMPARE(findModel("me/mamba", {}).name, std::string("me/mamba"));
}

void TestModelSource::explainsWhatIsNowhere()
{
    Recorder events;
    const auto unknown = errorOf([&] { fetchModel("runs/typo", events, kGoOn); });
    QVERIFY(unknown);
    QCOMPARE(QString::fromUtf8(unknown->what()),
             QStringLiteral("There is no folder 'runs/typo' here. The hub has no model "
                            "'runs/typo', or it is private."));
    const auto notHere = errorOf([] { findModel("me/mamba", {}); });
    QVERIFY(notHere);
    QVERIFY(QString::fromStdString(notHere->remedy())
                .contains(QStringLiteral("samba-cli pull me/mamba")));
    const auto noPath = errorOf([] { findModel("nowhere", {}); });
    QVERIFY(noPath);
    QCOMPARE(QString::fromUtf8(noPath->what()), QStringLiteral("There is no model at 'nowhere'."));
}

void TestModelSource::fetchesTokenizers()
{
    m_server->addFile("models/me/words", "tokenizer.json", "{}", false);
    Recorder events;
    QVERIFY(fetchTokenizer("builtin", events, kGoOn));
    QVERIFY(fetchTokenizer("me/words", events, kGoOn));
    QVERIFY(fs::exists(findTokenizer("me/words", {}) / "tokenizer.json"));
    const auto unknown = errorOf([&] { fetchTokenizer("me/other-words", events, kGoOn); });
    QVERIFY(unknown);
    QVERIFY(QString::fromUtf8(unknown->what()).startsWith(QStringLiteral("dataset.tokenizer")));
    const auto error = errorOf([] { findTokenizer("me/other-words", {}); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Config);
}

void TestModelSource::findsNamesWithoutOwners()
{
    publish("me/gpt2", R"({"model_type": "gpt2"})");
    Recorder events;
    QVERIFY(fetchModel("me/gpt2", events, kGoOn));
    // What from_pretrained("gpt2") leaves behind.
    const fs::path cache = *m_folder / "hf" / "hub";
    fs::rename(cache / "models--me--gpt2", cache / "models--gpt2");
    QCOMPARE(listPretrained().back().name, std::string("gpt2"));
    QVERIFY(fetchModel("gpt2", events, kGoOn));
    const ModelSource found = findModel("gpt2", {});
    QCOMPARE(found.name, std::string("gpt2"));
    QCOMPARE(readFile(found.weights / "model.safetensors"), std::string("weights of me/gpt2"));
    QVERIFY(errorOf([] { findModel("gpt3", {}); }));
}

void TestModelSource::listsWhatThereIs()
{
    publish("state-spaces/mamba-370m-hf", kMambaConfig);
    publish("me/mamba", kMambaConfig);
    publish("me/bert", R"({"model_type": "bert"})");
    Recorder events;
    for (const char* name : {"state-spaces/mamba-370m-hf", "me/mamba", "me/bert"})
        QVERIFY(fetchModel(name, events, kGoOn));
    const std::vector<PretrainedModel> models = listPretrained();
    QCOMPARE(models.size(), publishedModels().size() + 1);
    for (const PretrainedModel& model : models) {
        const bool isHere = model.name == "state-spaces/mamba-370m-hf" || model.name == "me/mamba";
        QCOMPARE(!model.folder.empty(), isHere);
        QCOMPARE(model.diskBytes > 0, isHere);
    }
    QCOMPARE(models.back().name, std::string("me/mamba"));
}

QTEST_GUILESS_MAIN(TestModelSource)
#include "tst_model_source.moc"
