#include "engine/text/story_generator.h"

#include "engine/api/error.h"
#include "engine/text/stories/story_plan.h"
#include "engine/text/stories/story_writer.h"

namespace samba {

namespace {

constexpr uint64_t kTrainStories = 7500;
constexpr uint64_t kValidationStories = 200;

} // namespace

uint64_t storyCount(StorySplit split)
{
    return split == StorySplit::Train ? kTrainStories : kValidationStories;
}

std::string storyText(uint64_t index, StorySplit split)
{
    if (index >= storyCount(split)) {
        throw Error(ErrorKind::InvalidArgument,
                    "Story " + std::to_string(index) + " does not exist in a split of " +
                        std::to_string(storyCount(split)) + " stories.",
                    "Ask for an index below storyCount().");
    }
    return stories::writeStory(stories::planStory(index, split));
}

std::string_view storyGeneratorVersion()
{
    return "stories-3";
}

} // namespace samba
