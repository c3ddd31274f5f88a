#include "engine/text/stories/story_plots.h"

namespace samba::stories {

namespace {

Plot lostThing()
{
    return {
        "lost",
        kBoth,
        kAnyPlace,
        kNoSkill,
        {{kBoth,
          "thing: scarf; love: {He} wore it every day; last: took it off because it was warm"},
         {kBoth,
          "thing: hat; love: {He} wore it in sun and rain; last: took it off to feel the wind"},
         {kBoth,
          "thing: ball; love: {He} took it everywhere; last: put it down to tie a flower crown"},
         {kBoth, "thing: kite; love: {He} flew it on every windy day; last: put it down to drink "
                 "some water"},
         {kBoth,
          "thing: book; love: {He} knew every page by heart; last: put it down to watch a beetle"},
         {kBoth,
          "thing: whistle; love: {He} blew it every morning; last: took it off to look at a bird"},
         {kBoth,
          "thing: mitten; love: It was as soft as a cloud; last: took it off to touch the moss"},
         {kBoth, "thing: toy boat; love: {He} sailed it in every puddle; last: put it down to pick "
                 "a flower"},
         {kBoth,
          "thing: spinning top; love: It hummed when it turned; last: put it down to eat an apple"},
         {kBoth, "thing: basket; love: {He} used it for all {his} treasures; last: put it down to "
                 "rest my arms"},
         {kBoth, "thing: flute; love: {He} could play three songs on it; last: put it down to "
                 "listen to a bird"},
         {kBoth, "thing: lantern; love: It gave a warm light at night; last: put it down to help a "
                 "beetle"},
         {kBoth, "thing: umbrella; love: {He} loved to walk in the rain with it; last: put it down "
                 "because the sun was out"},
         {kBoth,
          "thing: ribbon; love: {He} wore it on the best days; last: took it off to play horse"},
         {kBoth,
          "thing: cup; love: Milk tasted better in it; last: put it down after a drink of water"},
         {kChildren, "thing: doll; love: {He} talked to it every night; last: put it down to jump "
                     "over a puddle"},
         {kChildren, "thing: toy truck; love: {He} never went out without it; last: put it down to "
                     "look at a snail"},
         {kBoth, "thing: blanket; love: {He} had owned it since {he} was very small; last: spread "
                 "it out to sit on it"}},
        R"(
{@intro} [More than anything, {he} loved {his} {object}.|{His} favorite thing in the world was a
{object}.|{hero} had a {object}, a present from {parent}.] {love}. {@friendIntro} #
{@when}, {hero} and {friend} [went|walked|ran] to {place}, and the {object} came along, of
course. First {@fun}. Then {@fun}. [Soon it was time to go home.|The day went by quickly.] But
when {hero} [looked around|wanted to pick up {his} things], {he} [stood still|gave a cry]. The
{object} was gone! [?{@sad}] #
{@comfort} So they began to look. They looked {spot1}, but there was only [a snail|a shiny
beetle|an old feather|a round stone|a pile of dry leaves]. [?They looked {spot2}, but there was
only [a sleepy frog|an empty nutshell|a rusty nail|a gray pebble|a spider in its web].] [?They
asked {elder}, but {elder} had not seen the {thing}.|They even called for the {thing}, as if a
{thing} could hear.] [It was getting late.|The sun was already low.] [?"[I will never find it|It
is gone for good]," said {hero}.] #
"[Think back|Close your eyes and think]," said {friend}. "Where did you have the {thing} last?"
{hero} [closed {his} eyes|thought very hard|rubbed {his} nose and thought]. "[We came here|We
walked in]," {he} said slowly. "[We played, and then I stopped|And then I stopped] near {mark3}.
There I {last}!" They [ran|raced|hurried] to {mark3} as fast as they could. And there, {spot3},
[lay|was] the {object}, [safe and sound|just where {hero} had left it|a little dusty, but not
hurt at all]! #
{hero} [hugged the {thing}|picked up the {thing} and held it close|kissed the {thing}].
{@thanks} [?On the way home {he} held the {object} [very tight|with both {hands}].] {lesson=[it
helps to stop and think|you find more with a friend at your side|it is good to look after the
things you love|a calm head finds what a hurried one loses]}{@moral})"};
}

Plot mended()
{
    return {
        "mended",
        kBoth,
        kRunning,
        kNoSkill,
        {{kBoth,
          "thing: kite; act: fly; harm: the stick in the middle snapped; need: a new stick and "
          "some thread; step: tied the new stick across the kite; again: flew higher than before"},
         {kBoth, "thing: drum; act: beat; harm: the skin got a hole; need: a round patch and some "
                 "glue; step: glued the patch over the hole; again: sounded as deep as before"},
         {kBoth,
          "thing: wagon; act: pull; harm: a wheel came off; need: a hammer and a wooden pin; step: "
          "put the wheel back and knocked in the pin; again: rolled as well as before"},
         {kBoth,
          "thing: puppet; act: play with; harm: one arm came off; need: a needle and strong "
          "thread; step: sewed the arm on with small stitches; again: could wave with both arms"},
         {kBoth, "thing: book; act: read; harm: three pages tore; need: thin paper and some paste; "
                 "step: stuck the pages together with the paper; again: could be read from the "
                 "first page to the last"},
         {kBoth,
          "thing: basket; act: carry; harm: the handle broke; need: long twigs of willow; step: "
          "wove the twigs into a new handle; again: could hold a whole load of apples"},
         {kBoth, "thing: umbrella; act: open; harm: the cloth tore; need: a needle and a piece of "
                 "cloth; step: sewed the cloth over the tear; again: kept out the rain"},
         {kBoth, "thing: toy boat; act: play with; harm: the mast snapped; need: a straight stick "
                 "and some glue; step: glued the stick where the mast had been; again: sailed like "
                 "a real ship"},
         {kChildren,
          "thing: toy truck; act: push; harm: a wheel came off; need: a tiny screw; step: turned "
          "the screw until the wheel was tight; again: drove over every bump"},
         {kChildren, "thing: doll; act: carry; harm: a seam split and the wool came out; need: a "
                     "needle and some thread; step: pushed the wool back in and closed the seam; "
                     "again: looked as round and merry as before"},
         {kBoth, "thing: lantern; act: carry; harm: the glass cracked; need: clear paper and some "
                 "paste; step: pasted the paper over the crack; again: shone like a small moon"}},
        R"(
{@intro} {@friendIntro} {friend} had a {object}, and {fhe} loved it dearly. {@when}, {fhe}
brought it to {place}. "You may {act} it, {hero}," {fhe} said. "[Only be careful|But please be
careful with it]." #
{hero} [was very glad|was so excited that {he} forgot to be careful]. {He} [laughed and ran
around with it|was much too wild with it|did not look where {he} was going]. Then there was a
crack, and {harm}. {hero} [turned red|stood still|did not know where to look]. {friend} [began
to cry|looked at the {thing} and said nothing|had tears in {fhis} eyes]. "My {object}!" {fhe}
[whispered|said]. #
"[I am so sorry|I did not mean to do that, and I am sorry]," said {hero}. [?"[I will make it
whole again|I will mend it]."] [But how?|But {he} did not know how.] {hero} [tried to press it
together|tried it with a blade of grass|tried it with a bit of mud], but it did not hold. So
they [took the {thing} and went|carried the {thing}] to {elder}, who [could mend almost
anything|was good with tools]. "[Hmm|Let me see]," said {elder}. "We need {need}. [But you must
do the work, {hero}. I will show you how|{hero}, you will do it, and I will help you]." #
{hero} [looked|searched] at home and found {need}. Then {he} sat down at {elder}'s table and
worked. {He} {step}. [It was not easy, and {he} had to begin again twice.|It took all
afternoon.|{He} worked slowly and with great care.] [?{friend} [watched and handed {him} what
{he} needed|held the {thing} still for {him}].] [When the sun went down, it was done.|At last it
was done.] The {object} {again}! #
"[It is even better now|It is as good as new]!" said {friend}. "[Now a bit of you is in it,
too|Thank you, {hero}]." "[I will be careful from now on|Next time I will be careful]," said
{hero}. [?And {he} was.|They shook {hands} on it.] {lesson=[you can mend what you break if you
try|being sorry is good, and helping is even better|we must be careful with things that others
love|patient {hands} can mend many things]}{@moral})"};
}

