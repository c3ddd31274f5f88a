#include "engine/text/data_description.h"

#include "engine/text/batch_loader.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/corpus.h"
#include "engine/text/corpus_files.h"
#include "engine/text/stream_decoder.h"
#include "engine/text/token_cache.h"

#include <span>

namespace samba {

namespace {

DataSplitInfo describeSplit(const DatasetConfig& dataset, Split split, const Tokenizer& tokenizer,
                            const std::filesystem::path& cacheDir)
{
    DataSplitInfo info;
    info.name = splitName(split);
    const CorpusParts parts = findCorpusParts(dataset, split);
    for (const CorpusFile& file : parts.files) {
        info.files.push_back(file.path.string());
        info.fileBytes += static_cast<int64_t>(file.end - file.begin);
    }
    if (parts.isBuiltinStories)
        info.fileBytes = static_cast<int64_t>(openDocuments(dataset, split)->sizeBytes());

    const TokenCacheStatus status = TokenCache::look(dataset, split, tokenizer, cacheDir);
    info.cacheState = status.state;
    info.cacheFile = status.file.string();
    if (status.cache) {
        info.documents = static_cast<int64_t>(status.cache->documentCount());
        info.tokens = static_cast<int64_t>(status.cache->size());
        info.textBytes = static_cast<int64_t>(status.cache->byteCount());
    }
    return info;
}

std::vector<BatchPreview::Token> decodeRow(std::span<const int64_t> ids,
                                           const std::shared_ptr<const Tokenizer>& tokenizer)
{
    std::vector<BatchPreview::Token> row;
    StreamDecoder decoder(tokenizer);
    for (const int64_t wide : ids) {
        const auto id = static_cast<int32_t>(wide);
        row.push_back({id, decoder.push(id), tokenizer->isSpecial(id)});
    }
    row.back().text += decoder.finish();
    return row;
}

} // namespace

DataInfo describeData(const DatasetConfig& dataset, const Tokenizer& tokenizer,
                      const std::filesystem::path& cacheDir)
{
    DataInfo info;
    info.name = dataset.name;
    info.source = dataset.name;
    info.tokenizer = dataset.tokenizer;
    info.tokenizerSize = tokenizer.size();
    info.tokenizerFingerprint = tokenizer.fingerprint();
    if (const auto id = tokenizer.endOfTextId())
        info.endOfText = tokenizer.tokenText(*id);
    for (const Split split : splitsOf(dataset))
        info.splits.push_back(describeSplit(dataset, split, tokenizer, cacheDir));
    return info;
}

BatchPreview previewBatch(const std::shared_ptr<const TokenCache>& corpus,
                          const std::shared_ptr<const Tokenizer>& tokenizer,
                          const BatchLoaderOptions& options)
{
    BatchLoader loader(corpus, options);
    TokenBatch batch;
    loader.next(batch); // a corpus that has no batch has not got past the loader's constructor
    BatchPreview preview{batch.seqLen, {}};
    const auto width = static_cast<std::size_t>(batch.seqLen) + 1;
    for (std::size_t row = 0; row < static_cast<std::size_t>(batch.rows); ++row)
        preview.rows.push_back(
            decodeRow(std::span(batch.ids).subspan(row * width, width), tokenizer));
    return preview;
}

} // namespace samba
