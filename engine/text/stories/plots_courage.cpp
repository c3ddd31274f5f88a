#include "engine/text/stories/story_plots.h"

namespace samba::stories {

namespace {

Plot afraidOfTheDark()
{
    return {
        "dark",
        kBoth,
        kAnyPlace,
        kLikesDark,
        {{kBoth, "thing: coat; seemed: a giant with long arms; was: a {object} on a hook"},
         {kBoth,
          "thing: chair; seemed: a wolf with pointed ears; was: a {object} with a shirt on it"},
         {kBoth,
          "thing: broom; object: old broom; seemed: a thin witch; was: an old broom in the corner"},
         {kBoth, "thing: hat; seemed: a round face without eyes; was: a {object} on the shelf"},
         {kBoth,
          "thing: curtain; seemed: a ghost that waved; was: a {object} that moved in the wind"},
         {kBoth,
          "thing: blanket; seemed: a sleeping dragon; was: a {object} that had slid to the floor"},
         {kBoth, "thing: umbrella; seemed: a huge bat; was: a {object} that hung upside down"},
         {kBoth, "thing: kettle; seemed: a bird with a long beak; was: a {object} on the table"},
         {kBoth, "thing: lantern; seemed: a little man with a big head; was: a {object} that "
                 "nobody had lit"},
         {kBoth, "thing: bag; seemed: a fat toad ready to jump; was: a {object} full of toys"}},
        R"(
{@intro} {He} was not afraid of [rain or wind|bees or thunder|high trees or deep water]. But
{he} was afraid of the dark. {@friendIntro} One day, {friend} [came to stay for the night|was
allowed to sleep at {hero}'s {home}]. #
They [ate pancakes|had warm soup|ate bread and honey] for supper, and {parent} told them a
story. Then {parent} [blew out the candle|put out the light] and said, "Sleep well, you two."
[It was very dark.|Now the room was as black as coal.|Only a little moonlight came in.] {hero}
[pulled the blanket up to {his} nose|held {his} breath|did not dare to move]. There, across the
room, stood {seemed}! "{friend}, [are you awake|do you see that]?" {hero} whispered. "There is
{seemed}!" #
{friend} [sat up|opened one eye|looked across the room]. "[I see it too|Hmm, I see something],
but [let us look before we run|it does not move|maybe it is not what it seems]," {fhe} said.
"[Shall we go and find out?|Let us go and look at it, {hand} in {hand}.]" [?{hero}'s heart [beat
like a drum|was thumping].] [{hero} wanted to stay under the blanket|{hero} wanted to call
{parent}], but {he} [took {friend}'s {hand}|did not want {friend} to go alone]. [?One step, two
steps, three steps.] {hero} [put out {his} {hand}|reached out] and touched it. [It was soft and
still.|It did not bite.|Nothing happened.] #
Just then {parent} came in with a [candle|small lamp]. And what did they see? It was only {was}!
{hero} [looked at {friend}, and {friend} looked at {hero}|began to giggle], and then they both
laughed until [their tummies hurt|they fell on the bed]. [?"[I was afraid of the {thing}|That
was only the {thing}]!" said {hero}.] {parent} smiled. "[The night has the same things in it as
the day|Nothing is there at night that is not there by day]," {phe} said. "[We only cannot see
them so well|You can sleep in peace]." #
{hero} [lay down again|went back to bed] and said good night to {friend}, and to the {thing},
too. [?Soon {he} was fast asleep.|The dark felt soft now, like a big blanket.|{He} counted the
stars in the window until {his} eyes closed.] {lesson=[fear grows small when you look at it|the
dark is not so bad with a friend near|many scary things are only shadows|being brave means
taking one small step]}{@moral})"};
}

Plot noiseAtNight()
{
    return {"noise",
            kBoth,
            kAnyPlace,
            kNoSkill,
            {{kBoth, "thing: branch; object: branch of the old tree; sound: Tap, tap, tap; was: "
                     "the branch of the old tree, and it knocked on the window in the wind; cure: "
                     "tied the branch back with a string"},
             {kBoth, "thing: shutter; sound: Bang, bang, bang; was: the {object}, and it swung to "
                     "and fro in the wind; cure: closed the shutter tight"},
             {kBoth, "thing: gate; sound: Creak, creak, creak; was: the {object}, and it swung to "
                     "and fro in the wind; cure: put a stone against the gate"},
             {kBoth, "thing: bucket; sound: Clank, clank, clank; was: a {object}, and it rolled "
                     "around in the yard; cure: set the bucket down by the wall"},
             {kBoth, "thing: bell; sound: Ding, ding, ding; was: the {object} by the door, and the "
                     "wind made it swing; cure: wrapped the bell in a cloth"},
             {kBoth, "thing: frog; object: little frog; sound: Plop, plop, plop; was: a {object}, "
                     "and it jumped up and down in a puddle; cure: wished the frog a good night"},
             {kBoth,
              "thing: rain barrel; object: old rain barrel; sound: Drip, drip, drip; was: the old "
              "rain barrel, and water fell into it drop by drop; cure: put the lid on the barrel"},
             {kBoth, "thing: pear; object: ripe pear; sound: Thump, thump, thump; was: the ripe "
                     "pears, and they fell on the roof one by one; cure: took one ripe pear each"},
             {kBoth, "thing: moth; object: gray moth; sound: Flap, flap, flap; was: a {object}, "
                     "and it flew against the lamp; cure: opened the window to let the moth out"},
             {kBoth, "thing: sheet; sound: Flip, flap, flip; was: a {object} on the line, and it "
                     "danced in the wind; cure: took the sheet down and folded it"}},
            R"(
{@intro} {@friendIntro} One windy [evening|night], {friend} [was staying at {hero}'s
{home}|slept at {hero}'s {home}]. They had talked for a long time, and [at last it was quiet|now
they were almost asleep|the moon was already high]. #
"{sound}!" {hero} [sat up in bed|opened {his} eyes|lifted {his} head]. "Did you hear that?" {he}
whispered. "[Hear what|What is it]?" [asked|mumbled] {friend}. "{sound}!" There it was again.
Now {friend} [heard it too|was wide awake]. "Maybe it is [a robber|a monster|a ghost|a dragon],"
said {friend}, and {fhis} voice shook. [?They hid under the blanket.|They moved close
together.|They both held their breath.] #
[But the noise did not stop.|The noise went on and on.] "[I cannot sleep like this|If we stay
here, we will never know]," said {hero}. "[Let us find out what it is|We will go and look
together]." {friend} [did not want to|was not sure], but {fhe} [did not want to stay behind|came
along anyway]. {hero} took the [little lamp|candle|lantern], and {friend} took [a wooden spoon|a
pillow|a big pot lid]. [?They crept along on tiptoe.|Step by step they went to the door.|They
walked very slowly, and the floor was cold.] "{sound}!" It was very close now. {hero} held up
the light, and {friend} [peeped over {his} shoulder|shut {fhis} eyes]. #
Then {hero} began to laugh. "[Look, {friend}|Open your eyes|Come and see]! [It is no
monster|There is nothing to be afraid of]!" It was only {was}. {friend} [laughed too|let out a
long breath|had to laugh as well]. "And I was ready to fight!" {fhe} said. They {cure}, and then
it was quiet. #
In the morning, {hero} and {friend} told {parent} about the {object}. "You were very brave,"
said {parent}[, and {phe} gave them an extra pancake|, and {phe} hugged them both|]. {lesson=[it
is better to look than to worry|a noise in the night is often a small thing|you can be afraid
and brave at the same time|two friends can face anything together]}{@moral})"};
}

