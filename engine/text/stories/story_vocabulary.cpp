#include "engine/text/stories/story_vocabulary.h"

#include <array>

namespace samba::stories {

std::span<const Name> names()
{
    constexpr auto C = World::Children;
    constexpr auto A = World::Animals;
    static constexpr auto kNames = std::to_array<Name>({
        {"Mia", C, true},      {"Anna", C, true},     {"Lily", C, true},     {"Emma", C, true},
        {"Clara", C, true},    {"Nora", C, true},     {"Ella", C, true},     {"Ruby", C, true},
        {"Sofia", C, true},    {"Maya", C, true},     {"Ida", C, true},      {"Lucy", C, true},
        {"Zoe", C, true},      {"Amina", C, true},    {"Hana", C, true},     {"Greta", C, true},
        {"Rosie", C, true},    {"Leila", C, true},    {"June", C, true},     {"Paula", C, true},
        {"Tom", C, false},     {"Ben", C, false},     {"Max", C, false},     {"Leo", C, false},
        {"Sam", C, false},     {"Noah", C, false},    {"Finn", C, false},    {"Oscar", C, false},
        {"Jack", C, false},    {"Omar", C, false},    {"Paul", C, false},    {"Hugo", C, false},
        {"Theo", C, false},    {"Luca", C, false},    {"David", C, false},   {"Kofi", C, false},
        {"Emil", C, false},    {"Peter", C, false},   {"Ravi", C, false},    {"Anton", C, false},
        {"Alma", C, true},     {"Bella", C, true},    {"Cora", C, true},     {"Edith", C, true},
        {"Freya", C, true},    {"Ingrid", C, true},   {"Olga", C, true},     {"Yara", C, true},
        {"Nadia", C, true},    {"Tessa", C, true},    {"Vera", C, true},     {"Wanda", C, true},
        {"Priya", C, true},    {"Mei", C, true},      {"Arthur", C, false},  {"Bobby", C, false},
        {"Carlos", C, false},  {"Dennis", C, false},  {"Erik", C, false},    {"Felix", C, false},
        {"George", C, false},  {"Henrik", C, false},  {"Ivan", C, false},    {"Kenji", C, false},
        {"Martin", C, false},  {"Oliver", C, false},  {"Yusuf", C, false},   {"Diego", C, false},
        {"Hazel", A, true},    {"Poppy", A, true},    {"Daisy", A, true},    {"Tilly", A, true},
        {"Honey", A, true},    {"Clover", A, true},   {"Pearl", A, true},    {"Minnow", A, true},
        {"Maple", A, true},    {"Dot", A, true},      {"Ivy", A, true},      {"Fern", A, true},
        {"Bluebell", A, true}, {"Peony", A, true},    {"Saffron", A, true},  {"Juniper", A, true},
        {"Mallow", A, true},   {"Whisper", A, true},  {"Basil", A, false},   {"Pebble", A, false},
        {"Chester", A, false}, {"Truffle", A, false}, {"Gus", A, false},     {"Barnaby", A, false},
        {"Pip", A, false},     {"Bramble", A, false}, {"Nibbles", A, false}, {"Rusty", A, false},
        {"Bruno", A, false},   {"Acorn", A, false},   {"Moss", A, false},    {"Patch", A, false},
        {"Thistle", A, false}, {"Bumble", A, false},  {"Oakley", A, false},  {"Toby", A, false},
    });
    return kNames;
}

std::span<const Species> species()
{
    static constexpr auto kSpecies = std::to_array<Species>({
        {"rabbit", "burrow", kDigs},
        {"mouse", "nest", kNoSkill},
        {"squirrel", "nest", kClimbs},
        {"hedgehog", "nest", kLikesDark},
        {"fox", "den", kNoSkill},
        {"badger", "den", kLikesDark | kDigs},
        {"bear", "cave", kClimbs},
        {"mole", "burrow", kLikesDark | kDigs},
        {"otter", "den", kSwims},
        {"beaver", "lodge", kSwims},
        {"raccoon", "den", kClimbs | kLikesDark},
        {"chipmunk", "burrow", kClimbs},
        {"hamster", "burrow", kDigs},
        {"marmot", "burrow", kDigs},
        {"shrew", "nest", kNoSkill},
        {"muskrat", "lodge", kSwims},
        {"opossum", "nest", kClimbs | kLikesDark},
        {"weasel", "den", kNoSkill},
        {"dormouse", "nest", kClimbs},
    });
    return kSpecies;
}

std::span<const Elder> elders()
{
    static constexpr auto kElders = std::to_array<Elder>({
        {"Aunt Rosa", kChildren, true},
        {"Uncle Joe", kChildren, false},
        {"Mrs. Hill", kChildren, true},
        {"Mr. Brown", kChildren, false},
        {"Aunt Martha", kChildren, true},
        {"Uncle Henry", kChildren, false},
        {"Mrs. Baker", kChildren, true},
        {"Mr. Green", kChildren, false},
        {"Grandma Owl", kAnimals, true},
        {"Grandpa Turtle", kAnimals, false},
        {"Aunt Goose", kAnimals, true},
        {"Uncle Toad", kAnimals, false},
        {"Mother Duck", kAnimals, true},
        {"Father Heron", kAnimals, false},
    });
    return kElders;
}

std::span<const Place> places()
{
    static const std::vector<Place> kPlaces = {
        {"the park",
         "in the park",
         kChildren,
         kRunning | kPicnic | kTrees,
         {{"the green bench", "under the green bench"},
          {"the fountain", "behind the fountain"},
          {"the rose bed", "between the roses"},
          {"the slide", "at the foot of the slide"},
          {"the old oak tree", "behind the old oak tree"}}},
        {"the beach",
         "on the beach",
         kChildren,
         kRunning | kPicnic | kEarth,
         {{"the big rock", "behind the big rock"},
          {"the fishing boat", "behind the fishing boat"},
          {"the sand hill", "on top of the sand hill"},
          {"the wooden pier", "below the wooden pier"},
          {"the blue beach hut", "beside the blue beach hut"}}},
        {"the farm",
         "on the farm",
         kChildren,
         kRunning | kTrees | kEarth | kSoil,
         {{"the red barn", "behind the red barn"},
          {"the haystack", "beside the haystack"},
          {"the well", "beside the well"},
          {"the cart", "under the cart"},
          {"the pear tree", "at the foot of the pear tree"}}},
        {"the village green",
         "on the village green",
         kChildren,
         kRunning | kPicnic | kTrees,
         {{"the stone wall", "behind the stone wall"},
          {"the white gate", "beside the white gate"},
          {"the bandstand", "beside the bandstand"},
          {"the chestnut tree", "below the chestnut tree"},
          {"the duck pond", "at the edge of the duck pond"}}},
        {"the playground",
         "on the playground",
         kChildren,
         kRunning,
         {{"the sandbox", "in the sandbox"},
          {"the swings", "beside the swings"},
          {"the climbing frame", "below the climbing frame"},
          {"the seesaw", "beside the seesaw"},
          {"the tall hedge", "behind the tall hedge"}}},
        {"the meadow",
         "in the meadow",
         kBoth,
         kRunning | kPicnic | kWild | kEarth | kSoil,
         {{"the flat stone", "on the flat stone"},
          {"the yellow flowers", "among the yellow flowers"},
          {"the fallen log", "behind the fallen log"},
          {"the tall grass", "in the tall grass"},
          {"the wooden fence", "beside the wooden fence"}}},
        {"the woods",
         "in the woods",
         kBoth,
         kTrees | kWild | kEarth | kSoil,
         {{"the hollow tree", "inside the hollow tree"},
          {"the mossy rock", "behind the mossy rock"},
          {"the ferns", "among the ferns"},
          {"the pile of leaves", "beside the pile of leaves"},
          {"the berry bush", "beside the berry bush"}}},
        {"the orchard",
         "in the orchard",
         kBoth,
         kRunning | kPicnic | kTrees | kEarth | kSoil,
         {{"the oldest apple tree", "below the oldest apple tree"},
          {"the ladder", "at the foot of the ladder"},
          {"the empty barrel", "behind the empty barrel"},
          {"the beehive", "near the beehive"},
          {"the stone path", "beside the stone path"}}},
        {"the lake",
         "at the lake",
         kBoth,
         kPicnic | kTrees | kWild | kEarth | kSoil,
         {{"the willow tree", "under the willow tree"},
          {"the reeds", "among the reeds"},
          {"the round rock", "behind the round rock"},
          {"the little dock", "on the little dock"},
          {"the old rowboat", "in the old rowboat"}}},
        {"the hill",
         "on the hill",
         kBoth,
         kRunning | kPicnic | kWild | kEarth | kSoil,
         {{"the pine stump", "behind the pine stump"},
          {"the windmill", "beside the windmill"},
          {"the pile of stones", "between the stones"},
          {"the wild roses", "under the wild roses"},
          {"the signpost", "at the foot of the signpost"}}},
        {"the clearing",
         "in the clearing",
         kAnimals,
         kRunning | kPicnic | kTrees | kEarth | kSoil,
         {{"the mushroom ring", "inside the mushroom ring"},
          {"the tree stump", "behind the tree stump"},
          {"the blackberry bush", "under the blackberry bush"},
          {"the tall birch tree", "at the foot of the tall birch tree"},
          {"the bluebells", "among the bluebells"}}},
        {"the river bank",
         "on the river bank",
         kAnimals,
         kRunning | kPicnic | kTrees | kEarth | kSoil,
         {{"the wooden bridge", "under the wooden bridge"},
          {"the driftwood", "behind the driftwood"},
          {"the smooth pebbles", "among the smooth pebbles"},
          {"the bent willow", "below the bent willow"},
          {"the cattails", "between the cattails"}}},
        {"the berry patch",
         "in the berry patch",
         kAnimals,
         kPicnic | kEarth | kSoil,
         {{"the strawberry leaves", "beside the strawberry leaves"},
          {"the old flower pot", "behind the old flower pot"},
          {"the thorn bush", "beside the thorn bush"},
          {"the garden wall", "behind the garden wall"},
          {"the clover", "in the clover"}}},
    };
    return kPlaces;
}

std::span<const std::string_view> colors()
{
    static constexpr auto kColors = std::to_array<std::string_view>(
        {"red", "blue", "green", "yellow", "orange", "purple", "white", "pink", "brown", "silver",
         "golden", "turquoise", "crimson", "lilac"});
    return kColors;
}

std::span<const std::string_view> traits()
{
    static constexpr auto kTraits = std::to_array<std::string_view>(
        {"kind",   "cheerful",   "curious", "gentle",  "friendly", "lively",  "clever",
         "merry",  "thoughtful", "funny",   "helpful", "polite",   "patient", "playful",
         "honest", "careful",    "eager",   "cheeky",  "dreamy",   "sociable"});
    return kTraits;
}

std::span<const std::string_view> childHomes()
{
    static constexpr auto kHomes = std::to_array<std::string_view>(
        {"in a small house near the sea", "in a white house at the end of Apple Lane",
         "in a tall house in a busy town", "in a yellow house behind the hills",
         "in a cottage at the edge of the village", "in a brick house by the river",
         "in a little village under a mountain", "above a bakery in the old town",
         "in a house with a green door", "in a house with a big garden"});
    return kHomes;
}

std::span<const std::string_view> animalHomeSites()
{
    static constexpr auto kSites = std::to_array<std::string_view>(
        {"under the roots of an old oak", "near a clear stream", "at the edge of the forest",
         "below a green hill", "beside the blackberry bushes", "under a tall pine tree",
         "behind the waterfall", "in a quiet valley"});
    return kSites;
}

} // namespace samba::stories
