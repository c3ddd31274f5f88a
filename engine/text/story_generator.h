#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace samba {

/// The two parts of the built-in corpus.
///
/// Validation stories are made of combinations that training never shows: a (hero, plot) pair and a
/// (hero, object) pair are each held out when the hash of the two names falls on one value in
/// eight. A training story holds neither kind of pair, a validation story holds both. Every hero,
/// plot, object and place by itself occurs in training (stories/story_plan.h has the rule in code).
enum class StorySplit { Train, Validation };

/// Number of stories of the split: about 9 MB of text for Train, about 250 KB for Validation.
uint64_t storyCount(StorySplit split);

/// One story: two to six paragraphs of plain ASCII joined by single line feeds, no title and no
/// line feed at the end, the last sentence being its moral or close. A pure function: the same
/// index and split give the same bytes on every machine, and no two stories of the corpus are
/// equal.
/// @param index  0 <= index < storyCount(split).
/// @throws Error InvalidArgument if the index is out of range.
/// @note Thread: any.
std::string storyText(uint64_t index, StorySplit split);

/// Changes whenever any story changes; part of the key of every cache made from the corpus.
/// Thread: any.
std::string_view storyGeneratorVersion();

} // namespace samba