Plot wayHome()
{
    return {
        "way home",
        kBoth,
        kWild,
        kNoSkill,
        {{kBoth, "thing: butterfly; move: fluttered from flower to flower"},
         {kBoth, "thing: dragonfly; move: shot through the air like a spark"},
         {kBoth, "thing: bird; move: hopped from branch to branch"},
         {kBoth, "thing: feather; move: sailed along on the wind"},
         {kBoth, "thing: balloon; move: floated along on the wind"},
         {kBoth, "thing: lizard; object: green lizard; move: ran from stone to stone"},
         {kBoth, "thing: leaf; object: golden leaf; move: danced along on the wind"},
         {kBoth, "thing: ladybug; object: tiny ladybug; move: flew from leaf to leaf"},
         {kBoth, "thing: moth; object: white moth; move: flew in wide circles"},
         {kBoth, "thing: soap bubble; object: big soap bubble; move: floated along in the sun"}},
        R"(
{@intro} {@friendIntro} {@when}, the two of them were playing {atPlace}. "[Stay where you can
see {mark1}|Do not go past {mark1}]," {parent} had told them. Then {hero} saw a {object}. It
{move}. [?"[How pretty|Look at that]!" {he} cried.] "[Let us see where it goes|Come on, after
it]!" #
They ran after the {object}, past {mark1} and on and on. It {move}, [and they never quite caught
it|always a little ahead of them]. Then all at once it was gone. {hero} and {friend} looked
around. [?Everything looked strange.|They did not know this place at all.|There was no path
anywhere.] "[Where are we|Which way did we come]?" asked {friend}. "I [do not know|am not
sure]," said {hero}[ in a small voice|]. #
They went left, but there was only [a thick hedge|a wall of thorns]. They went right, but there
was only [a wet swamp|a steep rock]. [?{@sad}] [?"It was my idea to run after the {thing}," {he}
said.] {@comfort} [?They stood quite still and looked around.|They both thought hard.|Both took
a deep breath.] {@clue} #
So they walked on, {hand} in {hand}. [?[They sang a little song so that they would not be
afraid.|They shared the last [apple|cookie|nuts] from {hero}'s pocket.|When one of them grew
tired, the other one told a joke.]] At last {hero} [pointed|stopped and pointed]. "I can see
{mark1}!" {he} cried. "[Now I know the way|From here I know the way]!" They ran the rest of the
way. #
{parent} was standing [at the door|at the gate|on the path] and [opened {phis} arms wide|was so
glad to see them]. [?"[Where have you been?|I was so worried!]" {phe} said.] "[We followed a
{object} and lost our way|We ran after a {object} and got lost]," said {hero}. "[But we stayed
together, and we thought hard|But we kept calm and found the way]." [Soon they were all sitting
at the table with hot soup.|That evening the soup tasted better than ever.|{parent} gave them
warm milk and did not scold them.] {lesson=[two calm heads can find the way|it is good to stay
where you are told|home is the best place of all|friends should stay together when they are
lost]}{@moral})"};
}