Plot newSkill()
{
    return {"new skill",
            kBoth,
            kAnyPlace,
            kSwims,
            {{kChildren,
              "thing: bicycle; skill: ride a bicycle; object: the new bicycle; when: one spring "
              "day; fail: tipped over after two turns of the wheels; tip: look far ahead and not "
              "at your feet; done: rode all around the square without falling"},
             {kBoth, "thing: lake; skill: swim; object: the blue lake; when: one hot summer day; "
                     "fail: swallowed water and came up coughing; tip: lie on the water and "
                     "breathe slowly; done: swam all the way to the little dock"},
             {kBoth, "thing: skates; skill: skate; object: the old skates; when: one cold winter "
                     "day; fail: slipped and sat down hard on the ice; tip: bend your knees and "
                     "push to the side; done: glided across the whole pond"},
             {kBoth, "thing: stilts; skill: walk on stilts; object: the wooden stilts; when: one "
                     "autumn day; fail: fell into the soft grass; tip: take small steps and never "
                     "stop; done: walked from the gate to the tree and back"},
             {kBoth, "thing: balls; skill: juggle; object: the three red balls; when: one quiet "
                     "day; fail: dropped them all on the floor; tip: start with two and throw them "
                     "to the same height; done: kept all three in the air and counted to twenty"},
             {kBoth, "thing: flute; skill: play the flute; object: the wooden flute; when: one "
                     "rainy day; fail: made it squeak like a mouse; tip: blow as softly as if you "
                     "cooled your soup; done: played a whole song from beginning to end"},
             {kBoth, "thing: boat; skill: row a boat; object: the little boat; when: one calm "
                     "summer day; fail: went around and around in a circle; tip: pull both oars at "
                     "the same time; done: rowed straight across the water"},
             {kBoth, "thing: string; skill: tie a bow; object: the red string; when: one day in "
                     "autumn; fail: pulled, and it all came apart again; tip: make two loops and "
                     "cross them; done: tied a bow that held all day"},
             {kBoth, "thing: grass; skill: do a cartwheel; object: the soft grass; when: one "
                     "sunny day; fail: landed on the seat of {his} pants; tip: put your {hands} "
                     "down one after the other; done: did three cartwheels in a row"},
             {kChildren, "thing: book; skill: read; object: the book of tales; when: one winter "
                         "day; fail: mixed up the letters; tip: go slowly and sound out every "
                         "letter; done: read a whole page out loud"},
             {kBoth, "thing: tune; skill: whistle; object: the merry tune; when: one spring day; "
                     "fail: blew nothing but air; tip: make your lips small and round; done: "
                     "whistled so well that a bird answered"}},
            R"(
{@intro} {@friendIntro} {friend} could do something that {hero} could not do: {fhe} could
{skill}. [?How {hero} wished to do that too!|{hero} often watched and dreamed of it.] {when},
{hero} [made up {his} mind|could wait no longer|took heart]. "[I want to learn to {skill}|Please
teach me to {skill}]," {he} said[ to {friend}|]. #
[?It looked so easy.|It was much harder than it looked.] {hero} thought of {object} and [took a
deep breath|began]. But {he} {fail}. {He} tried [once more|again], and [the same thing
happened|again {he} {fail}]. [Some others laughed.|{elder}, who was watching, said, "Hmm."]
[?{@sad}] "[I will never learn it|I cannot do it|This is too hard for me]," {he} said. #
{friend} [sat down beside {him}|shook {fhis} head]. "Do you know how often I [failed|had to
try]?" {fhe} asked. "[A hundred times|Every day for a whole summer|More often than I can count]!
Let me tell you a secret: {tip}." {hero} [dried {his} eyes|nodded slowly|thought about it].
"{Tip}," {he} said to {himself}. [Then {he} stood up and tried again.|Then {he} gave it one more
try.] It went a little better. {friend} [stayed close by|cheered for every small step]. #
[They practiced every day.|The next day they tried again, and the day after that, too.|They
practiced until it was time to go home, and they came back the next day.] [?Sometimes it went
well, and sometimes it did not.|Bit by bit it became easier.] And then it happened. {hero}
{done}! "[I can do it!|Look, I can {skill}!|Did you see that?]" {he} [cried|shouted]. [?{friend}
[cheered|clapped|jumped up and down].] [?{@happy}] {lesson=[practice makes hard things
easy|trying again is the best way to learn|nobody can do everything on the first day|a good
friend helps you to try once more]}{@moral})"};
}

