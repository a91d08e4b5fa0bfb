"""Function words: too frequent to be indexed, because their frequency would give a blind index away.

A list per language of the closed classes (articles, pronouns, prepositions, conjunctions,
auxiliaries, common adverbs), already folded. A message's language is not known, so the union
holds for all of them; therefore a list leaves out what is a content word in another of these
languages (German *war* and *hat*, French *car*, *son* and *pour*, Spanish *sin*). Single letters are
what stays of clitics once words are split at apostrophes (``don't``, ``l'accord``).

Changing a list changes what is indexed: rebuild the index afterwards.
"""


def _words(listed: str) -> frozenset[str]:
    """Return the words of a list written as running text."""
    return frozenset(listed.split())


ENGLISH = _words(
    """
    a about above across actually after again against ago ain all almost along already also although
    always am among an and another any anybody anyone anything anyway are aren around as at away back be
    became because become been before behind being below beneath beside besides between beyond both but
    by came can cannot come could couldn d did didn do does doesn doing done down during each either
    else enough even ever every everybody everyone everything except far few first for from further get
    gets getting go goes going gone got had hadn has hasn have haven having he her here hers herself him
    himself his how however i if in indeed instead into is isn it its itself just least less let like ll
    m made make many may maybe me might mine more most much must mustn my myself near neither never next
    no nobody none nor not nothing now of off often ok okay on once one only onto or other others ought
    our ours ourselves out over own per perhaps please put quite rather re really s said same saw say
    see seem shall she should shouldn since so some somebody someone something still such t than thanks
    that the their theirs them themselves then there therefore these they thing things this those though
    through thus till to together too toward towards under until up upon us ve very via was wasn way we
    well went were weren what whatever when whenever where whether which while who whoever whole whom
    whose why will with within without would wouldn yeah yes yet you your yours yourself yourselves
    """
)

GERMAN = _words(
    """
    aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes ans
    auch auf aus ausser bei beide beiden beim bevor bin bis bist bitte da dabei dadurch dafür dagegen
    daher dahin damals damit danach daneben dann daran darauf daraus darin darum darüber das dass davon
    davor dazu dein deine deinem deinen deiner dem den denen denn dennoch der deren des deshalb dessen
    dich die dies diese diesem diesen dieser dieses dir doch dort du durch dürfen ebenso ein eine einem
    einen einer eines einige einigen einmal er erst es etwa etwas euch euer eure eurem euren eurer falls
    für ganz gar gegen genau gewesen gibt habe haben habt hatte hatten hier hin hinter ich ihm ihn ihnen
    ihr ihre ihrem ihren ihrer im immer in indem ins irgend ist ja jede jedem jeden jeder jedes jedoch
    jemand jene jenem jenen jener jetzt kann kannst kein keine keinem keinen keiner können könnte man
    manche manchmal mehr mein meine meinem meinen meiner mich mir mit muss müssen musste nach nachdem
    nein nicht nichts nie niemand noch nun nur ob oder ohne sehr seid sein seine seinem seinen seiner
    seit sich sie sind so sobald sogar solche solchem solchen solcher soll sollen sollte sollten somit
    sondern sonst soweit sowie trotz über überhaupt um und uns unser unsere unserem unseren unserer
    unter viel viele vielen vielleicht vom von vor wann waren warum was weder wegen weil weiter welche
    welchem welchen welcher welches wem wen wenig wenn wer werde werden weshalb wie wieder wieso will
    wir wird wirst wo wohl wollen worden wurde wurden würde würden während zu zum zur zwar zwischen
    """
)

FRENCH = _words(
    """
    afin ai aie aient ailleurs ainsi alors apres après as assez au aucun aucune auquel aura aurait aussi
    aussitôt autant autre autres aux auxquels avaient avais avait avant avec avez aviez avions avoir
    avons ayant beaucoup bien c ce ceci cela celle celles celui cependant ces cet cette ceux chacun
    chaque chez ci combien comme comment contre d dans de dedans dehors depuis des desquels dessous
    dessus deux devant devrait doit doivent donc dont du duquel durant déjà elle elles en encore enfin
    ensuite entre es est et eu eux faire fais fait faut fois font furent hors ici il ils j jamais je
    jusqu jusque l la là laquelle le lequel les lesquels leur leurs lors lorsque lui m ma maintenant
    mais malgré me mes mieux moi moins mon même mêmes n ne ni non nos notre nous on ont ou où oui par
    parce parfois parmi pas pendant peu peut peuvent plusieurs plutôt pourquoi pouvez près presque puis
    puisque qu quand que quel quelle quelles quels quelque quelques qui quoi rien s sa sauf se selon
    sera serait seront ses seulement si sinon soi soient sois soit sommes sont sous souvent suis sur
    surtout t ta tandis tant te tellement tes toi ton toujours tous tout toute toutes toutefois trop
    très tu un une vers voici voilà vos votre vous vraiment y à étaient étais était étant êtes être été
    """
)

SPANISH = _words(
    """
    a acá ahí ahora al algo alguien algún alguna algunas alguno algunos allá allí ante antes aquel
    aquella aquellas aquello aquellos aquí así aún aunque bajo bastante bien cada casi como cómo con
    conmigo consigo contigo contra cual cuál cuales cualquier cualquiera cuando cuándo cuanto cuánto
    cuya cuyas cuyo cuyos de debe debemos deben debía del demás demasiado dentro desde después detrás
    donde dónde durante e él el ella ellas ello ellos en encima entonces entre era erais eran eras eres
    es esa esas ese eso esos está estaba estaban estado estamos están estar estas éstas este éste esto
    estos estoy estuvo fue fueron fui fuera gracias ha había habían haber habrá han hasta hay haya he
    hemos hubo igual incluso jamás junto la las le les lo los luego mas más me mejor menos mi mí mía
    mías mientras mío míos mis misma mismas mismo mismos mucha muchas mucho muchos muy nada nadie ni
    ningún ninguna ninguno no nos nosotras nosotros nuestra nuestras nuestro nuestros nunca o os otra
    otras otro otros para parece pero poca pocas poco pocos podemos poder podría porque por pude puede
    pueden puedo pues que qué quien quién quienes quizás se sea sean según ser será sería si sí sido
    siempre sino sobre sois solamente sólo solo somos soy su sus suya suyas suyo suyos tal también
    tampoco tan tanta tantas tanto tantos te tenemos tener tengo tiene tienen toda todas todavía todo
    todos tras tu tú tus tuya tuyo u un una unas uno unos usted ustedes va vamos van varias varios veces
    vosotros voy vuestra vuestro y ya yo
    """
)

FUNCTION_WORDS = ENGLISH | GERMAN | FRENCH | SPANISH
"""The union: what is replaced by a filler in the text of a message, whatever its language."""
