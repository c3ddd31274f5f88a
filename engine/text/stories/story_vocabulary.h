#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace samba::stories {

/// Who the heroes of a story are: children, or animals that behave like them.
enum class World : uint8_t { Children, Animals };

/// Where an entry may be used; bits, so that entries can serve both worlds.
enum Worlds : uint8_t { kChildren = 1, kAnimals = 2, kBoth = 3 };

/// True if an entry for `worlds` fits a story in `world`.
constexpr bool fits(Worlds worlds, World world)
{
    return (worlds & (world == World::Children ? kChildren : kAnimals)) != 0;
}

/// What an animal is good at: plots in which that would spoil the problem leave the animal out.
enum Skills : uint8_t { kNoSkill = 0, kSwims = 1, kClimbs = 2, kLikesDark = 4, kDigs = 8 };

/// A child or a young animal, always of the same kind and trait.
struct Character {
    std::string_view name;  ///< "Clover"
    std::string_view kind;  ///< "rabbit", "girl"
    std::string_view trait; ///< "gentle"
    bool isFemale;
    uint8_t skills; ///< Skills, or-ed
};

/// A parent, or a grown-up who helps.
struct Adult {
    std::string_view name; ///< "Grandma Owl"
    bool isFemale;
};

/// Those who appear together in every story about the same hero, as the same people live from book
/// to book of a series. A hero's name thus tells the friend, the grown-ups and the home, which a
/// language model of a few million parameters can hold from a story's beginning to its end.
struct Cast {
    World world;
    Character hero;
    Character companion; ///< the hero's friend, of the other pronoun: "he" and "she" stay clear
    std::string_view relation; ///< what the companion is to the hero: "best friend"
    Adult parent;              ///< of the hero
    Adult elder;
    std::string_view home;   ///< "burrow"
    std::string_view homeIn; ///< "in a snug burrow below a green hill"
};

/// A thing to be seen at a place.
struct Landmark {
    std::string_view noun; ///< "the green bench"
    std::string_view spot; ///< "under the green bench"
};

/// What a place is good for; plots ask for it.
enum PlaceUses : uint8_t {
    kAnyPlace = 0,
    kRunning = 1, ///< room for games and races
    kPicnic = 2,  ///< grass or sand to sit on
    kTrees = 4,   ///< tall trees
    kWild = 8,    ///< far from houses, one can get lost there
    kEarth = 16,  ///< ground that can be dug and built on
    kSoil = 32    ///< ground in which plants grow
};

/// A place outdoors.
struct Place {
    std::string_view noun; ///< "the park"
    std::string_view at;   ///< "in the park"
    Worlds worlds;
    uint8_t uses; ///< PlaceUses, or-ed
    std::vector<Landmark> landmarks;
};

/// The tables, in a fixed order that is part of the generator's version. Thread: any.
std::span<const Cast> casts();
std::span<const Place> places();
std::span<const std::string_view> colors();

} // namespace samba::stories
