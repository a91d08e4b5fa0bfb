"""What is said to people in the chat in English far below, and translated here: errors, words of policies.

Errors are made in English, with a stable code; so are the standard sentences with which a policy speaks to a
sender. Whoever reads another language meets them through these sentences: ``{names}`` stand for whatever is
put in there. A test holds each error against the code that says it; what is missing here, and what an author
of a policy wrote, is told as it is.
"""

import re
from collections.abc import Mapping
from typing import Final

from policies.compiled import OWN_TITLES
from policies.notices import PROBLEMS, SIGHT, STANDARD, SURFACES
from web import tables

SENTENCES: Final = (
    # signing in
    "You are not signed in. Sign in first.",
    "You are not signed in, or your session has ended. Sign in again.",
    "This name and password do not belong together. Check both; passwords are case-sensitive.",
    "Too many failed attempts to sign in. Wait {seconds} s and try again.",
    (
        "Nobody can be signed in right now: the firm's directory does not answer. Try again in a minute; "
        "if it goes on, tell IT."
    ),
    "This account is disabled.",
    "This session has ended already.",
    # pages
    "There is no such page.",
    "This page cannot be used in this way.",
    "This page is from another session. Load it again and repeat what you did.",
    "This request came from another site. Use our own pages.",
    "This is more than the page takes. Send less at a time.",
    "The request is incomplete or malformed.",
    "Something went wrong on our side. Nothing was saved; try again.",
    "There is no such choice. Load the page again and choose one of those it shows.",
    # sending
    "There is nothing to send.",
    "This is {count} characters long; the limit is {limit}. Shorten it, or send parts.",
    "The text holds characters that cannot be stored. Paste it again as plain text.",
    "You are sending too fast. Wait a moment and try again.",
    "Wait for answers before sending more.",
    "Too many messages at once. Yours will be sent in a moment.",
    "Messages cannot be archived right now, so none are sent. Yours will be tried again.",
    "Your message could not be saved. It will be tried again.",
    "The conversation is changing too fast. Your message will be tried again.",
    "The policy in force cannot be confirmed right now, so nothing is sent. Try again shortly.",
    "The policy check failed, so nothing was sent. Try again; if it stays, tell IT.",
    "The policy is being updated. Your message will be tried again.",
    "Say why this has to be sent; the reason is kept with the message.",
    "There is no warning of yours to confirm here.",
    "This message was decided in the meantime.",
    # messages and conversations
    "There is no such conversation.",
    "This account takes no part in conversations. Choose somebody else.",
    "This conversation is closed.",
    "This conversation is closed. Nothing more can be said in it.",
    "There is no such message.",
    "There is no such message here.",
    "This message can no longer be changed.",
    "You can only edit your own messages.",
    "You can only delete your own messages.",
    "This message has all the reactions it can hold.",
    "This message is pinned already.",
    "This message is not pinned any more.",
    "A conversation has at most {count} pinned messages. Take one off first.",
    "The message you reply to is not in this conversation.",
    "Reply to the first message of the thread.",
    "There is nothing in this message to forward.",
    "Your firm's policy does not show what messages said before.",
    "Only whoever opened this channel can close it.",
    "Only whoever opened this conversation can take others out of it.",
    "This person is not a member any more.",
    "A channel needs a name.",
    "There is a channel of this name already. Look for it among the channels, or choose another name.",
    "A name is one line of text, without hidden characters.",
    "A name has at most {limit} characters.",
    "A topic has at most {limit} characters.",
    "A channel cannot be hidden. Leave it, or mute it.",
    "A direct conversation cannot be left.",
    "Open a group to talk with more people.",
    "A group has 3 to {limit} people. Make a channel for more.",
    "A group has at most {limit} people. Make a channel for more.",
    "This person is a member already.",
    "There is no such person.",
    "There is no such person, or they have left.",
    "A reaction is named by small letters, digits and _ only.",
    "A direct conversation has two people.",
    "Your firm's policy lets messages be edited for {minutes} minutes. That time is over.",
    "Your firm's policy lets messages be deleted for {minutes} minutes. That time is over.",
    "Your firm's policy does not let messages be edited.",
    "Your firm's policy does not let messages be deleted.",
    "There is no finding of yours here to report.",
    "You reported this already. Compliance can see it.",
    "The sender is no longer in this conversation, or it is closed.",
    "Choose a time in the future, within a year.",
    "{count} of your messages wait to be sent. Take one back first.",
    "There is no such scheduled message.",
    "This message was sent in the meantime.",
    "This message id was used for another message. Send it again with a new one.",
    # searching
    "The query is empty.",
    "The query cannot be read.",
    "Something is missing at the end of the query: a word, or a bracket.",
    "A query has at most {limit} characters.",
    "A query has at most {limit} words, this one {count}.",
    "There is nothing to search for in {text}.",
    "A * stands at the end of a word.",
    "A * needs the beginning of a word before it.",
    "“{word}” would match too much.",
    "“{word}*” stands for {count} words; a search takes {limit}.",
    "Whole words are found here, without *.",
    "A kind is one word.",
    "{field}: does not know {text}.",
    "The range ends before it begins.",
    "{text} is not a date.",
    "There is no such date.",
    "There is no field “{field}”.",
    "A field cannot stand inside {field}:.",
    "W/n and PRE/n join two sides, not three.",
    "{operator} works on the text, not inside {field}:.",
    "{operator} joins words, phrases and groups of them with OR.",
    "A distance lies between 1 and {limit}.",
    "This quotation mark is not closed.",
    "“{word}” cannot stand here.",
    "Parentheses may be nested {limit} deep.",
    "These words are too common to be indexed. Add a rarer word, or narrow by from:, in: or sent:.",
    "“{word}” is searched as a word; write {operator} {purpose}.",
    "to require both",
    "to find either",
    "to exclude",
    "“{word}” is searched as words; write {operator} for a distance.",
    "“{sign}” is not understood; operators are AND OR NOT W/n PRE/n and * at the end.",
    "“{word}*” stands for one word.",
    "“{word}*” stands for {count} words.",
    "“{word}” occurs nowhere.",
    "“{word}” occurs nowhere. Did you mean “{other}”?",
    "“{word}*” does not stand for words too common to be indexed: {words}.",
    # files
    "This upload id was used for another file. Add the file again.",
    "This is not the next piece of the file.",
    "This piece of the file has the wrong length.",
    "This is no upload that the server knows.",
    "This file is empty.",
    "This file is no longer there.",
    "This file is not there, or no longer.",
    "This file has {size} MB; the limit is {limit} MB.",
    "You are adding files too fast. Each of them goes on in a moment.",
    "This file was sent already. Add it again.",
    "This file was sent already. Take the message back instead.",
    "This file goes with a message that you scheduled. Take that back first.",
    "A file is not uploaded to its end yet.",
    "A message carries at most {limit} files, each once.",
    "You have too many files here that were not sent. Send or remove some first.",
    "Your firm's policy lets no files be sent.",
)