Plot stuckAnimal()
{
    return {
        "stuck animal",
        kBoth,
        kWild,
        kNoSkill,
        {{kBoth,
          "thing: lamb; trouble: its wool was caught in the thorns; way: hold the thorns back with "
          "two sticks; done: {hero} held back the thorns, and {friend} pulled the wool loose"},
         {kBoth, "thing: duckling; trouble: it had slid into a deep hole; way: lay a board into "
                 "the hole like a bridge; done: {hero} pushed a board down, and {friend} called "
                 "until it walked up"},
         {kBoth, "thing: turtle; trouble: it lay on its back and kicked with its legs; way: lift "
                 "it from both sides; done: {hero} pushed on the left and {friend} pulled on the "
                 "right, and it rolled over"},
         {kBoth, "thing: butterfly; trouble: its wing was caught in a sticky web; way: cut the "
                 "threads with a thin blade of grass; done: {hero} cut one thread after the other, "
                 "and {friend} held the leaf still"},
         {kChildren, "thing: calf; trouble: it was stuck in deep mud; way: lay branches on the mud "
                     "so that it can step on them; done: {hero} laid down branches, and {friend} "
                     "called until it climbed out"},
         {kBoth, "thing: beetle; trouble: it had fallen into a puddle; way: hold out a leaf like a "
                 "little boat; done: {hero} held out a leaf, and {friend} blew on the water until "
                 "it drifted over"},
         {kBoth, "thing: frog; trouble: it sat in a pail with high walls; way: tip the pail over "
                 "together; done: {hero} and {friend} pushed with all their might until the pail "
                 "tipped over"},
         {kBoth,
          "thing: bird; trouble: its foot was caught in a string; way: open the knots one by one; "
          "done: {hero} opened the knots, and {friend} held it gently in both {hands}"},
         {kBoth,
          "thing: piglet; trouble: it was stuck under a fence; way: dig the earth away below it; "
          "done: {hero} dug on one side and {friend} dug on the other, and it wriggled free"},
         {kChildren,
          "thing: goat; trouble: its head was stuck between two boards; way: push the boards apart "
          "with a branch; done: {hero} pushed the boards apart, and {friend} pulled it back"},
         {kChildren,
          "thing: donkey; trouble: its rope was caught around a rock; way: walk it around the rock "
          "the other way; done: {hero} led it around, and {friend} lifted the rope over the rock"},
         {kBoth,
          "thing: snail; trouble: it had fallen into an empty jar; way: put a long stick into the "
          "jar; done: {hero} held the jar, and {friend} put in a stick for it to climb"}},
        R"(
{@intro} {@friendIntro} {@when}, {hero} and {friend} were on their way to {place}. [?They wanted
to look for berries.|They wanted to have a picnic.|They had bread and cheese in a bag.] [?The
birds were singing.|The air smelled of flowers.|They walked side by side and hummed a tune.] #
Near {mark1} they heard a [small|strange|sad] sound. "[Did you hear that|What was that]?" asked
{hero}. They [followed the sound|went closer on tiptoe] and looked {spot1}. There was a
[little|small] {thing}, all by itself, and {trouble}. "Poor {thing}!" said {friend}. "[It cannot
get away|It needs help]." #
{hero} [tried to help at once|wanted to pull it out], but the {thing} was [too afraid|so afraid
that it shook]. "[Not like that|Wait]," said {friend}. "[We are scaring it|It does not know that
we are friends]." So {hero} [sat down and spoke softly|hummed a quiet song|spoke to it in a low,
kind voice], until the {thing} [grew calm|stopped shaking]. Then they thought about what to do.
"[I have an idea|I know what to do]," said {hero}. "We could {way}." [?"[Good idea|That could
work|Let's try]!" said {friend}.] #
[?It was not easy.|They had to be very careful.|They worked without a word.] {done}. The {thing}
was free! [?It looked at them for a long moment, as if to say thank you.|It rested for a moment
in the sun.|It stayed quite still for a moment, as if it could not believe it.] Then it went
[off into the grass|on its way]. "[Take care of yourself|Good luck, little {thing}]!" called
{friend}. #
[?On the way home they talked of nothing else.|They had been so busy that the day was almost
over.] [?{@happy}] [?When they came by the next day, the {thing} was there again, and it was not
afraid of them any more.|That evening, {hero} told {parent} about the {thing}, and {parent} was
proud of {him}.] {lesson=[even small friends can be a big help|help works best when it is
gentle|a quiet voice can calm a frightened heart|nobody is too small to be helped]}{@moral})"};
}

