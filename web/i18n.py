"""The language of a page: which one, its words, its dates. The only door to Flask-Babel.

The words of a language are one file, ``web/translations/<language>.po``, from which templates, Python
and (as JSON, an asset) scripts take theirs. English sentences are the message ids, so English has no
file. A language is the person's preference, else the first of ``Accept-Language`` that is known, else
English.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_domain, get_locale

from core.errors import ChanceryError, SettingsError
from core.settings import Settings
from policies.complaints import SAYS, Complaint
from web.sentences import ALL, SAID, known

TRANSLATIONS: Final = Path(__file__).parent / "translations"
ENGLISH: Final = "en"

# Dates are written as in Britain: the day before the month leaves no doubt.
_FORMATS: Final = {ENGLISH: "en_GB"}
_FOR_SCRIPTS: Final = ("web/static/js/", "web/sentences.py")
_KEY: Final = "chancery.languages"
# Enough numbers to meet every plural form of every language.
_NUMBERS: Final = range(1_000)
_ROLES: Final = re.compile(r", | or ")


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, the name by which its speakers know it, where its lines begin, its words."""

    code: str
    name: str
    direction: str
    catalogue: Catalog | None

    @property
    def asset(self) -> str | None:
        """The name of the asset with the words of scripts, if there is one."""
        return f"words/{self.code}.json" if self.catalogue is not None else None

    def translations(self) -> NullTranslations:
        """Return what gettext reads, compiled in memory."""
        if self.catalogue is None:
            return NullTranslations()
        compiled = io.BytesIO()
        write_mo(compiled, self.catalogue)
        compiled.seek(0)
        return Translations(compiled)

    def for_scripts(self) -> bytes:
        """Return the words of scripts as JSON: sentences, plural forms by category, what can go wrong."""
        catalogue = self.catalogue or Catalog()
        messages = {
            _first(message.id): message.string
            for message in catalogue
            if message.id
            and _is_translated(message)
            and any(place.startswith(_FOR_SCRIPTS) for place, _ in message.locations)
        }
        plurals = _plurals(Locale.parse(self.code), self.translations())
        told = {"messages": messages, "plurals": plurals, "errors": [one for one in ALL if "{" in one]}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


