#include "engine/text/stories/story_plots.h"

namespace samba::stories {

namespace {

Plot sharedToy()
{
    return {
        "shared toy",
        kBoth,
        kRunning,
        kNoSkill,
        {{kBoth, "thing: kite; act: fly; acted: flew; play: fly it high up in the wind"},
         {kBoth, "thing: ball; act: throw; acted: threw; play: throw it up and catch it"},
         {kBoth, "thing: drum; act: beat; acted: beat; play: march and beat it loudly"},
         {kBoth, "thing: wagon; act: pull; acted: pulled; play: pull it up and down the path"},
         {kBoth, "thing: spinning top; act: spin; acted: spun; play: spin it on a flat stone"},
         {kBoth, "thing: flute; act: play; acted: played; play: play a merry tune on it"},
         {kBoth, "thing: whistle; act: blow; acted: blew; play: blow it like a train"},
         {kBoth, "thing: hoop; act: roll; acted: rolled; play: roll it along with a stick"},
         {kBoth, "thing: bucket; act: fill; acted: filled; play: fill it with stones and leaves"},
         {kChildren,
          "thing: scooter; act: ride; acted: rode; play: ride it fast around the corner"},
         {kChildren, "thing: toy truck; act: push; acted: pushed; play: push it over the bumps"},
         {kBoth, "thing: jump rope; act: swing; acted: swung; play: swing it and jump over it"}},
        R"(
{@intro} [{hero} had a {object}[ that {parent} had given {him}|]. |{parent} had given {him} a
{object}, and {he} was very proud of it.] {He} loved to {play}. {@friendIntro} #
{@when}, {hero} took the {object} to {place}. {friend} came [running|along|skipping] and looked
at it with [big eyes|a hopeful smile|shining eyes]. "[May I {act} the {thing} too|Can I have a
turn|Can I {act} it once]?" {fhe} asked. ["No, it is mine!" said {hero}, and {he} held the
{thing} tight. |{hero} shook {his} head. "I am not done yet," {he} said. But {he} was not done
for a very long time. |"Not now," said {hero}. "It is my {thing}, and I want to {act} it all
day."] {friend} [said nothing more|turned around slowly|looked down at the ground]. {Fhe} [went
away and|] sat down {spot2}, all alone. #
{hero} {acted} the {thing} once, and {he} {acted} it twice. [But it was not as much fun as
before.|But soon it grew dull. |But nobody cheered, and nobody laughed with {him}.] [{He} looked
over at {friend}, and something hurt a little inside. |{He} saw {friend} sitting there with a
sad face, and {he} felt sorry. |Then {he} remembered how {friend} always shared {fhis}
[bread|apples|nuts] with {him}.] {elder}, who was walking by, [stopped and said, "A {thing} is a
small thing, {hero}. A friend is a big one." |said softly, "Two can have twice the fun,
{hero}."|asked, "Is it nice to {act} the {thing} alone?" {hero} shook {his} head.] #
So {hero} went to {mark2}[ and sat down next to {friend}|]. "I am sorry," {he} said. "[You
first, then me|Let's take turns|Here, it is your turn now]." {friend} [beamed|smiled
again|jumped up]. {Fhe} {acted} the {object}, and {hero} [cheered|clapped|laughed with {fhim}].
Then {hero} {acted} it, and {friend} [cheered|clapped|counted out loud]. [?They played until the
sun went down.|They took turns all day long.|They even found a new game with it.]
{lesson=[sharing makes every game better|a toy is more fun when two can play|a friend is worth
more than any {thing}|joy grows when you share it]}{@moral})"};
}

