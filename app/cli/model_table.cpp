#include "app/cli/model_table.h"

#include "app/cli/text_format.h"
#include "app/cli/text_table.h"

namespace samba::cli {
namespace {

std::string shapeText(const ModelInfo& info)
{
    const std::string widths = std::to_string(info.layers) + " layers, d_model " +
                               std::to_string(info.dModel) + ", d_inner " +
                               std::to_string(info.dInner);
    if (info.heads > 0)
        return widths + ", n_head " + std::to_string(info.heads) + ", n_positions " +
               std::to_string(info.positions);
    return widths + ", d_state " + std::to_string(info.dState) + ", d_conv " +
           std::to_string(info.dConv) + ", dt_rank " + std::to_string(info.dtRank);
}

std::string chunkText(const ModelInfo& info)
{
    std::string text = std::to_string(info.chunkCount) + ", " + std::to_string(info.readoutStride) +
                       " layers each";
    if (info.layers % info.readoutStride != 0)
        text += ", the last one " + std::to_string(info.layers % info.readoutStride);
    return text;
}

} // namespace

std::string modelTable(const ModelInfo& info)
{
    TextTable facts({{}, {}});
    facts.addRow({"Model", info.name + " (" + info.type + ')'});
    if (!info.source.empty())
        facts.addRow({"Source", info.source});
    if (info.step > 0)
        facts.addRow({"Trained", formatInteger(info.step) + " steps"});
    facts.addRow({"Shape", shapeText(info)});
    facts.addRow({"Chunks", chunkText(info)});
    if (info.hasReadout)
        facts.addRow({"Readout", "queries and keys of " + std::to_string(info.readoutHiddenDim)});
    facts.addRow(
        {"Vocabulary",
         formatInteger(info.vocabSize) +
             (info.tokenizerSize > 0 ? ", tokenizer " + formatInteger(info.tokenizerSize) : "")});
    facts.addRow({"Weights", formatBytes(static_cast<double>(info.weightBytes)) + ", " +
                                 info.dtype + (info.device.empty() ? "" : " on " + info.device)});
    facts.addRow({"State", formatBytes(static_cast<double>(info.stateBytes)) +
                               (info.positions > 0 ? " for one sequence of " +
                                                         formatInteger(info.positions) + " tokens"
                                                   : " for one sequence")});

    TextTable counts(
        {{"Parameters"}, {" ", TextTable::Align::Right}, {" ", TextTable::Align::Right}});
    const auto addCount = [&](const std::string& name, int64_t count) {
        counts.addRow(
            {"  " + name, formatInteger(count),
             formatShare(static_cast<double>(count) / static_cast<double>(info.totalParameters))});
    };
    for (const ParameterGroup& group : info.groups)
        addCount(group.name, group.count);
    addCount("backbone", info.backboneParameters);
    addCount("total", info.totalParameters);
    return facts.toString() + '\n' + counts.toString();
}

std::string chunkTable(const std::vector<ChunkMetrics>& chunks)
{
    using Align = TextTable::Align;
    TextTable table({{"CHUNK", Align::Right},
                     {"NEAR ZERO", Align::Right},
                     {"RELATIVE", Align::Right},
                     {"L0", Align::Right},
                     {"L1", Align::Right},
                     {"HOYER", Align::Right},
                     {"RMS", Align::Right},
                     {"DEAD UNITS", Align::Right},
                     {"ATTENTION", Align::Right}});
    for (size_t i = 0; i < chunks.size(); ++i) {
        const ChunkMetrics& c = chunks[i];
        table.addRow({std::to_string(i + 1), formatShare(c.nearZero),
                      formatShare(c.nearZeroRelative), formatNumber(c.l0), formatNumber(c.l1),
                      formatNumber(c.hoyer), formatNumber(c.rms), formatShare(c.deadUnits),
                      formatShare(c.attention)});
    }
    return table.toString();
}

} // namespace samba::cli
