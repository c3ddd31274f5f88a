#include "engine/text/stories/story_plots.h"

namespace samba::stories {

namespace {

Plot gift()
{
    return {
        "gift",
        kBoth,
        kTrees,
        kNoSkill,
        {{kBoth,
          "thing: necklace; object: a necklace of acorns; from: acorns; make: made a hole in each "
          "acorn and put them on a string; wrong: the string broke, and the acorns rolled away; "
          "better: use a stronger string; use: wore the necklace the whole day"},
         {kBoth, "thing: crown; object: a crown of daisies; from: daisies; make: wound the daisies "
                 "one around the other; wrong: the stems broke, and the crown fell apart; better: "
                 "take longer stems; use: wore the crown the whole day"},
         {kBoth, "thing: cup; object: a cup of red clay; from: red clay; make: rolled the clay and "
                 "pressed it into shape; wrong: the sides sank down like wet bread; better: make "
                 "the sides thicker; use: drank tea from the cup"},
         {kBoth, "thing: birdhouse; object: a birdhouse of old boards; from: old boards; make: set "
                 "the boards together and tied them; wrong: it leaned to one side and fell over; "
                 "better: build the floor first; use: hung the birdhouse in front of the window"},
         {kBoth, "thing: lamp; object: a lamp of leaves; from: bright leaves; make: stuck the "
                 "leaves around a little frame; wrong: the frame bent, and the leaves fell off; "
                 "better: take a thicker stick for the frame; use: lit the lamp at supper"},
         {kBoth, "thing: box; object: a box of birch bark; from: birch bark; make: folded the bark "
                 "into a box; wrong: the bark cracked at the corner; better: make the bark wet "
                 "before bending it; use: kept the best treasures in the box"},
         {kBoth, "thing: broom; object: a broom of twigs; from: thin twigs; make: tied the twigs "
                 "around a stick; wrong: all the twigs slipped out again; better: tie the knot "
                 "twice; use: swept the floor with the broom and sang"},
         {kBoth, "thing: basket; object: a basket of willow; from: long willow twigs; make: wove "
                 "the twigs over and under; wrong: there was a big hole in the bottom; better: "
                 "begin in the middle; use: took the basket along on every walk"},
         {kBoth, "thing: flute; object: a flute of hollow wood; from: hollow wood; make: cut "
                 "little holes into the wood; wrong: it only hissed like a goose; better: make the "
                 "first hole smaller; use: played a tune on the flute"},
         {kBoth, "thing: picture; object: a picture made of petals; from: petals of every color; "
                 "make: laid the petals on a board, one by one; wrong: the wind came and blew them "
                 "all away; better: stick them on with paste; use: hung the picture over the bed"}},
        R"(
{@intro} {@friendIntro} Soon it would be {parent}'s birthday. "[I want to give {parent}
something|I need a present for {parent}], but I have no [money|coins]," said {hero}. "[Then make
something|The best presents are made, not bought]," said {friend}. [?{hero} [thought for a
while|thought and thought].] "I could make {object}!" {hero} said. #
So the two of them went to {place} to look for {from}. [?They looked {spot1} and {spot2}.]
[?Soon they had more than enough.|It took a while, but then they had all they needed.] They sat
down near {mark3}, and {hero} {make}. But {wrong}! [?{@sad}] [?"[It is no good|Now it is all
spoiled]," {he} said.] #
{@comfort} [{Fhe} thought for a moment.|Then {fhe} had an idea.] "Maybe we should {better},"
{fhe} said. [?{hero} [looked up|wiped {his} eyes]. "[That is a good idea|Yes, that could work],"
{he} said.] So they began again. This time {hero} {make}, and {friend} [held everything in
place|handed {him} the {from}|kept {him} company with a song]. [?They worked until the sun was
low.|They worked slowly, and they did not talk much.] And then there it was: {object}! [?It was
a little crooked, but it was beautiful.|It was not perfect, but it was made with love.|It looked
even better than in {hero}'s dreams.] #
On the birthday, {hero} [woke up very early|could hardly wait]. {He} hid the {thing} behind
{his} back. "[Happy birthday|All my love], {parent}!" {he} cried, and {he} held out the {thing}.
{parent} [looked at it for a long time|did not say a word at first]. [?Then {phe} [had to wipe
{phis} eyes|hugged {hero} very tight].] "[You made this yourself|Did you really make this]?"
{phe} asked. "[{friend} helped me|With {friend}'s help]," said {hero}. {parent} {use}.
{lesson=[a present made with love is the best of all|it pays to try a second time|the heart
gives more than money can buy|good things need time and care]}{@moral})"};
}

