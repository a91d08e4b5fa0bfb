"""What people say when they should not: phrases that supervisors look for.

Written for recall on the phrase and precision on the sentence: a word alone ("signal", "offline") says
nothing; the verb and the place together do. Administrators add their own word lists beside these.
"""

from collections.abc import Sequence

from core.types import Confidence
from policies.dlp.detector import Detector, DetectorId, Mask, Shape

_PLACE = (
    "(?:whats ?app|we ?chat|telegram|signal|imessage|viber|snapchat|facetime|messenger|discord|sms|gmail|hotmail"
    "|(?:my|your|our|a|his|her) (?:own |other |personal |private |burner )?(?:cell|cellphone|mobile|phone|handy|gmail"
    "|whats ?app|signal|e-?mail)|(?:personal|private) (?:cell|mobile|phone|e-?mail|chat|account|device))"
)
_OWN = "(?:my|your) (?:own |other |personal |private |burner )?(?:cell|cellphone|mobile|handy|whats ?app|signal|gmail)"


def _written(sentence: str, blank: str) -> str:
    """Return the pattern of a phrase: blanks free, an apostrophe straight or curly or left out."""
    return (
        sentence.replace("_", "[a-z]{1,12}")
        .replace(" ?", r"\s?")
        .replace(" ", blank)
        .replace("'", "(?:'|’)?")
    )


def _said(triggers: Sequence[str], *sentences: str) -> Shape:
    """Return the shape of some sentences, each of which has one of the words of ``triggers``.

    In sentences ``_`` is any word and a blank any white space. The first pass looks for the triggers
    alone: plain words are much cheaper to find than the sentences around them.
    """
    return Shape(
        "|".join(_written(sentence, r"\s{1,4}") for sentence in sentences),
        Confidence.HIGH,
        trigger=tuple(dict.fromkeys(triggers)),
        caseless=True,
        reach=160,
    )


_CHANNELS = (
    "whatsapp", "whats app", "wechat", "we chat", "telegram", "signal", "imessage", "viber", "snapchat",
    "facetime", "messenger", "discord", " sms", "gmail", "hotmail", "cellphone", "mobile",
)  # fmt: skip
_THINGS = (
    "cell",
    "phone",
    "handy",
    "email",
    "e-mail",
    "chat",
    "account",
    "device",
    "number",
    "address",
    "inbox",
)
_OWNERS = ("my", "your", "our", "his", "her", "own", "other", "personal", "private", "burner")


def _lexicon(name: str, title: str, label: str, *shapes: Shape) -> Detector:
    return Detector(
        id=DetectorId(name),
        title=title,
        label=label,
        category="language",
        shapes=shapes,
        negative=(),
        mask=Mask.PLAIN,
    )