Plot race()
{
    return {"race",
            kBoth,
            kRunning,
            kNoSkill,
            {{kBoth, "thing: ribbon; keep: cut it in two, and each of them wore one half"},
             {kBoth, "thing: cup; keep: kept it for one week each"},
             {kBoth, "thing: flag; keep: carried it home together"},
             {kBoth, "thing: basket; object: basket of cherries; keep: ate the cherries together"},
             {kBoth, "thing: cake; object: big plum cake; keep: cut it into pieces for everybody"},
             {kBoth, "thing: medal; keep: wore it one after the other, day by day"},
             {kBoth, "thing: cap; keep: took turns wearing it"},
             {kBoth, "thing: kite; keep: flew it together the very same day"},
             {kBoth, "thing: drum; keep: beat it together all the way home"},
             {kBoth, "thing: jar; object: jar of honey; keep: ate the honey on warm bread"}},
            R"(
{@intro} {He} could run as fast as the wind. {@friendIntro} {@when}, there was a big race
{atPlace}. It went from {mark1} to {mark2} and back again. "The winner gets a {object}!"
[called|said] {elder}. #
[?"I want to win that {object}," said {hero}. "[So do I|Me too]," said {friend}, and they both
laughed.] [?All the runners stood in a row.|Everybody lined up.] "One, two, three, go!" cried
{elder}. [?How they ran!|Off they went!|Their feet flew over the ground.] {hero} [was soon in
front|took the lead], and {friend} was right behind {him}. [?They passed {mark3} and
{mark4}.|They ran around {mark2} and turned back.|The others were far behind.] #
Then {hero} heard a cry. {He} looked back. {friend} [had stumbled over a root|had slipped on
some pebbles|had tripped over a stone] and lay on the ground, holding {fhis} knee. [?{hero}
could already see the end of the race.|There were only a few steps to go.|The end was so close.]
[?[Should {he} run on?|For a moment {hero} did not know what to do.]] [?The {object} was
waiting.|{He} thought of the {object}.] {friend} [was crying|could not get up], and {hero}
[turned around|stopped and ran back]. #
"[Does it hurt very much|Can you walk]?" {he} asked. "[Run, {hero}! You can still win|Go on
without me]!" said {friend}. "[I would rather stay with you|Not without you|Winning is no fun if
you are hurt]," said {hero}. [{He} put {friend}'s arm around {his} shoulders|{He} held out {his}
{hand} and pulled {friend} up], and side by side they [walked|hopped] to the end. They came in
last of all. But [everybody clapped and cheered|everyone was on their feet and cheered|the
cheers were louder than ever]. #
"[?[The fastest runner is not always the winner|I have seen many races, but never one like
this]. ]The {object} goes to {hero} and {friend}!" said {elder}. {hero} and {friend} {keep}.
[?{friend}'s knee was soon well again.|The knee did not hurt any more.] {lesson=[helping a
friend is better than winning|a kind heart wins more than fast feet|some things are more
important than a prize|the best winner is the one who stops to help]}{@moral})"};
}