Plot babyAnimal()
{
    return {
        "baby animal",
        kBoth,
        kWild,
        kNoSkill,
        {{kChildren,
          "thing: duckling; mother: duck; call: Peep, peep; hint: a trail of small wet prints"},
         {kBoth,
          "thing: lamb; mother: sheep; call: Baa, baa; hint: bits of white wool on the bushes"},
         {kBoth,
          "thing: chick; mother: hen; call: Cheep, cheep; hint: a row of tiny prints in the sand"},
         {kChildren, "thing: gosling; mother: goose; call: Weep, weep; hint: some gray feathers on "
                     "the ground"},
         {kBoth, "thing: kitten; mother: cat; call: Mew, mew; hint: soft round prints in the dust"},
         {kChildren,
          "thing: foal; mother: mare; call: Nay, nay; hint: deep hoof prints in the earth"},
         {kChildren, "thing: calf; mother: cow; call: Moo, moo; hint: a path of flat grass"},
         {kBoth, "thing: fawn; mother: deer; call: Mee, mee; hint: small hoof prints in the moss"},
         {kBoth, "thing: piglet; mother: pig; call: Oink, oink; hint: a trail of fresh mud"},
         {kChildren,
          "thing: owlet; mother: owl; call: Hoo, hoo; hint: soft brown feathers below the trees"}},
        R"(
{@intro} {@friendIntro} {@when}, {he} and {friend} were playing {atPlace}. First {@fun}. Then
they heard a thin voice. "{call}!" It came from {mark1}. #
They looked, and there, {spot1}, sat a tiny {thing}. It was all alone. "{call}!" it cried. "[It
has lost its mother|It wants its mother]," said {friend}. {hero} [knelt down|went down on {his}
knees]. "[Do not be afraid, little {thing}|Hello, little one]," {he} said softly. "[We will find
your mother|We will bring you home]." [?The {thing} [came a step closer|looked up at {him} with
big eyes|stopped crying and listened].] #
But where was the mother {mother}? [They called as loud as they could, but nobody answered.|They
climbed up on a stone, but they saw no {mother} anywhere.|They asked {elder}, but {elder} had
not seen a {mother} all day.] {friend} [wanted to give up|sat down, tired]. "[Let us look at the
ground|Maybe the ground can tell us something]," said {hero}. And really, near {mark2} {he}
found {hint}! [?"[That must be the way|This will lead us to her]," {he} said.] #
They followed it [past {mark3}|past {mark3} and {mark4}], slowly, because the {thing} had short
legs. [?Once it fell into a ditch, and {friend} lifted it out.|When it was tired, they all sat
down for a while.|{friend} sang to it so that it would not be afraid.] Then they heard a deep
voice. There stood the mother {mother}, looking everywhere! "{call}!" cried the {thing}, and it
ran to her. [?The mother {mother} rubbed her head against it again and again.|The two of them
pressed close together.] #
{hero} and {friend} [stood still and watched|did not say a word]. [?It was as warm as a
hug.|Their eyes were a little wet.] [?"[Now everyone is where they should be|Now all is well
again]," said {hero}.] Then they [went home too|ran home as well], and {hero} hugged {parent} [a
little longer than on other days|very, very tight]. {lesson=[everyone needs someone to come home
to|a kind heart does not walk past|the smallest ones need help the most|patience finds the
way]}{@moral})"};
}

