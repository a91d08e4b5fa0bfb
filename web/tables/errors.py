"""What can go wrong at the desk, in the console and at sign-in, as it is told in English."""

from typing import Final

ERRORS: Final = (
    # accounts
    "A user name is 1 to {count} letters, digits, or characters of . _ - @.",
    "The name {username} is taken. Choose another.",
    "Another officer signs in by this name. Disable that one first.",
    "There is no such officer.",
    (
        "This one-time code is not valid: it may be mistyped, used or older than a day. Ask whoever "
        "confirmed you for a new one."
    ),
    "The directory names no such candidate.",
    "The directory names this candidate for {roles}; choose from these.",
    "This desk account is not active. Ask an approver to confirm it.",
    "This officer is disabled already.",
    "A password takes at least {count} characters; a few unrelated words are good.",
    "A password takes at most {count} characters.",
    "A password must not hold the name it belongs to. Choose another.",
    "A password takes at least {count} different characters.",
    "The two passwords differ. Type the same one twice.",
    "The current password is not right. Type it again; passwords are case-sensitive.",
    "Your firm's directory keeps your password. Change it where you sign in to your computer.",
    "This person is disabled already.",
    "This person is not disabled.",
    "The directory does not let this person in. Enable them there.",
    "Somebody else goes by this name now. Rename one of them first.",
    "People are kept in your directory server. Change them there.",
    "Choose whether the account is active or disabled.",
    "This is your own account. Ask another administrator to disable it.",
    # rights
    "You are not entitled to this: {effect} It takes the role of {roles}.",
    "Nobody approves their own request: ask a second person to decide it.",
    "Nobody decides on their own message; a second officer has to.",
    "Nobody decides on their own policy; a second person has to.",
    "Nobody approves their own policy; a second person has to.",
    # policies
    "Say why this policy is proposed; the approver reads it.",
    "This policy is in force already.",
    "The bundle fails its own tests, so it cannot be approved. {names}",
    "There is no such proposal.",
    "This proposal was decided in the meantime.",
    "No policy is in force yet.",
    "Choose to approve or to reject.",
    "The file is not UTF-8 text. Save it as UTF-8.",
    # matters, reading, holds
    "A matter says what it is for.",
    "This matter is closed already.",
    "This matter is closed: nothing more is read in it.",
    "Records are read inside an open matter of yours. Open one, or ask to be added.",
    "There is no such matter, or it is not yours.",
    "Hold {holds} of this matter is in force. Release it first: in a closed matter nobody could.",
    "Choose officers from the list.",
    "There is no such search in this matter.",
    "{name} asked this. Search again with a reason of your own.",
    "Say why you look: every reading is on record.",
    "A reason has at most {count} characters.",
    "The first day lies after the last one.",
    "Write days as 2026-03-31.",
    "Leave the last day open instead.",
    "This file is not in the archive, or can no longer be read.",
    "There is no such record.",
    "An entry of the release queue opens its own message only. Read more inside a matter.",
    "Nobody is called {username}. Choose a name from the list.",
    "There is no such hold.",
    "There is no such hold in a matter of yours.",
    "There is no such hold in this matter.",
    "A hold names a person or a conversation.",
    "The span of a hold ends after it begins.",
    "Say why this is held: the reason is kept.",
    "Say why this is released: the reason is kept.",
    "This hold was released already.",
    "Part of this is condemned already and can no longer be held: {partitions}.",
    "Nothing is kept of such a conversation. Open one of its records and hold it from there.",
    # release and recall
    "There is no such entry in the queue.",
    "Approve findings of this message only.",
    "The archived record cannot be opened yet, so nothing can be decided. Try again in a moment.",
    "Say why; the reason is kept with the decision.",
    "Choose to release or to reject.",
    "Choose to recall or to restore.",
    "This message is recalled already.",
    "This message is not recalled, or not any more.",
    "Nobody sees this message, so there is nothing to recall.",
    "There is no such message that was delivered.",
    "This message was deleted meanwhile: nobody sees it any more.",
    # the search engine
    "Elasticsearch did not answer in time. Look at its load, and at what lies between.",
    "Elasticsearch cannot be reached. Look whether it runs, and at elasticsearch.urls.",
    (
        "Elasticsearch has too much to do at the moment (429). It is asked again; look at its load if this "
        "lasts."
    ),
    "The index failed on this request.",
    # the ledger
    "The ledger's files are not complete.",
    (
        "The {log} log had {seen} entries when this desk last looked, and has {now} now: an older copy was "
        "restored."
    ),
    "The {log} log is not the one this desk saw before: its past was rewritten.",
    "This checkpoint is not signed by the key of its log.",
    "The proof does not fit the root of the ledger.",
    "The {database} database does not answer ({why}). Look at the server, then try again.",
    "The {database} database cannot be used ({why}). Look at its disk, then try again.",
)