Plot growing()
{
    return {
        "growing",
        kBoth,
        kSoil,
        kNoSkill,
        {{kBoth,
          "thing: sunflower; seed: a striped seed; up: grew taller than {hero}; last: The "
          "sunflower had a face as big as a plate; end: kept the seeds for the birds in winter"},
         {kBoth, "thing: pumpkin; seed: a flat white seed; up: crept along the ground with big "
                 "leaves; last: The pumpkin was so heavy that two had to carry it; end: cooked a "
                 "big pot of soup for everybody"},
         {kBoth,
          "thing: bean plant; seed: a spotted bean; up: climbed up a pole, around and around; "
          "last: Long green beans hung down everywhere; end: filled two baskets and gave one away"},
         {kBoth,
          "thing: tomato plant; seed: a tiny yellow seed; up: stretched out its hairy leaves; "
          "last: The tomatoes were as red as the evening sun; end: ate them with bread and salt"},
         {kBoth, "thing: rose bush; seed: a thin brown twig; up: put out dark shiny leaves; last: "
                 "The first rose opened and smelled like honey; end: put one rose on the table of "
                 "every neighbor"},
         {kBoth, "thing: apple tree; seed: a small brown seed; up: became a thin little tree; "
                 "last: After some years there were three red apples on it; end: cut the apples in "
                 "pieces and shared them"},
         {kBoth, "thing: strawberry plant; seed: a seed as small as dust; up: spread out its round "
                 "leaves; last: Sweet red berries were hiding under the leaves; end: ate berries "
                 "with cream"},
         {kBoth,
          "thing: pea plant; seed: a round green pea; up: held on to a string with its curly arms; "
          "last: The pods were fat and full; end: counted the peas and ate them one by one"},
         {kBoth,
          "thing: carrot; seed: a seed as thin as a hair; up: put out leaves like green feathers; "
          "last: The carrot was as long as an arm; end: made a salad and invited everybody"},
         {kBoth,
          "thing: tulip; seed: a round brown bulb; up: grew a little every day; last: The tulip "
          "opened its red cup in the sun; end: let it stand so that all could see it"}},
        R"(
{@intro} {@friendIntro} One day in spring, {elder} gave {hero} {seed}. "[If you are patient, it
will become|This wants to be] a {thing}," said {elder}. {hero} [carried it home in {his} closed
{hand}|was full of joy]. {He} dug a hole {atPlace}, near {mark1}, put it in, and gave it water.
[?{friend} [put a ring of stones around the spot|made a little sign for it].] #
The next morning {hero} ran to {mark1}. There was nothing to see. {He} ran there again at lunch
and in the evening. Nothing! [A day went by, and another one.|A whole week went by.] "[Nothing
is happening|Maybe it does not like me|I think it is asleep]," said {hero}. [?{@sad}] {He}
[wanted to dig it up and look|took a stick to dig it up]. #
"[Wait|Don't do that]!" said {friend}. "[It needs the quiet and the dark|It grows where we
cannot see it]. [A {thing} cannot be hurried|Let it sleep a little longer]." So {hero} waited.
[?Then it did not rain for many days, and the earth grew hard.|Then came a hot, dry time.] Every
evening {hero} and {friend} carried water to {mark1}. [?The pail was heavy, and their arms were
tired.|Their arms hurt, but they did not stop.] And one morning there was a tiny green tip! "[It
is here|It is growing]!" cried {hero}. [?{He} lay down on {his} tummy to look at it.|They both
danced around the spot.] #
From then on, it {up}. [?They pulled out the weeds and kept the snails away.|They said good
morning to it every day.] {last}. [?When {elder} saw it, {ehe} clapped.|{elder} came to look and
was amazed.] [?"[You have waited well|You took good care of it]," said {elder}.] {hero} and
{friend} {end}. {lesson=[good things take time|patience and care make things grow|you must wait
for the best things|small things can become big if you care for them]}{@moral})"};
}