class _Words(Domain):  # type: ignore[misc]
    """Words that were compiled in memory; nothing is read while a page is made."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        super().__init__()
        self._compiled = {code: each.translations() for code, each in languages.items()}

    def get_translations(self) -> NullTranslations:
        return self._compiled[language().code] if has_request_context() else NullTranslations()


def read_languages(folders: Iterable[Path] = (TRANSLATIONS,)) -> dict[str, Language]:
    """Return the languages of all ``.po`` files in ``folders``, English first; a later folder goes before.

    Raises:
        SettingsError: ``bad_language``.
    """
    found = {ENGLISH: _language(ENGLISH, None)}
    for path in (each for folder in folders for each in sorted(folder.glob("*.po"))):
        try:
            with path.open("rb") as file:
                found[path.stem] = _language(path.stem, read_po(file, locale=path.stem, abort_invalid=True))
        except (PoFileError, UnknownLocaleError, ValueError) as error:
            raise SettingsError(
                f"{path} is no catalogue of a language: {error}.", code="bad_language"
            ) from error
    return found


def folders_of(settings: Settings) -> tuple[Path, ...]:
    """Return where languages are: ours, and those of the firm, which go before."""
    own = settings.languages_folder
    return (TRANSLATIONS, Path(own)) if own else (TRANSLATIONS,)


def assets_of(languages: Mapping[str, Language]) -> dict[str, bytes]:
    """Return the words of scripts, by the name under which they are served."""
    return {each.asset: each.for_scripts() for each in languages.values() if each.asset is not None}


def install(app: Flask, languages: Mapping[str, Language], preferred: Callable[[], str]) -> None:
    """Let pages speak ``languages``; ``preferred`` says which one whoever asks has chosen, or nothing."""
    app.extensions[_KEY] = languages

    def select() -> str | None:
        chosen = preferred()
        return chosen if chosen in languages else _asked_for(languages)

    babel = Babel(app, default_locale=ENGLISH, locale_selector=select)
    babel.domain_instance = _Words(languages)
    app.jinja_env.globals.update(language=language)


def language() -> Language:
    """Return the language of this page."""
    languages: Mapping[str, Language] = current_app.extensions[_KEY]
    return languages[str(get_locale())]


def languages() -> Mapping[str, Language]:
    """Return all that can be chosen."""
    found: Mapping[str, Language] = current_app.extensions[_KEY]
    return found


def gettext(message: str, **params: Any) -> str:
    """Return a sentence in the language of the page, with ``%(names)s`` put in."""
    # Of nothing gettext would return the head of the catalogue.
    return str(get_domain().gettext(message, **params)) if message else message


def ngettext(one: str, many: str, num: int, **params: Any) -> str:
    """Return a sentence about ``%(num)s`` things in the language of the page."""
    return str(get_domain().ngettext(one, many, num, **params))


def sentence_of(error: ChanceryError) -> str:
    """Return what went wrong in the language of the page; what is not known there, as it was said."""
    return said(error.message)


def said(message: str) -> str:
    """Return a sentence that was made in English below, in the language of the page where it is known."""
    sentence, put_in = known(message)
    told = gettext(sentence)
    if not put_in:
        return told
    return told.format_map({name: _filled(name, value) for name, value in put_in.items()})


def _filled(name: str, value: str) -> str:
    """Return what stands in a place of a sentence: words of ours in the language of the page."""
    if name == "roles":
        return any_of(gettext(role) for role in _ROLES.split(value))
    return said(value) if name in SAID else value


def complained(told: Complaint | Mapping[str, Any]) -> str:
    """Return what is said against a policy in the language of the page; an error carries it as a mapping."""
    if isinstance(told, Complaint):
        told = told.as_dict()
    put_in = {name: _put_in(value) for name, value in told["params"].items()}
    return gettext(SAYS[told["code"]]).format_map(put_in)


def _put_in(value: Any) -> str:
    if isinstance(value, Mapping):
        return complained(value)
    return number(value) if isinstance(value, int) else str(value)


def noted(message: str) -> str:
    """Return an English sentence of a table, which is looked up by :func:`gettext` when it is shown."""
    return message


def number(value: int) -> str:
    """Return a number as it is written in the language of the page."""
    return format_decimal(value, locale=_formats())


def spoken(text: str | Mapping[str, str]) -> str:
    """Return a text that an author wrote once, or by language, as whoever reads the page is told it."""
    code = (language().code if has_request_context() else ENGLISH).replace("_", "-")
    return text if isinstance(text, str) else text.get(code) or text.get(code.split("-")[0]) or text[ENGLISH]


def every_of(parts: Iterable[str]) -> str:
    """Return ``a, b and c`` in the language of the page."""
    return format_list(list(parts), "standard", locale=_formats())


def any_of(parts: Iterable[str]) -> str:
    """Return ``a, b or c`` in the language of the page."""
    return format_list(list(parts), "or", locale=_formats())


def moment(at: datetime) -> str:
    """Return a time as people read it, in UTC."""
    return f"{_formatted('yMMMd', at.astimezone(UTC))}, {_formatted('Hm', at.astimezone(UTC))} UTC"


def second_of(at: datetime) -> str:
    """Return a time to the second, in UTC."""
    return f"{_formatted('yMMMd', at.astimezone(UTC))}, {_formatted('Hms', at.astimezone(UTC))} UTC"


def day_of(day: date) -> str:
    """Return a day as people read it."""
    return _formatted("yMMMd", datetime(day.year, day.month, day.day, tzinfo=UTC))


def month_of(day: date) -> str:
    """Return the month of a day as people read it."""
    return _formatted("yMMMM", datetime(day.year, day.month, day.day, tzinfo=UTC))


def _formatted(skeleton: str, at: datetime) -> str:
    return format_skeleton(skeleton, at, locale=_formats())


def _formats() -> Locale:
    code = language().code if has_request_context() else ENGLISH
    return Locale.parse(_FORMATS.get(code, code))


def _language(code: str, catalogue: Catalog | None) -> Language:
    locale = Locale.parse(code)
    return Language(code, str(locale.get_display_name()).capitalize(), locale.text_direction, catalogue)


def _asked_for(languages: Mapping[str, Language]) -> str:
    """Return the language that the browser likes best of those that are known: ``de-AT`` is German."""
    for asked, _ in request.accept_languages:
        for code in (asked.replace("-", "_"), asked.split("-")[0]):
            if code in languages:
                return code
    return ENGLISH


def _plurals(locale: Locale, words: NullTranslations) -> dict[str, int]:
    """Return which form each plural category of ``Intl.PluralRules`` takes."""
    rule = getattr(words, "plural", lambda n: int(n != 1))
    return {locale.plural_form(n): rule(n) for n in _NUMBERS}


def _is_translated(message: Message) -> bool:
    return bool(message.string and all(message.string))


def _first(told: str | tuple[str, ...] | list[str]) -> str:
    return told if isinstance(told, str) else told[0]