Plot sickFriend()
{
    return {"sick friend",
            kBoth,
            kAnyPlace,
            kNoSkill,
            {{kBoth, "thing: soup; object: a pot of hot soup; bring: cooked a pot of hot soup; "
                     "use: ate the soup, spoon by spoon"},
             {kBoth, "thing: flowers; object: a bunch of wild flowers; bring: picked a bunch of "
                     "wild flowers; use: smelled the flowers and put them by the bed"},
             {kBoth, "thing: picture; object: a big picture of the two of them; bring: painted a "
                     "big picture of the two of them; use: hung the picture on the wall"},
             {kBoth, "thing: honey; object: a jar of honey; bring: filled a jar with honey; use: "
                     "had tea with a spoon of honey"},
             {kBoth, "thing: puppet; object: a puppet made from a sock; bring: made a puppet from "
                     "a sock; use: laughed when the puppet sang"},
             {kBoth, "thing: cake; object: a small apple cake; bring: baked a small apple cake; "
                     "use: ate a piece of the cake"},
             {kBoth, "thing: pillow; object: a pillow that smelled of hay; bring: filled a pillow "
                     "with sweet hay; use: put the pillow under {fhis} head"},
             {kBoth, "thing: book; object: a book with funny tales; bring: took {his} best book "
                     "from the shelf; use: listened to three funny tales from the book"},
             {kBoth, "thing: berries; object: a bowl of fresh berries; bring: picked a bowl of "
                     "fresh berries; use: ate the berries one by one"}},
            R"(
{@intro} {@friendIntro} {@when}, the two of them wanted to [go to {place}|meet {atPlace}].
{hero} [had looked forward to it all week|had thought of a new game]. But {friend} did not come.
{hero} waited {spot1}. {He} waited a long time. [At last {he} went to {friend}'s home.|Then
{elder} came along. "{friend} is sick in bed," {elder} said.] #
{friend} lay in bed with [a red nose|hot cheeks|a sore throat]. "[I cannot come out today|I have
to stay in bed for a week]," {fhe} said in a hoarse voice. [?"[Go and play without me|You will
have fun without me]."] {hero} went outside. [The sun was shining, and the others were laughing
{atPlace}.|From {place} {he} could hear the others play.] {He} [could go and play|wanted to
play, too]. But {he} [thought of {friend} all alone in bed|could not forget {friend}'s sad
face]. #
{hero} ran home and {bring}. [?It took {him} a while, and {he} hummed as {he} worked.|{parent}
helped {him} a little.|{He} did it with great care.] Then {he} carried it [slowly|carefully] to
{friend}. "[This is for you|Look what I have for you]," {he} said. It was {object}. {friend}
[sat up|smiled for the first time that day|opened {fhis} eyes wide]. {Fhe} {use}. [?"[That does
me good|I feel better already]," {fhe} said.] #
From then on, {hero} came every day. [?{He} told {friend} what {he} had seen on the way.|They
played quiet games with stones and beans.|They looked out of the window and made up stories.]
And every day {friend} looked a little better. After a week there was a knock at {hero}'s door.
There stood {friend}, [well again|as strong as ever]! "[Shall we play now?|Are you ready?]" {fhe}
asked. And [off they went to {place}|they ran to {place}, all the way to {mark1}]. #
"[You know what helped me most|Do you know what made me well]?" asked {friend}. "The {thing}?"
asked {hero}. "[That too, but you helped me most of all|Yes, but most of all it was you]," said
{friend}. {lesson=[a visit can be the best medicine|a friend is there on bad days, too|little
gifts can carry a lot of love|being there is the best gift of all]}{@moral})"};
}

