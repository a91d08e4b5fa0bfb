"""Letters of other scripts that look like ASCII ones (after Unicode UTS #39, confusables).

Only single letters of Greek, Cyrillic, Armenian, Cherokee and Latin extensions: the ones that keyboards
and copy-and-paste make easy. Compatibility forms (fullwidth, mathematical, enclosed) need no table,
normalisation form KC maps them.
"""

_PAIRS = (
    # Cyrillic
    "АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX УY Ү Y ԌG ԜW Ѕ S ЗЗ ԛq ԝw аa сc еe һh іi јj оo рp ѕs хx уy ԁd ӏl ҮY ѵv ѴV гr пn тt кk вb мm "
    # Greek
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ϳj αa ιi κk νv οo ρp τt υu χx γy ϲc σo ηn "
    # Armenian
    "ՕO օo ՍU ՏS Լl հh ոn սu ցg յj զq "
    # Cherokee
    "ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎫJ ᏦK ᏞL ᎷM ᏢP ᏚS ᎢT ᏙV ᎳW ᏃZ "
    # Latin letters that normalisation keeps
    "ıi ɑa ɡg ɩi ɪI ʟL ɴN ʀR ʏY ᴀA ᴄC ᴅD ᴇE ᴊJ ᴋK ᴍM ᴏO ᴘP ᴛT ᴜU ᴠV ᴡW ᴢZ øo ØO đd ĐD łl ŁL ħh ŧt "
)  # fmt: skip

#: Translation table for ``str.translate``: each letter to the ASCII letter that it imitates.
CONFUSABLES = {
    ord(pair[0]): pair[-1]
    for pair in "".join(_PAIRS).split()
    if len(pair) == 2 and not pair[0].isascii() and pair[-1].isascii()
} | {ord("З"): "3", ord("з"): "3", ord("б"): "6", ord("Ԛ"): "Q"}

#: Letters that stand for digits where everything around them is digits.
DIGIT_LETTERS = {ord("O"): "0", ord("o"): "0", ord("l"): "1", ord("I"): "1", ord("|"): "1"}
