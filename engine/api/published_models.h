#pragma once

#include "engine/api/model_info.h"

#include <string>
#include <vector>

namespace samba {

/// A model whose weights its authors have published on the hub.
struct PublishedModel {
    std::string name;      ///< "state-spaces/mamba-130m-hf"
    std::string tokenizer; ///< where its tokenizer is published; empty: beside the weights
    bool isTransformer = false;
    int64_t layers = 0;
    int64_t dModel = 0;

    /// Counts and sizes, in float32 as the program holds weights.
    ModelInfo describe() const;
};

/// The Mamba models of its authors, each in Hugging Face's form and in the original one, and the
/// transformers of like sizes to compare them with, OpenAI's GPT-2; small ones first. Thread: any.
const std::vector<PublishedModel>& publishedModels();

/// The published model of this name, or null. Thread: any.
const PublishedModel* findPublishedModel(const std::string& name);

/// What the cache of downloads has of a model. See PretrainedListed.
struct PretrainedModel {
    std::string name;
    std::string folder = {}; ///< of its files; empty: not in the cache
    int64_t diskBytes = 0;   ///< of its files, 0 if not in the cache
};

} // namespace samba
