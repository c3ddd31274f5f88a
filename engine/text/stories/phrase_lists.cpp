#include "engine/text/stories/story_plots.h"

namespace samba::stories {

std::span<const PhraseList> phraseLists()
{
    static const std::vector<PhraseList> kLists = {
        {"intro",
         {R"(Once upon a time there was a {trait} little {kind} named {hero} who lived {homeIn}.)",
          R"(Once there was a {trait} {kind} called {hero}. {He} lived {homeIn}.)",
          R"({hero} was a {trait} little {kind}. {He} lived {homeIn}[ with {his} family|].)",
          R"(A {trait} little {kind} named {hero} lived {homeIn}.)",
          R"(There was once a little {kind} named {hero}. {He} was {trait}, and {he} lived
{homeIn}.)",
          R"(Long ago, a {trait} {kind} named {hero} lived {homeIn}.)"}},
        {"friendIntro",
         {R"({His} {relation} was a {ftrait} {fkind} named {friend}.)",
          R"({He} had a {relation} named {friend}, a {ftrait} {fkind}.)",
          R"({hero} and {his} {relation} {friend} did everything together.)",
          R"({His} {relation} {friend} was a {ftrait} {fkind} who loved to laugh.)",
          R"({hero} liked to spend the day with {his} {relation} {friend}, a {ftrait} {fkind}.)",
          R"(Almost every day {he} met {his} {relation} {friend}, who was a {ftrait} {fkind}.)"}},
        {"when",
         {"one sunny morning", "one bright morning", "one fine day", "one warm day in spring",
          "on a clear summer day", "one day after breakfast", "on a mild autumn day", "one day",
          "early one morning", "one quiet afternoon", "one Sunday"}},
        {"fun",
         {"they played tag until they were out of breath", "they played hide and seek",
          "they told each other funny stories", "they looked for round stones",
          "they watched the clouds and found a ship and a whale", "they counted yellow butterflies",
          "they sang a silly song", "they ran around {mark1} again and again",
          "they rested in the shade and talked", "they made crowns of leaves",
          "they listened to the birds"}},
        {"sad",
         {"{hero} felt a lump in {his} throat.", "{hero} was very sad.",
          "Tears came to {hero}'s eyes.", "{hero} let {his} head hang.",
          "{hero}'s heart felt heavy.", "{hero} sat down and sighed.",
          "{hero}'s lip began to shake."}},
        {"happy",
         {"{hero} was so happy that {he} jumped up and down.", "{hero} laughed out loud.",
          "{hero}'s heart felt light and warm.", "{hero} had never been so glad.",
          "{hero} smiled from ear to ear.", "{hero} danced around in a circle.",
          "{hero}'s eyes were shining.", "{hero} clapped {his} {hands} with joy."}},
        {"comfort",
         {R"("Don't be sad," said {friend}. "We will think of something.")",
          R"("I will help you," said {friend} at once.)",
          R"({friend} put an arm around {hero}. "You are not alone," {fhe} said.)",
          R"("Let's not give up," said {friend}.)",
          R"({friend} took {hero} by the {hand}. "We can do it together," {fhe} said.)",
          R"("Two heads are better than one," said {friend} in a kind voice.)"}},
        {"thanks",
         {R"("Thank you, {friend}!" cried {hero}. "What would I do without you?")",
          R"("Thank you for your help," said {hero}, and {he} hugged {friend}.)",
          R"({hero} hugged {friend}. "You are a true friend," {he} said.)",
          R"("I am so lucky to have you," {hero} said to {friend}.)",
          R"({hero} thanked {friend} with all {his} heart.)"}},
        {"moral",
         {R"(From that day on, {hero} never forgot that {lesson}.)",
          R"(And so {hero} learned that {lesson}.)",
          R"("Now I know that {lesson}," said {hero}, and {friend} nodded.)",
          R"({hero} had learned that {lesson}.)",
          R"(Ever since then, {hero} and {friend} have known that {lesson}.)",
          R"(That was the day when {hero} found out that {lesson}.)"}},
        {"clue",
         {R"("Listen!" said {friend}. "There is a stream. A stream runs by our path." They followed
the water.)",
          R"("Look at the sun," said {friend}. "This morning it was on our right. So we must go
that way.")",
          R"("I hear a bell far away," said {friend}. "It rings near home. Let us walk
toward it.")",
          R"("I can see smoke over there," said {friend}. "Where there is smoke, there is a
house.")",
          R"("Look, here are our own footprints," said {friend}. "We only have to follow them
back.")"}},
    };
    return kLists;
}

} // namespace samba::stories