Plot promiseKept()
{
    return {"promise",
            kBoth,
            kPicnic,
            kNoSkill,
            {{kBoth, "thing: flute; why: to play at the spring dance"},
             {kBoth, "thing: lantern; why: for a walk in the evening"},
             {kBoth, "thing: basket; why: to carry pears to the market"},
             {kBoth, "thing: umbrella; why: for a long walk in the rain"},
             {kBoth, "thing: drum; why: for the big parade"},
             {kBoth, "thing: book; why: to read to my grandmother"},
             {kBoth, "thing: scarf; why: for a trip to the windy hills"},
             {kBoth, "thing: wagon; why: to bring home wood for the fire"},
             {kBoth, "thing: bucket; why: to water my beans"},
             {kBoth, "thing: rope; why: to hang up a swing"},
             {kBoth, "thing: kite; why: for the kite day on the hill"},
             {kBoth, "thing: blanket; why: for a night under the stars"}},
            R"(
{@intro} {@friendIntro} [One evening|One afternoon], {friend} came to the door. "[Could|May] I
borrow your {object} tomorrow?" {fhe} asked. "I need it {why}." "Of course," said {hero}. "I
will bring it to {place} [in the morning|after breakfast|early tomorrow]. I promise." #
But the next morning, {hero} [heard a knock at the door|met {elder} on the way|heard a voice
outside]. {treat=[I am going to see the puppet show|I have baked a big plum cake|I am going out
in my little boat|I am going to the summer fair]}"{treat}," said {elder}. "[Come with me right
now!|Do you want to come?|Come along, {hero}!]" [?{hero} [loved|had always loved] days like
that.] {hero} [wanted|wished] to go more than anything. [{His} feet were already on the
way.|{He} took one step, and then another.|{He} smiled and said, "Oh, yes!"] Then {he} [saw the
{object} by the door|remembered the {object}|felt the {object} in {his} {hands}], and {he}
[stopped|stood still]. {friend} was waiting {atPlace}. #
"[I am sorry, {elder}. I cannot come|I would love to, but I cannot come]," {hero} said. "I gave
{friend} my promise." [?It was hard to say, and {hero}'s eyes were wet.|It was not easy to
say.|{He} swallowed hard.] [?"[A promise is a promise|Then you must go|Good for you, {hero}],"
said {elder} with a [nod|kind smile|warm look].] So {hero} took the {object} and
[ran|hurried|walked] all the way to {place}. There sat {friend}, {spot1}, [looking down the
path|waiting with a hopeful face|all alone]. "[I knew you would come|You did not forget|There
you are]!" {fhe} cried. #
{hero} gave {fhim} the {object} and told {fhim} everything. [?{friend} was quiet for a
moment.|{friend} listened with big eyes.] "[You gave up a nice day for me|You did that for me],"
{fhe} said. "[I will never forget it|That was very kind of you]." [And the best part came
later|And then there was a surprise]: {elder} had [waited|come after {him}]! "[There is room for
both of you|Let us all go together|Two good friends are always welcome]," {elder} said. [?What a
wonderful day it was!|They laughed and talked all day long.|It was a day to remember.]
{lesson=[a promise must be kept, even when it is hard|a friend can trust you when you keep your
word|keeping your word is worth more than a treat|a kept promise makes two people
happy]}{@moral})"};
}