Plot surpriseParty()
{
    return {"surprise party",
            kBoth,
            kPicnic,
            kNoSkill,
            {{kBoth, "thing: kite; act: fly it"},
             {kBoth, "thing: drum; act: beat it"},
             {kBoth, "thing: book; act: read it"},
             {kBoth, "thing: flute; act: play it"},
             {kBoth, "thing: scarf; act: wear it"},
             {kBoth, "thing: wagon; act: pull it"},
             {kBoth, "thing: toy boat; act: sail it"},
             {kBoth, "thing: lantern; act: light it"},
             {kBoth, "thing: puppet; act: make it talk"},
             {kBoth, "thing: spinning top; act: spin it"},
             {kBoth, "thing: umbrella; act: open it"},
             {kBoth, "thing: hat; act: wear it"},
             {kBoth, "thing: basket; act: fill it"}},
            R"(
{@intro} {@friendIntro} {friend}'s birthday was coming, and {hero} had a secret plan. "[Let us
have a surprise party|We will make a surprise party]," {he} [told {elder}|said to {elder}]. "We
will [all meet|hold it] {atPlace}. But {friend} must not know!" #
{elder} [baked a cake with cherries|made a big bowl of punch|baked little honey cakes]. {hero}
[hung paper flowers near {mark1}|made a chain of leaves and hung it up near {mark1}|put colored
stones all around {mark1}]. And {he} had a present, too: a {object}. "[{friend} has wished for a
{thing} for so long|A {thing} is just what {friend} wants]," {he} said[, and {he} tied a bow
around it|]. #
On the day, {friend} came to {hero}'s door. "[Do you want to play|Shall we do something
together] today?" {fhe} asked. {hero} [had to bite {his} lip|looked at {his} feet]. "[I am
sorry, I have no time|Not now, I have to help {parent}]," {he} said. [?{friend} [walked away
slowly|let {fhis} head hang].] "[Nobody remembers my birthday|Everybody has forgotten me],"
{fhe} thought. [?{hero} [felt bad to see {fhim} so sad|would have liked to tell {fhim}
everything], but a surprise is a surprise.] #
A little later {elder} [met {friend} on the path|came by {friend}'s home]. "[Could you help me
carry this bag|Will you come with me for a moment]?" asked {elder}. "I have to go to {place}."
[{friend} was sad, but {fhe} liked to help.|{friend} nodded and went along.] When they came to
{mark1}, it was strangely quiet. Then everybody jumped up from their hiding place {spot2}.
"Surprise!" they shouted. "Happy birthday, {friend}!" {friend} [could not say a word|put both
{hands} over {fhis} mouth|did not know whether to laugh or cry]. #
{hero} gave {fhim} the {object}. "[So that is why you had no time|You did not forget me at
all]!" said {friend}. {Fhe} wanted to {act} at once. [?They ate and sang and danced until the
moon came up.|There was singing and dancing until the first stars came out.] [?"[This is the
best day of my life|I have the best friends in the world]," said {friend}.] {lesson=[making a
friend happy is a great joy|a friend does not forget you|the best surprise is to be loved|joy is
bigger when you plan it for somebody else]}{@moral})"};
}

