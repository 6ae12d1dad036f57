"""Languages as people write them, in the forms providers want them."""

from __future__ import annotations

import re

from pipecat_runner._errors import BadConfiguration

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?")

# The region that is meant when none is named, where it is not the language's own code in capitals.
_REGIONS = {
    "af": "ZA",
    "ar": "SA",
    "bn": "IN",
    "ca": "ES",
    "cmn": "CN",
    "cs": "CZ",
    "cy": "GB",
    "da": "DK",
    "el": "GR",
    "en": "US",
    "et": "EE",
    "fa": "IR",
    "fil": "PH",
    "gu": "IN",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "kn": "IN",
    "ko": "KR",
    "ml": "IN",
    "mr": "IN",
    "ms": "MY",
    "nb": "NO",
    "pa": "IN",
    "pt": "BR",
    "sl": "SI",
    "sr": "RS",
    "sv": "SE",
    "sw": "KE",
    "ta": "IN",
    "te": "IN",
    "uk": "UA",
    "ur": "PK",
    "vi": "VN",
    "yue": "HK",
    "zh": "CN",
}


def normal(tag: str, where: str) -> str:
    """A language tag as BCP 47 writes it: ``en_us`` becomes ``en-US``; Norwegian becomes Bokmål, which is meant.

    Args:
        tag: What was configured.
        where: The configuration's path, for the message.

    Raises:
        BadConfiguration: It is none.
    """
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        raise BadConfiguration(
            f"{where}: {tag!r} is not a language tag (BCP 47); write for instance en-US, de or pt-BR"
        )
    language, script, region = match.groups()
    language = language.lower()
    parts = ["nb" if language == "no" else language]
    if script:
        parts.append(script.title())
    if region:
        parts.append(region.upper())
    return "-".join(parts)


def base(tag: str) -> str:
    """The language without script and region: ``pt-BR`` becomes ``pt``."""
    return tag.split("-", maxsplit=1)[0]


def regional(tag: str) -> str:
    """The language with a region, the most spoken one when it names none: ``en`` becomes ``en-US``."""
    language, *rest = tag.split("-")
    region = rest[-1] if rest and len(rest[-1]) != len("Hant") else _REGIONS.get(language, language.upper())
    return f"{language}-{region}"