Plot onStage()
{
    return {"stage",
            kBoth,
            kAnyPlace,
            kNoSkill,
            {{kBoth, "thing: song; object: a song about the moon; topic: about the moon; perform: "
                     "sing; performed: sang; lost: the second line"},
             {kBoth, "thing: poem; object: a poem about the rain; topic: about the rain; perform: "
                     "say; performed: said; lost: the second line"},
             {kBoth, "thing: dance; object: a dance with three turns; topic: with three turns; "
                     "perform: dance; performed: danced; lost: the next step"},
             {kBoth, "thing: story; object: a story about a giant; topic: about the giant; "
                     "perform: tell; performed: told; lost: what came next"},
             {kBoth, "thing: trick; object: a trick with a hat; topic: with the hat; perform: "
                     "show; performed: showed; lost: the magic words"},
             {kBoth, "thing: tune; object: a tune about the sea; topic: about the sea; perform: "
                     "play; performed: played; lost: the next note"},
             {kBoth, "thing: march; object: a march on the drum; topic: on the drum; perform: "
                     "play; performed: played; lost: how it went on"},
             {kBoth, "thing: riddle; object: a riddle about the wind; topic: about the wind; "
                     "perform: tell; performed: told; lost: the end of it"}},
            R"(
{@intro} {He} was [a little shy|often shy] when many eyes looked at {him}. {@friendIntro} Soon
there would be a big [feast|fair|summer party] {atPlace}, and everybody was to show something.
"I will {perform} {object}," said {hero}. [?{He} [practiced in the morning and in the
evening|practiced it again and again|knew it by heart after a week].] #
[Then the day came.|At last the great day was there.] [Little flags hung everywhere|Lights hung
near {mark1}|There was music and cake], and a small stage stood near {mark2}. {hero} [peeped out
at all the people|saw all the faces] and {his} knees [began to shake|felt like jelly]. "[There
are so many of them!|What if I forget everything?]" {he} whispered. "[Just look at me|Look only
at me]," said {friend}. "I will [sit in the first row|be in the first row]. {perform} it for me,
as if nobody else were there." #
"And now comes {hero}!" called {elder}. [?{hero} [went up the steps|climbed up on the stage].]
It was [so quiet that a leaf could be heard|very quiet]. {He} began, and [the beginning went
well|at first all was fine]. But then {he} forgot {lost}! [?{His} face grew hot.|{His} head was
empty.|{He} opened {his} mouth, but nothing came out.] {He} wanted to run away. Then {he} saw
{friend}. {Fhe} [smiled and nodded|gave {him} a wink|held both {fhis} thumbs up]. [?{hero}
closed {his} eyes for a moment and breathed in.|{hero} took one deep breath.] And then it all
came back! #
{He} {performed} the {thing} {topic} from beginning to end, and [every part was right|{he} did
not make one more mistake|it was even better than at home]. [Everybody clapped and cheered.|The
clapping was as loud as rain on a roof.|"Bravo!" they cried, and someone threw a flower.]
[?{hero} bowed [so low that {his} nose almost touched the floor|twice and then once more].]
"[You saved me|I saw you, and then I knew it again]," {he} said to {friend} afterward. "[You did
it all by yourself|I only smiled]," said {friend}. [?{@happy}] {lesson=[courage is easier when a
friend is near|everybody forgets something sometimes|one friendly smile can help a lot|you can
be shy and brave at once]}{@moral})"};
}