Plot rainyPicnic()
{
    return {
        "rainy picnic",
        kBoth,
        kPicnic,
        kNoSkill,
        {{kBoth, "thing: plum cake; object: a plum cake; taste: The plum cake was sweet and soft"},
         {kBoth, "thing: cheese bread; object: warm cheese bread; taste: The cheese bread was "
                 "crisp and golden"},
         {kBoth, "thing: apple pie; object: an apple pie; taste: The apple pie was sweet and warm"},
         {kBoth, "thing: nut cake; object: a nut cake; taste: The nut cake was rich and brown"},
         {kBoth,
          "thing: berry jam; object: berry jam and rolls; taste: The jam was sweet and sticky"},
         {kBoth, "thing: melon; object: a big melon; taste: The melon was cool and sweet"},
         {kBoth,
          "thing: pear salad; object: a bowl of pear salad; taste: The salad was fresh and juicy"},
         {kBoth, "thing: honey cakes; object: little honey cakes; taste: The honey cakes were soft "
                 "and sweet"},
         {kBoth, "thing: corn bread; object: yellow corn bread; taste: The corn bread was warm and "
                 "crumbly"}},
        R"(
{@intro} {@friendIntro} [For days|All week], they had looked forward to a picnic {atPlace}.
{parent} had made {object} for them. {hero} carried the basket, and {friend} carried [a
blanket|a jug of juice|two red cups]. [?The sky was blue when they set out.|The sun was shining
when they left.] #
They found a good spot near {mark1} and sat down. But just as {hero} opened the basket,
something fell on {his} nose. Plop! It was a drop of rain. Plop, plop, plop! "[Oh no|Not
today]!" cried {hero}. [?Gray clouds had come over {place}.|In a moment the whole sky was gray.]
{hero} held the lid over the {thing}, and {friend} [pulled the blanket over their heads|grabbed
{hero}'s {hand}]. They ran and ran. [?But the rain ran faster.|The rain was everywhere.] They
came home [as wet as fish|wet from head to toe]. #
[?{@sad}] [?"[Our lovely picnic|All week I have looked forward to it]," {hero} said.] [?{friend}
[looked out at the rain|shook the water from {fhis} ears|dried {fhis} face].] Then {friend}
[began to smile|had an idea]. "[Who says that a picnic must be outside|Does a picnic need the
sun]?" {fhe} asked. "[We can make our own meadow|We can have it right here on the floor]!" #
They spread [a green blanket|a big green cloth] on the floor like grass. [?They set all the
flower pots around it.|They hung a yellow paper sun over it.|They cut clouds out of paper and
hung them up.] A [table|chair] stood for {mark1}, and [two|some] pillows were the hills.
[?{parent} [came in, made a noise like a bee, and sat down with them|was the bird and sang a
song from behind the door].] Then they ate. {taste}. [?Outside the rain drummed on the roof.|The
rain tapped on the window like a guest.] [?"[This is the best picnic we ever had|No ants and no
wind! I like this picnic]," said {hero}, and {he} laughed.] #
[In the evening the sun came out after all.|When the rain stopped, a rainbow stood over
{place}.] [{hero} and {friend} saw it through the window.|But {hero} and {friend} were so busy
playing that they hardly looked up.] {lesson=[a good idea can save a rainy day|you can make
sunshine with a friend|it does not matter where you are, but who is with you|a plan may change
and still be fun]}{@moral})"};
}