Plot truthTold()
{
    return {
        "truth",
        kBoth,
        kAnyPlace,
        kNoSkill,
        {{kBoth, "thing: vase; how: bumped into the table; broke: fell down and broke in two; "
                 "mend: glued the two halves with care; after: held flowers again"},
         {kBoth, "thing: jug; how: swung {his} arm too wide; broke: fell down and lost its handle; "
                 "mend: glued the handle on; after: held cool milk again"},
         {kBoth,
          "thing: flower pot; how: ran around the corner too fast; broke: tipped over and cracked; "
          "mend: tied a strong string around the pot; after: held a pink flower again"},
         {kBoth,
          "thing: teapot; how: pulled at the tablecloth; broke: rolled off the table and lost its "
          "lid; mend: carved a new lid out of wood; after: was full of hot tea again"},
         {kBoth, "thing: plate; how: threw a ball inside; broke: fell off the shelf and broke in "
                 "two; mend: glued the two halves with care; after: held sweet buns again"},
         {kBoth, "thing: clock; how: climbed on the chair; broke: fell off the shelf and stopped "
                 "ticking; mend: set the tiny wheels straight; after: ticked again"},
         {kBoth, "thing: lamp; how: jumped on the bed; broke: tipped over and bent its shade; "
                 "mend: bent the shade back into shape; after: shone in the evening again"},
         {kBoth,
          "thing: bowl; how: danced too close to the shelf; broke: slid off the shelf and broke in "
          "two; mend: glued the two halves with care; after: held red apples again"},
         {kBoth,
          "thing: picture frame; how: kicked a ball inside; broke: fell off the wall and came "
          "apart; mend: nailed the four sides together; after: hung on the wall again"}},
        R"(
{@intro} At home there was a {object} that {parent} loved very much. [?It stood in the best
room.|It was very old.|It had come from far away.] {@friendIntro} #
One rainy day, {hero} and {friend} were inside. They [played pirates|played that they were
knights|played that they were trains|played that they could fly]. {hero} laughed and {how}.
Crash! The {object} {broke}. [?It was suddenly very quiet.|The two friends stood still.|Nobody
said a word.] [?"Oh no," [whispered|said] {hero}. "[What will {parent} say now?|What have I
done?|That was {parent}'s favorite {thing}!]"] #
{friend} [looked at the door|bit {fhis} lip]. "[We could hide it under the bed|We could say that
the wind did it|We could say that we were not here]," {fhe} said in a small voice. {hero}
thought about it. [But {his} tummy felt strange, as if {he} had swallowed a stone.|But the
longer {he} thought, the worse {he} felt.|But {he} knew that it would not be right.] "[No|No,
{friend}]," {he} said at last. "[I want to tell the truth|I have to tell {parent} what
happened]." "Then I will go with you," said {friend}. #
{parent} was [in the kitchen|sitting by the fire|peeling potatoes]. {hero} took a deep breath.
"I broke your {object}," {he} said. "[I was too wild, and I am very sorry|It was my fault, and I
am so sorry]." {parent} [was quiet for a moment|looked at {him} for a long time|put everything
down]. Then {phe} [knelt down and took {hero} in {phis} arms|opened {phis} arms]. "[I am sad
about the {thing}|It is a pity about the {thing}], but I am proud of you[ for telling me|],"
{phe} said. "[That took courage|It is not easy to tell the truth]." #
[Together|After supper] they {mend}. {friend} helped too. [It did not look quite new, but
everybody liked it even more.|It took a long time, but it was worth it.|"Almost as good as new,"
said {parent}.] Soon the {object} {after}, and {hero} [felt as light as a feather|slept well
that night|could laugh again]. {lesson=[the truth makes the heart light|it is brave to tell the
truth|telling the truth is better than hiding|a mistake can be mended when you are
honest]}{@moral})"};
}

Plot newFriend()
{
    return {"new friend",
            kBoth,
            kRunning,
            kNoSkill,
            {{kBoth, "thing: kite; act: fly; offer: You can hold the string"},
             {kBoth, "thing: ball; act: throw; offer: I will throw it to you"},
             {kBoth, "thing: hoop; act: roll; offer: You can push it first"},
             {kBoth, "thing: spinning top; act: spin; offer: You can spin it first"},
             {kBoth, "thing: jump rope; act: swing; offer: You can jump first"},
             {kBoth, "thing: drum; act: beat; offer: You can beat it while I sing"},
             {kBoth, "thing: toy boat; act: sail; offer: You can be the captain"},
             {kBoth, "thing: wagon; act: pull; offer: You can ride in it first"},
             {kBoth, "thing: whistle; act: blow; offer: You can blow it while I march"},
             {kBoth, "thing: puppet; act: move; offer: You can make it talk"}},
            R"(
{@intro} {@when}, {he} took {his} {object} and went to {place}. [?{He} wanted to {act} the
{thing} there.|{He} was looking forward to a day of play.] {spot1} sat [somebody new|a {fkind}
that {hero} had never seen before]. {Fhe} was all alone and [looked at {fhis} feet|drew lines in
the dust with a stick|hummed a sad little tune]. #
"Hello, I am {hero}," said {hero}. "Who are you?" The little {fkind} [blushed|looked away|spoke
so softly that {hero} could hardly hear {fhim}]. "My name is {friend}," {fhe} whispered. "[We
moved here yesterday|I have just moved here|We came here two days ago], and I do not know
anybody." {hero} [thought about how that must feel|remembered how it feels to be alone|felt
sorry for {fhim}]. #
"Would you like to play with my {object}?" {hero} asked. "{offer}." At first {friend} [did not
dare|shook {fhis} head|was too shy]. So {hero} [sat down beside {fhim} and waited|did something
funny: {he} walked backward and fell over {his} own feet|told {fhim} a joke about a bear who was
afraid of honey]. {friend} [had to laugh|began to giggle|smiled a tiny smile]. "[All right|Well,
maybe once|Yes, please]," {fhe} said[, and {fhe} stood up|]. #
Soon the two of them were playing as if they had always known each other. {hero} showed {friend}
{mark2} and {mark3}[, and {friend} showed {hero} how to whistle with a blade of grass|]. [?When
it was time to go home, {friend} did not look sad any more.|The day was over much too soon.|They
did not even see how the time went by.] "[Will you come again tomorrow|Can we play again
tomorrow]?" asked {friend}. "[Of course I will|Tomorrow, and the day after, too]," said {hero}.
"And I will bring the {object}!" {lesson=[a kind word can open a door|every friend was a
stranger once|nobody should have to play alone|it only takes a smile to make a friend]}{@moral})"};
}