Plot blownAway()
{
    return {"blown away",
            kBoth,
            kTrees,
            kClimbs,
            {{kBoth, "thing: kite; act: held the string with both {hands}"},
             {kBoth, "thing: hat; act: wore it a little to one side"},
             {kBoth, "thing: scarf; act: had wrapped it around {his} neck"},
             {kBoth, "thing: balloon; act: held the string very tight"},
             {kBoth, "thing: umbrella; act: turned it around and around like a wheel"},
             {kBoth, "thing: ribbon; act: let it wave in the air like a flag"},
             {kBoth, "thing: paper plane; act: threw it high and caught it again"},
             {kBoth, "thing: flag; act: waved it like a captain"},
             {kBoth, "thing: cap; act: wore it back to front"},
             {kBoth, "thing: towel; act: had tied it on like a cape"}},
            R"(
{@intro} {@friendIntro} One windy day, they went to {place}, and {hero} took along {his}
{object}. {He} {act}. [The wind pulled at everything.|The clouds raced across the sky.|"Hold on
tight!" called {friend}.] #
Whoosh! [A strong gust came|The wind gave a mighty puff] and took the {object} away. Up, up it
went, over {mark1}, and then it was caught at the top of a tall tree. "[Oh no, my {thing}|Come
back]!" cried {hero}. {He} jumped, but {he} could not reach it. {friend} threw a [stick|pine
cone], but it [missed|did not fly high enough]. [?They shook the tree, but [it was much too
thick|only leaves came down].] [?{@sad}] #
{@comfort} {elder} came by and looked up. "[I cannot climb so high any more, but there is a long
pole {spot2}|I am too old to climb, but there is a long pole near {mark2}]," {elder} said. "[A
pole! That is it|A pole is just what we need]!" said {friend}. They [found|fetched] the pole,
but it was [still too short|not quite long enough]. {hero} thought hard. "[You are light, and I
am strong|If you stand on my shoulders, we are taller]," {he} said to {friend}. "[Stand on my
shoulders and take the pole|Take the pole and climb up on me]!" #
{friend} climbed up on {hero}'s shoulders. [?They swayed to the left and to the right.|{hero}
stood as firm as a rock.|{elder} held them both so that they would not fall.] [?"A little more
to the left," said {hero}.] [?{friend} [stretched as far as {fhe} could|stood on the tips of
{fhis} toes].] Once, twice, and then the pole touched the {thing}. Slowly the {object} [came
sailing down|slid from the branch], and {hero} caught it! #
"[We did it|Hooray]!" they both cried. {@thanks} [?Then they went home, and {hero} did not let
go of the {object} even once.|For the rest of the day {hero} held the {object} very tight.]
{lesson=[together we can reach higher|it is good to think before you give up|two small friends
make one tall one|what one cannot do, two can]}{@moral})"};
}

} // namespace

std::vector<Plot> helpingPlots()
{
    return {lostThing(),  mended(),     wayHome(),  stuckAnimal(),
            babyAnimal(), sickFriend(), blownAway()};
}

} // namespace samba::stories
