#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace samba::hub {

/// How a hub of models and data sets is reached, and where its files lie on this machine.
struct HubSettings {
    std::filesystem::path cacheDir;                    ///< shared with the Python libraries
    std::string endpoint = "https://huggingface.co";   ///< no slash at the end
    std::string token;                                 ///< secret; empty: none
    bool isOffline = false;                            ///< no network at all
    bool usesSymlinks = true;                          ///< where the file system has them
    std::string certificateFile;                       ///< trusted authorities; empty: system's
    std::chrono::milliseconds metadataTimeout{10'000}; ///< silence of the server that is a failure
    std::chrono::milliseconds downloadTimeout{10'000}; ///< the same while a file arrives
    std::chrono::milliseconds firstRetryDelay{1'000};  ///< doubles with every further attempt
    int retries = 5;                                   ///< attempts after the first, per progress

    /// Reads what huggingface_hub reads, in its order: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE,
    /// HF_HOME, XDG_CACHE_HOME; HF_ENDPOINT; HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH and
    /// the file HF_HOME/token, HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE;
    /// HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT; HF_HUB_DISABLE_SYMLINKS; SSL_CERT_FILE,
    /// REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE. An empty variable counts as none.
    /// @throws Error Config for a value that cannot be used. Thread: any, while none sets
    /// variables.
    static HubSettings fromEnvironment();
};

} // namespace samba::hub