LANGUAGE = (
    _lexicon(
        "off_channel",
        "Moving a conversation off the record",
        "off-channel",
        _said(
            (*_CHANNELS, *(f"{owner} {thing}" for owner in _OWNERS for thing in _THINGS)),
            "(?:take|move|continue|switch|shift|carry|bring|discuss|keep|finish|talk about|have) "
            "(?:(?:this|it|that|us|everything|on|the (?:chat|conversation|discussion|rest)|things|over) ){0,2}"
            f"(?:to|on|onto|over to|over on|via|in|by|off to) {_PLACE}",
            "(?:go|switch|talk|speak|chat|move|meet) (?:over |me )?(?:to|on|onto|via|over) "
            "(?:whats ?app|we ?chat|telegram|signal|imessage|viber|my personal|your personal|a private)",
            "(?:text|txt|sms|message|msg|whats ?app|ping|dm|hit|reach) (?:(?:me|us|him|her|it) )?(?:up )?"
            f"(?:(?:on|at|to|via) )?{_OWN}",
            "(?:text|txt|message|msg|ping|dm|add|find|hit|reach|contact|call|write) (?:me|us) (?:up )?"
            "(?:on|at|via|over) (?:whats ?app|we ?chat|telegram|signal|imessage|viber|snapchat)",
            "(?:whats ?app|we ?chat|telegram) me",
            "(?:call|ring|phone) (?:me )?(?:on |at )?my (?:personal|private|own|burner) (?:cell|mobile|phone|number)",
            f"(?:send|forward|mail|email) (?:(?:it|this|that|them|the file|everything) )?(?:to|on|via) {_OWN}",
            "(?:send|forward|mail|email) (?:(?:it|this|that|them|the file|everything) )?to my (?:personal|private) "
            "(?:e-?mail|account|address|inbox)",
        ),
    ),
    _lexicon(
        "record_evasion",
        "Avoiding or destroying a record",
        "record evasion",
        _said(
            [
                f"{negation} {verb}"
                for negation in ("don't", "don’t", "dont")
                for verb in ("put", "write", "say", "type", "mention")
            ],
            "don't (?:put|write|say|type|mention) (?:this|that|it|anything) (?:down |this |about it )?(?:in|on|over) "
            "(?:writing|e-?mail|chat|here|this chat|the chat|a message|paper|file)",
        ),
        _said(
            [
                f"{verb} {thing}"
                for verb in ("delete", "erase", "wipe", "destroy")
                for thing in ("this", "that", "these", "our", "the", "all")
            ],
            "(?:delete|erase|wipe|destroy) (?:this|that|these|our|the|all) "
            "(?:chat|messages?|thread|conversation|texts?|emails?) "
            "(?:after|once|when|afterwards|as soon|before (?:the|they|compliance|anyone))",
        ),
        _said(
            ("recorded ", "off the record", "off the books", "paper trail", "audit trail", "compliance"),
            "(?:not|nothing) (?:on|over|in) (?:a|this|the) recorded (?:line|channel|chat)",
            "off the (?:record|books|recorded line)",
            "(?:leave|without leaving|there's|there is) no (?:paper|audit) trail",
            "(?:keep|hide|stay) (?:this |it |that )?(?:from|away from|off) compliance(?:'s radar)?",
            "before compliance (?:sees|finds|hears|notices|reads)",
        ),
    ),
    _lexicon(
        "insider_dealing",
        "Dealing on inside information",
        "insider dealing",
        _said(
            (
                *(
                    f"{word} {thing}"
                    for word in ("inside", "insider")
                    for thing in ("info", "tip", "know", "track")
                ),
                *(
                    "non-public",
                    "nonpublic",
                    "mnpi",
                    "from me",
                    "front-run",
                    "frontrun",
                    "front run",
                    " off about",
                ),
                *(" off on", "between us", "between you", "between ourselves"),
            ),
            "(?:insider|inside) (?:info|information|tip|knowledge|track on)",
            "material,? non-?public(?: information)?",
            "mnpi",
            "you (?:didn't|did not|never) (?:hear|get) (?:this|that|it) from me",
            "front-?running",
            "front[ -]?run (?:the|this|that|his|her|their) (?:order|client|trade|fund)",
            "tip(?:ped|ping)? (?:me|him|her|them|you) off (?:about|on) (?:the|a|their)",
            "keep (?:this|it|that) between (?:us|you and me|ourselves)",
        ),
        _said(
            [
                f"{word} {thing}"
                for word in ("before", "ahead of", "until")
                for thing in ("it ", "this ", "that ", "the ", "announcement", "news", "earnings", "results")
            ],
            "(?:before|ahead of|until) "
            "(?:it|this|that|the (?:news|deal|announcement|merger|bid|offer|results?|earnings|takeover)) "
            "(?:is|are|gets?|goes|go|comes|come|hits?) "
            "(?:announced|public|out|published|the (?:wire|tape|market|press))",
            "(?:buy|sell|load up|get in|get out|short|go long|accumulate|trade|position) (?:_ ){0,3}"
            "(?:before|ahead of) (?:the )?"
            "(?:announcement|news|earnings|results|deal|merger|bid|offer|print|release)",
        ),
        _said(
            ("announced yet", "announced until", "made public"),
            "(?:isn't|not|hasn't been|won't be|wasn't) (?:yet )?(?:announced|made public) (?:yet|until)",
        ),
    ),
    _lexicon(
        "guarantees",
        "Guarantees and promises of profit",
        "guarantee",
        _said(
            (
                *(
                    "guarantee",
                    "promise",
                    "lose money",
                    "lose on",
                    "lose with",
                    "lose a",
                    "lose trade",
                    "downside",
                ),
                *(
                    "lose investment",
                    "lose bet",
                    "lose deal",
                    "no risk",
                    "zero risk",
                    "any risk",
                    "risk-free",
                ),
                *("riskfree", "sure thing", "sure bet", "sure winner", "make you whole", "make you good"),
                *(f"double {whose}" for whose in ("your", "their", "his", "her")),
            ),
            "guaranteed? (?:returns?|profits?|gains?|income|yields?|performance|winner"
            "|to (?:go up|double|rise|make|outperform))",
            "(?:i|we)(?: can| will|'ll)? (?:guarantee|promise) (?:you |that )?(?:(?:you|it|they)(?: will|'ll| won't| can't) )?"
            "(?:a |an |the )?(?:make|lose|get|earn|double|go up|profits?|returns?|gains?)",
            "(?:you|they|we) (?:can't|cannot|can not|won't|will not|never) lose "
            "(?:money|on this|with this|a cent|a penny)",
            "(?:can't|cannot) lose (?:trade|investment|bet|deal|money)",
            "(?:zero|no|without any) (?:downside|risk) (?:at all|whatsoever|to you|for you|here|on this)",
            "risk-?free (?:returns?|profits?|investment|trade|money|gains?)",
            "double (?:your|their|his|her) (?:money|investment)",
            "(?:it's|this is|that's) a sure (?:thing|bet|winner)",
            "make you (?:whole|good) (?:if|on|for) (?:_ ){0,3}loss(?:es)?",
        ),
    ),
)
