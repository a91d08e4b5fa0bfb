"""What arms the dearer passes: byte patterns of the one Hyperscan pass.

They are byte patterns over UTF-8 (no UTF-8 flag), because a trigger must also see the borders between
scripts, for which Hyperscan has no class.
"""

from policies.dlp.numbers import FEWEST_DIGITS, GAP

#: Nine digits, with what may stand between them.
NUMBER = rf"[0-9](?:{GAP}*[0-9]){{{FEWEST_DIGITS - 1}}}"

#: Six digits, as in most numbers that also have letters. One trigger for all of these is much cheaper
#: than their own patterns, which begin with nothing rarer than a digit.
DIGITS = r"[0-9](?:[ .\-/()]*[0-9]){5}"

#: A run that may be base64 or hexadecimal, or a percent escape of a printable character.
ENCODED = r"[0-9A-Za-z+]{20}|%[2-7][0-9A-Fa-f]"

_INVISIBLE = (
    r"\xE2\x80[\x8B-\x8F\xAA-\xAE]|\xE2\x81[\xA0-\xAF]|\xEF\xBB\xBF|\xC2\xAD|\xCD\x8F|\xE1\xA0\x8E"
    r"|\xEF\xB8[\x80-\x8F]|\xF3\xA0[\x80-\x87][\x80-\xBF]|\xE3\x85\xA4|\xEF\xBE\xA0"
)
_MARK = r"\xCC[\x80-\xBF]|\xCD[\x80-\xAF]|\xE2\x83[\x90-\xBF]"
_SPACE_OR_DASH = r"\xC2[\xA0\xB7]|\xE2\x80[\x80-\x95\xA2\xA7\xAF]|\xE2\x88\x92|\xE3\x80\x80|\xE3\x83\xBB"
_PICTURE = r"\xF0\x9F[\x80-\xBF][\x80-\xBF]|\xE2[\x86-\x87\x96-\x9F\xAC\xAD][\x80-\xBF]"
_OTHER_LETTER = (
    r"[\xCE-\xD5][\x80-\xBF]|\xD6[\x80-\x8F]|\xE1[\x8E-\x8F][\x80-\xBF]|\xC4[\x90\x91\xB1]|\xC5[\x81\x82\xA7]"
    r"|\xC9[\x91\xA1\xA9\xAA]|\xCA[\x80\x8F\x9F]|\xE1\xB4[\x80-\xA2]"
)
_OTHER_DIGIT = (
    r"\xEF\xBC[\x90-\x99\xA1-\xBA]|\xEF\xBD[\x81-\x9A]|\xD9[\xA0-\xA9]|\xDB[\xB0-\xB9]|\xDF[\x80-\x89]"
    r"|\xE0[\xA5\xA7\xA9\xAB\xAD\xAF\xB1\xB3\xB5][\xA6-\xAF]|\xE0[\xB9\xBB][\x90-\x99]|\xE0\xBC[\xA0-\xA9]"
    r"|\xE1\x81[\x80-\x89]|\xE1\x9F[\xA0-\xA9]|\xE1\xA0[\x90-\x99]|\xF0\x9D[\x90-\x9F][\x80-\xBF]"
    r"|\xE2[\x91-\x93][\x80-\xBF]|\xE2\x9D[\xB6-\xBF]|\xE2\x9E[\x80-\x93]|\xC2[\xB2\xB3\xB9]"
    r"|\xE2\x81[\xB0-\xB9]|\xE2\x82[\x80-\x89]|\xF0\x9F\x84[\x80-\xBF]|\xF0\x9F\x85[\x80-\xBF]"
)

#: What the folded view undoes (see ``fold.py``) in a text that is all ASCII.
ASCII_EVASION = r"[0-9][OolI|]{1,4}[0-9]|[0-9A-Z][ \t]*\r?\n[ \t]*[0-9]{2}"

#: What it undoes besides: a database of its own, which an ASCII text need not pass.
FOREIGN_EVASION = "|".join(
    (
        rf"[0-9A-Za-z](?:{_INVISIBLE}|{_MARK})+[0-9A-Za-z@._+/\-]",
        rf"[0-9] ?(?:{_SPACE_OR_DASH}|{_PICTURE}|{_INVISIBLE}|{_MARK})+ ?[0-9]",
        rf"[0-9A-Za-z](?:{_OTHER_LETTER})",
        rf"(?:{_OTHER_LETTER})[0-9A-Za-z]",
        _OTHER_DIGIT,
    )
)

#: Marks that the shown view takes out (see ``shown.py``). Those that stand for nothing else there, so
#: that bytes can be dropped to see whether it is worth a look; and all others. Underscores count where
#: a word begins or ends, line breaks before the markers of quotes, lists and fences.
PLAIN_MARKS = b"*`"
PLAIN_MARK = r"[*`]"
OTHER_MARK = "|".join(  # noqa: FLY002  # one a line
    (
        r"\\[!-/:-@\[-`{-~\r\n]",
        r"~~",
        r"\]\(",
        r"(?:^|[^0-9A-Za-z_])_+[^ \t\r\n_]",
        r"[^ \t\r\n_]_+(?:[^0-9A-Za-z_]|$)",
        r"[\r\n][ \t]*(?:>|[\-+*][ \t\r\n]|[0-9]{1,9}[.)][ \t\r\n]|```|~~~)",
        r"[\r\n][ \t]*[\r\n][ \t]*[\r\n]",
        # The line under the head of a table, and the break between what somebody wrote and what they quote.
        r"[\r\n][ \t>:|]*-[ \t:\-]*\||[\r\n][ \t>:]*\|[ \t:|]*-",
        r"\|[ \t]*\r?\n[ \t>]*:?-",
        r"\xE2\x80\xA9",
    )
)