Plot cooking()
{
    return {
        "cooking",
        kBoth,
        kAnyPlace,
        kNoSkill,
        {{kBoth, "thing: vegetable soup; object: pot of vegetable soup; need: carrots; job: pull "
                 "the weeds in the garden; jobDone: pulled one weed after the other; stir: cut the "
                 "carrots and put them in the pot"},
         {kBoth, "thing: apple cake; object: big apple cake; need: flour; job: carry the heavy "
                 "sacks into the house; jobDone: carried one sack after the other; stir: mixed the "
                 "flour with eggs and sugar"},
         {kBoth,
          "thing: pancakes; object: pile of pancakes; need: milk; job: sweep the yard; jobDone: "
          "swept until not one leaf was left; stir: mixed the milk with flour and eggs"},
         {kBoth, "thing: berry pie; object: sweet berry pie; need: sugar; job: pick the cherries; "
                 "jobDone: picked until the pail was full; stir: mixed the sugar with the berries"},
         {kBoth, "thing: nut bread; object: loaf of nut bread; need: nuts; job: stack the "
                 "firewood; jobDone: stacked the wood into a neat pile; stir: cracked the nuts and "
                 "put them in the dough"},
         {kBoth, "thing: pumpkin soup; object: pot of pumpkin soup; need: a ripe pumpkin; job: "
                 "feed the hens; jobDone: gave corn and water to every hen; stir: cut the pumpkin "
                 "and put it in the pot"},
         {kBoth,
          "thing: honey cake; object: golden honey cake; need: honey; job: wash all the jars; "
          "jobDone: washed the jars until they sparkled; stir: stirred the honey into the dough"},
         {kBoth,
          "thing: mushroom stew; object: pot of mushroom stew; need: onions; job: water the "
          "flowers; jobDone: watered every flower; stir: cut the onions and cried a little"}},
        R"(
{@intro} {@friendIntro} [Tomorrow|On Sunday] there would be a feast {atPlace}, and everybody was
to bring something to eat. "[I want to make a|Let us make a] {object}!" said {hero}. [{friend}
licked {fhis} lips.|"Yes, a {object}!" said {friend}.] They put on [aprons|white caps] and
[washed their {hands}|looked for the biggest pot]. #
But then {hero} [opened the cupboard|looked on the shelf] and [stood still|frowned]. "We have no
{need}," {he} said. [?"[Without that it will not work|We cannot do it like that]."] [?They
looked in every corner, but they found nothing.|They looked in every jar and every box.]
[?{@sad}] {@comfort} So they went to {elder}. #
"You need {need}?" said {elder}. "[I have enough|You can have that]. But [I have so much to do
today|my back hurts today]. Could you {job} for me?" "[Of course|We will do it gladly]," said
{hero}. [?The two friends rolled up their sleeves.] They {jobDone}. [?The sun was hot, and it
was hard work.|{hero} grew tired, but {friend} made {him} laugh.|They sang while they worked.]
"[You are hard workers|That is good work]," said {elder}, and gave them {need}. [?There was even
a cookie for each of them.|{elder} gave them a good tip, too: cook it slowly.] #
At home they {stir}. [?Flour was on {hero}'s nose and on {friend}'s ears.|They took turns with
the big spoon.|{parent} helped them with the hot stove.] Soon [a wonderful smell filled the
{home}|it smelled so good that the neighbors came to the door]. #
At the feast everyone wanted to taste the {thing}. "[Who made this|What is your secret]?" they
asked. [?The plate was empty in no time.|Not one crumb was left over.|Everybody asked for more.]
"[We worked for it|It tastes so good because we all helped]," said {hero} with pride.
{lesson=[food tastes best when you have worked for it|one good turn brings another|many helpers
make a feast|work is light when you share it]}{@moral})"};
}

Plot foundThing()
{
    return {"found",
            kBoth,
            kAnyPlace,
            kNoSkill,
            {{kBoth, "thing: purse; like: It was soft, and something jingled inside"},
             {kBoth, "thing: ring; object: golden ring; like: It had a tiny blue stone"},
             {kBoth, "thing: key; object: big old key; like: It was as long as a spoon"},
             {kBoth, "thing: watch; object: pocket watch; like: It still ticked softly"},
             {kBoth, "thing: glove; like: It was lined with soft wool"},
             {kBoth, "thing: hat; like: It had a feather on one side"},
             {kBoth, "thing: bell; object: little brass bell; like: It rang as clear as water"},
             {kBoth, "thing: comb; object: silver comb; like: It had flowers all along the edge"},
             {kBoth, "thing: pipe; object: wooden pipe; like: It played three sweet notes"},
             {kBoth, "thing: bag; like: It was full of round glass beads"},
             {kBoth, "thing: brush; object: fine paint brush; like: Its tip was still a bit blue"},
             {kBoth, "thing: necklace; object: pearl necklace; like: It shone like drops of milk"}},
            R"(
{@intro} {@friendIntro} {@when}, {hero} and {friend} were {atPlace}. First {@fun}. Then {hero}
saw that something [shone|lay] {spot1}. {He} bent down and picked it up. It was a {object}!
{like}. #
"[Look what I found|Look at this]!" {he} cried. "[Now it is mine|I will keep it]!" {friend}
[looked at it closely|turned it over]. "[It is beautiful|What a find], but somebody must have
lost it," {fhe} said. [?"[Maybe somebody is looking for it right now|Maybe somebody is very sad
now]."] {hero} held the {thing} tight. [?{He} had never had such a fine {thing}.|{He} wanted to
keep it so much.] But then {he} [thought of the day when {he} had lost {his} ball|remembered how
sad {he} had been when {he} lost {his} mitten]. "[You are right|Yes, that is true]," {he} said
with a sigh. "[We will look for the owner|Let us find out whose it is]." #
They asked {?child|[the baker|the postman|a woman with a basket|a farmer with a cart]|[a busy
ant|an old hare|a family of ducks|two young deer]}, but the answer was no. They asked
{?child|[two girls on the road|the boys from the mill|a man with a dog]|[a passing crow|the
frogs in the ditch|a shy lizard]}, but nobody had lost a {thing}. #
Near {mark2} they saw {elder}, who was walking up and down and looking at the ground. "[Have you
lost something|What are you looking for]?" asked {hero}. "[Ah|Oh], my {object}!" said {elder}.
"[I had it from my mother|It was a gift from my best friend], and now it is gone[?. [I have
looked everywhere|I have been looking since yesterday]]." {hero} [opened {his} {hand}|held out
the {thing}]. "Is it this one?" {he} asked. [?{elder} [could hardly believe it|was so happy that
no words came].] #
"[I thank you with all my heart|What good friends you are], {hero} and {friend}!" said {elder}.
[They were invited to tea and warm buns|They were given the two biggest pears from the tree|They
got two cups of sweet cocoa], and {elder} told them the story of the {object}. [?{@happy}]
{lesson=[it feels better to give back than to keep|what you find may be dear to somebody else|an
honest heart is a happy heart|doing the right thing makes everyone glad]}{@moral})"};
}