Plot quarrel()
{
    return {
        "quarrel",
        kBoth,
        kRunning | kEarth,
        kNoSkill,
        {{kBoth, "thing: castle; object: a castle of sand and stones; first: a tall tower; second: "
                 "a deep moat"},
         {kBoth, "thing: hut; object: a hut of sticks and leaves; first: a big window; second: a "
                 "strong roof"},
         {kBoth,
          "thing: bridge; object: a bridge of stones; first: a high arch; second: a safe rail"},
         {kBoth,
          "thing: boat; object: a boat of planks; first: a white sail; second: two long oars"},
         {kBoth, "thing: garden; object: a tiny garden of moss; first: a path of pebbles; second: "
                 "a little pond"},
         {kBoth, "thing: town; object: a tiny town of clay; first: a church with a bell; second: a "
                 "market with shops"},
         {kBoth,
          "thing: tower; object: a tower of flat stones; first: a round top; second: a wide foot"}},
        R"(
{@intro} {@friendIntro} {@when}, the two of them went to {place} to build {object}. [They
carried everything they needed to {mark1}.|They found a good spot near {mark1}.|They rolled up
their sleeves and began.] #
"It needs {first}," said {hero}. "No, it needs {second}," said {friend}. "[{first} is much
better|I want {first}]!" cried {hero}. "[{second} is more important|And I want {second}]!" cried
{friend}. [?Their voices grew louder and louder.|Soon they were both red in the face.] "[Then
build it alone|Then I do not want to play any more]!" said {friend}. {Fhe} went away and sat
down {spot2}, and {hero} sat down {spot3}. #
[?It was very quiet.|Nobody said anything for a long time.|The wind blew, and a bird sang, but
nobody listened.] {hero} tried to build alone, but [the stones were too heavy for one|everything
fell down|it was no fun at all]. {friend} [watched from far away|tried to think of a game, but
{fhe} could not think of one|picked at the grass]. [I was too loud|I did not listen|That was not
nice of me], {hero} thought. [?{@sad}] #
Then {hero} stood up and went to {mark2}. "[I am sorry that I shouted|I am sorry,
{friend}|Please forgive me]," {he} said. "[I am sorry too|I am sorry that I ran away]," said
{friend}. [?They looked at each other and had to laugh.|They shook {hands}, and both felt
better.] "[Why not have both?|Let us build both, yours and mine!]" said {hero}. So they went
back and worked side by side. {hero} made {first}, and {friend} made {second}. [It was the
finest {thing} that anyone had ever seen {atPlace}.|In the end it was a {thing} that they both
loved.|When {elder} came by, the {thing} was ready. "That is beautiful!" said {elder}.]
{lesson=[saying sorry makes a friendship strong|two ideas are better than one|it is good to
listen before you shout|friends can be angry and still be friends]}{@moral})"};
}

} // namespace

std::vector<Plot> friendshipPlots()
{
    return {sharedToy(), promiseKept(), truthTold(), newFriend(), quarrel()};
}

} // namespace samba::stories
