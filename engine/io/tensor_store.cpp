#include "engine/io/tensor_store.h"

#include "engine/io/file_error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/shard_index.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <system_error>

namespace samba {

namespace {

constexpr std::array kModelFiles = {"model.safetensors", "model.safetensors.index.json",
                                    "pytorch_model.bin", "pytorch_model.bin.index.json"};

/// Names every shard that is not there, so that one download mends them all.
void requireShards(const std::filesystem::path& index,
                   const std::map<std::string, std::vector<std::string>>& tensorsOfShard)
{
    std::string missing;
    for (const auto& [shard, tensors] : tensorsOfShard) {
        std::error_code ignored;
        if (!std::filesystem::exists(index.parent_path() / shard, ignored)) {
            missing += (missing.empty() ? "" : ", ") + quotedPath(index.parent_path() / shard);
        }
    }
    if (!missing.empty()) {
        throw Error(ErrorKind::File,
                    "a shard of the model is missing: " + quotedPath(index) + " lists " + missing +
                        ", which does not exist",
                    "Fetch the missing files into the folder of the index.");
    }
}

} // namespace

TensorStore TensorStore::openFolder(const std::filesystem::path& folder)
{
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) {
        throw Error(ErrorKind::File, quotedPath(folder) + " is not a folder",
                    "Name the folder that holds the model.");
    }
    for (const char* name : kModelFiles) {
        if (std::filesystem::exists(folder / name, error)) {
            return openFile(folder / name);
        }
    }
    throw Error(ErrorKind::File,
                quotedPath(folder) + " holds no model: neither model.safetensors nor "
                                     "pytorch_model.bin nor an index of shards is there",
                "Fetch the weights into the folder, or name another one.");
}

TensorStore TensorStore::openFile(const std::filesystem::path& path)
{
    if (path.string().ends_with(".index.json")) {
        return openIndex(path);
    }
    TensorStore store;
    store.m_mainFile = path;
    store.m_tensors = store.readDataFile(path);
    return store;
}

std::vector<TensorView> TensorStore::readDataFile(const std::filesystem::path& path)
{
    m_files.push_back(path);
    if (path.extension() == ".safetensors") {
        const SafetensorsFile file = SafetensorsFile::open(path);
        m_metadata = file.metadata();
        return file.tensors();
    }
    return m_archives.emplace_back(TorchZipFile::open(path)).tensors();
}

TensorStore TensorStore::openIndex(const std::filesystem::path& path)
{
    const ShardIndex index = readShardIndex(path);
    std::map<std::string, std::vector<std::string>> tensorsOfShard;
    for (const auto& [tensor, shard] : index) {
        tensorsOfShard[shard].push_back(tensor);
    }
    requireShards(path, tensorsOfShard);

    TensorStore store;
    store.m_mainFile = path;
    for (const auto& [shard, tensors] : tensorsOfShard) {
        const std::filesystem::path shardPath = path.parent_path() / shard;
        std::vector<TensorView> views = store.readDataFile(shardPath);
        for (const std::string& tensor : tensors) {
            if (findTensor(views, tensor) == nullptr) {
                throwFormatError(shardPath, "lacks tensor " + quotedText(tensor) + ", which " +
                                                quotedPath(path) + " places there");
            }
        }
        for (const TensorView& view : views) {
            const auto listed = index.find(view.name);
            if (listed == index.end() || listed->second != shard) {
                throwFormatError(shardPath, "holds tensor " + quotedText(view.name) +
                                                ", which its index " + quotedPath(path) +
                                                " does not place there");
            }
        }
        std::move(views.begin(), views.end(), std::back_inserter(store.m_tensors));
    }
    store.m_metadata.clear(); // each shard has its own
    std::sort(
        store.m_tensors.begin(), store.m_tensors.end(),
        [](const TensorView& left, const TensorView& right) { return left.name < right.name; });
    return store;
}

void TensorStore::verifyChecksums() const
{
    for (const TorchZipFile& archive : m_archives) {
        archive.verifyChecksums();
    }
}

void TensorStore::releasePages(const TensorView& tensor) const
{
    releaseMappedPages(tensor.bytes); // every tensor of a store lies in a mapped file
}

} // namespace samba