_TEMPLATES: Final = (*STANDARD.values(), SIGHT)
NOTICES: Final = tuple(
    dict.fromkeys(
        [
            *(
                part
                for each in (*STANDARD.values(), SIGHT)
                for part in (each.title, each.why, *each.actions)
                if part
            ),
            "Stopped by your firm's policy.",
            *SURFACES.values(),
            *PROBLEMS.values(),
            *OWN_TITLES.values(),
        ]
    )
)
# The longest first: a sentence must not be taken for a shorter one that begins or ends like it.
ALL: Final = tuple(sorted((*SENTENCES, *NOTICES), key=len, reverse=True))
_EVERY: Final = tuple(sorted((*ALL, *tables.SENTENCES), key=len, reverse=True))
SAID: Final = frozenset({"effect", "problem", "purpose", "surface", "what", "why"})
"""Places that take a sentence or a word of ours; others take what people wrote, which stays as it is."""
_PLACE: Final = re.compile(r"\{(\w+)\}")


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _PLACE.split(sentence)
    return re.compile("".join(f"(?P<{p}>.+?)" if i % 2 else re.escape(p) for i, p in enumerate(parts)))


_WITH_PLACES: Final = {one: _pattern(one) for one in _EVERY if _PLACE.search(one)}


def known(message: str) -> tuple[str, Mapping[str, str]]:
    """Return the sentence that a message is made of, and what was put in; what is none, as it is."""
    for sentence, pattern in _WITH_PLACES.items():
        if found := pattern.fullmatch(message):
            return sentence, found.groupdict()
    return message, {}