Plot snowman()
{
    return {"snowman",
            kBoth,
            kRunning | kSoil,
            kNoSkill,
            {{kBoth, "thing: scarf; put: wound the {object} around its neck"},
             {kBoth, "thing: hat; put: set the {object} on its head"},
             {kBoth, "thing: umbrella; put: hung the {object} over its arm"},
             {kBoth, "thing: bucket; put: set the {object} on its head like a crown"},
             {kBoth, "thing: flag; put: stuck the {object} into its arm"},
             {kBoth, "thing: ribbon; put: tied the {object} around its neck"},
             {kBoth, "thing: basket; put: hung the {object} over its arm"},
             {kBoth, "thing: cap; put: set the {object} on its head"},
             {kBoth, "thing: belt; put: tied the {object} around its middle"}},
            R"(
{@intro} {@friendIntro} One winter morning, everything outside was white. "Snow!" cried {hero}.
[?{He} [jumped out of bed|ran out to get {friend}|could hardly wait to go out].] Soon the two of
them were {atPlace}[?, and [their breath made little clouds|the snow creaked under their feet]].
"[Let us make a snowman|We will build the biggest snowman in the world]!" said {friend}. #
They rolled a ball, and it grew and grew. But when they wanted to set the second ball on top of
it, it was too heavy. [?They pushed and they pulled. {hero} [slipped and sat down in the
snow|fell on {his} nose].] [?{@sad}] "[We are too small|It will not work]," {hero} said.
[?{friend} [looked around|thought about it].] "[Let us lay a board against it|Let us take a
board], and then we can roll the ball up," {friend} said. They found a board near {mark1}. "One,
two, three, push!" And up it went! #
Now the snowman had a head. [It got two stones for eyes and a carrot for a nose.|It got nuts for
eyes and a pine cone for a nose.] Last of all {hero} took {his} own {object} and {put}. [?"[Now
you are handsome|Now you look very fine]," {he} said to the snowman.] [?They danced around it
until it was dark.|They named it Mr. Frost.|It looked as if it smiled at them.] Every day they
came to see it. #
But one day the wind was mild, and the sun was warm. When {hero} and {friend} came to {place},
the snowman was [small and thin|crooked and small], and on the next day it was gone. Only the
{object} lay {spot2}, [in a puddle|and next to it lay the nose]. [?{hero} could not help
crying.] "[Our snowman is gone|I miss it already]," {hero} said. {friend} took {his} {hand}.
"[Look at the spot where it stood|See what is coming up there]! The first [snowdrops|flowers]!"
{fhe} said. "[They are drinking its water|It gave them its water]. And next winter [the snow
will come back|we will build a new one]." #
{hero} [dried {his} tears|nodded] and picked up the {object}. "[I will keep this for next
winter|Then I will keep this until the snow comes back]," {he} said. [And that is what {he}
did.|Then they went home to a cup of hot cocoa.] {lesson=[every season brings its own joy|you
can say goodbye and still be glad|something new grows when something old goes|happy days stay
with you in your heart]}{@moral})"};
}

} // namespace

std::vector<Plot> makingPlots()
{
    return {gift(), growing(), surpriseParty(), rainyPicnic(), cooking(), foundThing(), snowman()};
}

} // namespace samba::stories