Plot thunder()
{
    return {"thunder",
            kBoth,
            kWild,
            kNoSkill,
            {{kBoth, "thing: barn; object: an old barn; inside: on the dry hay"},
             {kBoth, "thing: hut; object: a small stone hut; inside: on a wooden bench"},
             {kBoth, "thing: cave; object: a dry cave; inside: on a flat rock"},
             {kBoth, "thing: mill; object: an old mill; inside: on the empty sacks"},
             {kBoth, "thing: shed; object: a little shed; inside: on a pile of straw"},
             {kBoth, "thing: cabin; object: an empty cabin; inside: next to the cold stove"},
             {kBoth, "thing: stable; object: a warm stable; inside: beside a sleepy donkey"},
             {kBoth, "thing: boathouse; object: a wooden boathouse; inside: on a heap of nets"}},
            R"(
{@intro} {@friendIntro} {@when}, the two of them [walked|went|wandered] to {place}. First
{@fun}. [They did not look up at the sky.|They did not see the dark clouds coming.] Then a cold
wind came up, and [big drops began to fall|the sky grew dark]. #
"Boom!" went the thunder. {hero} [jumped|gave a cry|turned pale]. [?{He} was [very much|] afraid
of thunder.] "[We must find a roof|We must get out of the rain|We cannot stay out here]," said
{friend}. "I see {object} over there. Run!" They ran [past {mark1}|past {mark2} and {mark3}] as
fast as they could. [Wet and out of breath, they|Dripping with water, they] came to the {thing},
and the door was open. Inside, they sat down {inside}. #
There was a bright flash. "Boom!" {hero} [covered {his} ears|hid {his} face|shook all over].
[?"[I want to go home|I do not like it]," {he} said.] {friend} moved close to {him}. "[My
grandfather showed me something|I know a trick]," {fhe} said. "When you see the flash, you
count. [The more you can count, the farther away the storm is|If you can count a little more
each time, the storm is going away]." #
The next flash came. "One, two, three," they counted. "Boom!" [?{hero} shut {his} eyes, but {he}
went on breathing.|It was still loud.] Another flash. "One, two, three, four, five, six!" Boom,
but not so loud. "[It is going away|It works]!" said {hero}. [?[They sang a song against the
thunder|They made up a song about the rain], and [{hero} forgot to be afraid|{hero}'s voice was
the louder one].] At last they counted to twenty, and the thunder was only a soft grumble[, like
an old bear in its sleep|]. #
They opened the door of the {thing}. [The sun was back, and every leaf was shining.|The rain had
stopped, and the air smelled sweet.] Over {place} stood a [big|bright] rainbow. [?"[I would
never have seen it without the storm|How beautiful it is]," said {hero}[ softly|].]
{lesson=[every storm goes away in the end|fear gets smaller when you share it|after the rain
comes the sun|counting and singing can chase fear away]}{@moral})"};
}

} // namespace

std::vector<Plot> couragePlots()
{
    return {afraidOfTheDark(), noiseAtNight(), newSkill(), race(), onStage(), thunder()};
}

} // namespace samba::stories
