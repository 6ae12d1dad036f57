"""Which voice speaks when none is named, and what a provider's voices are called."""

from __future__ import annotations

import re
from collections.abc import Collection

from pipecat_runner._agent import TtsConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._providers.languages import base, normal, regional

ENGLISH = "en-US"


def _words(text: str) -> list[str]:
    return text.split()


# Google's Chirp 3 HD speaks these; in other languages its plain voices do.
_CHIRP3 = frozenset(
    _words(
        "ar-XA bg-BG bn-IN cmn-CN cs-CZ da-DK de-DE el-GR en-AU en-GB en-IN en-US es-ES es-US et-EE fi-FI fr-CA fr-FR "
        "gu-IN he-IL hi-IN hr-HR hu-HU id-ID it-IT ja-JP kn-IN ko-KR lt-LT lv-LV ml-IN mr-IN nb-NO nl-BE nl-NL pa-IN "
        "pl-PL pt-BR ro-RO ru-RU sk-SK sl-SI sr-RS sv-SE sw-KE ta-IN te-IN th-TH tr-TR uk-UA ur-IN vi-VN yue-HK"
    )
)
_GOOGLE_NAMES = {"zh-CN": "cmn-CN", "zh-HK": "yue-HK", "zh-TW": "cmn-TW", "ur-PK": "ur-IN"}

_AZURE = {
    "ar-EG": "SalmaNeural",
    "ar-SA": "ZariyahNeural",
    "bg-BG": "KalinaNeural",
    "ca-ES": "JoanaNeural",
    "cs-CZ": "VlastaNeural",
    "da-DK": "ChristelNeural",
    "de-AT": "IngridNeural",
    "de-CH": "LeniNeural",
    "de-DE": "KatjaNeural",
    "el-GR": "AthinaNeural",
    "en-AU": "NatashaNeural",
    "en-CA": "ClaraNeural",
    "en-GB": "SoniaNeural",
    "en-IN": "NeerjaNeural",
    "en-US": "JennyNeural",
    "es-ES": "ElviraNeural",
    "es-MX": "DaliaNeural",
    "es-US": "PalomaNeural",
    "fi-FI": "SelmaNeural",
    "fr-CA": "SylvieNeural",
    "fr-FR": "DeniseNeural",
    "he-IL": "HilaNeural",
    "hi-IN": "SwaraNeural",
    "hr-HR": "GabrijelaNeural",
    "hu-HU": "NoemiNeural",
    "id-ID": "GadisNeural",
    "it-IT": "ElsaNeural",
    "ja-JP": "NanamiNeural",
    "ko-KR": "SunHiNeural",
    "nb-NO": "PernilleNeural",
    "nl-NL": "FennaNeural",
    "pl-PL": "AgnieszkaNeural",
    "pt-BR": "FranciscaNeural",
    "pt-PT": "RaquelNeural",
    "ro-RO": "AlinaNeural",
    "ru-RU": "SvetlanaNeural",
    "sk-SK": "ViktoriaNeural",
    "sv-SE": "SofieNeural",
    "th-TH": "PremwadeeNeural",
    "tr-TR": "EmelNeural",
    "uk-UA": "PolinaNeural",
    "vi-VN": "HoaiMyNeural",
    "zh-CN": "XiaoxiaoNeural",
    "zh-HK": "HiuMaanNeural",
    "zh-TW": "HsiaoChenNeural",
}

# The first of a language is its default. What Polly calls its voices says nothing about their language.
_POLLY = {
    language: names.split()
    for language, names in {
        "ar-AE": "Hala Zayd",
        "arb": "Zeina",
        "ca-ES": "Arlet",
        "cmn-CN": "Zhiyu",
        "cs-CZ": "Jitka",
        "cy-GB": "Gwyneth",
        "da-DK": "Sofie Naja Mads",
        "de-AT": "Hannah",
        "de-CH": "Sabrina",
        "de-DE": "Vicki Daniel Marlene Hans",
        "en-AU": "Olivia Nicole Russell",
        "en-GB": "Amy Emma Brian Arthur",
        "en-IE": "Niamh",
        "en-IN": "Kajal Aditi Raveena",
        "en-NZ": "Aria",
        "en-SG": "Jasmine",
        "en-US": "Joanna Danielle Gregory Ivy Joey Justin Kendra Kevin Kimberly Matthew Patrick Ruth Salli Stephen",
        "en-ZA": "Ayanda",
        "es-ES": "Lucia Sergio Conchita Enrique Alba Raul",
        "es-MX": "Mia Andres",
        "es-US": "Lupe Pedro Penelope Miguel",
        "fi-FI": "Suvi",
        "fr-BE": "Isabelle",
        "fr-CA": "Gabrielle Liam Chantal",
        "fr-FR": "Lea Remi Celine Mathieu",
        "is-IS": "Dora Karl",
        "it-IT": "Bianca Adriano Carla Giorgio",
        "ja-JP": "Takumi Kazuha Tomoko Mizuki",
        "ko-KR": "Seoyeon Jihye",
        "nb-NO": "Ida Liv",
        "nl-BE": "Lisa",
        "nl-NL": "Laura Lotte Ruben",
        "pl-PL": "Ola Ewa Maja Jacek Jan",
        "pt-BR": "Camila Thiago Vitoria Ricardo",
        "pt-PT": "Ines Cristiano",
        "ro-RO": "Carmen",
        "ru-RU": "Tatyana Maxim",
        "sv-SE": "Elin Astrid",
        "tr-TR": "Burcu Filiz",
        "yue-CN": "Hiujin",
    }.items()
}
_POLLY_LANGUAGES = {name: language for language, names in _POLLY.items() for name in names}
_POLLY_NAMES = {"ar-SA": "ar-AE", "zh-CN": "cmn-CN", "zh-HK": "yue-CN", "hi-IN": "en-IN"}
# These were never made anew for the neural engine.
_POLLY_STANDARD = frozenset(
    _words(
        "Zeina Gwyneth Naja Mads Marlene Hans Nicole Russell Aditi Raveena Conchita Enrique Penelope Miguel Chantal "
        "Celine Mathieu Dora Karl Carla Giorgio Mizuki Liv Lotte Ruben Ewa Maja Jacek Jan Ricardo Cristiano Carmen "
        "Tatyana Maxim Astrid Filiz"
    )
)

_AURA = {
    "de": "aura-2-aurelia-de",
    "en": "aura-2-thalia-en",
    "es": "aura-2-celeste-es",
    "fr": "aura-2-agathe-fr",
    "it": "aura-2-demetra-it",
    "ja": "aura-2-ama-ja",
    "nl": "aura-2-beatrix-nl",
}

_CARTESIA = "71a7ad14-091c-4e8e-a314-022ece01c121"
_ELEVENLABS = "EXAVITQu4vr4xnSDxMaL"
_OPENAI = _words("alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse")

_PATTERNS = {
    "cartesia": ("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "the voice's UUID", _CARTESIA),
    "elevenlabs": ("[A-Za-z0-9]{16,40}", "the voice's id, not its name", _ELEVENLABS),
    "google": ("[a-z]{2,3}-[A-Z]{2}-[A-Za-z0-9-]+", "a name that begins with its language", "en-US-Chirp3-HD-Charon"),
    "openai": ("|".join(_OPENAI), f"one of {', '.join(_OPENAI)}", "alloy"),
    "deepgram": ("aura(-2)?-[a-z]+-[a-z]{2}", "a voice of Aura, which ends with its language", _AURA["en"]),
    "azure": (
        "[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}(-[a-z]+)?-[A-Za-z0-9:.-]+",
        "a name that begins with its language",
        "en-US-JennyNeural",
    ),
    "aws": ("[A-Z][a-z]+", "the voice's first name, without accents", "Joanna"),
}


def check_voice(config: TtsConfig, where: str) -> None:
    """Refuse a voice that cannot be one of the provider's, and a language in which nothing is known to speak.

    Raises:
        BadConfiguration: With an example.
    """
    if config.voice is not None:
        pattern, meaning, example = _PATTERNS[config.type]
        if not re.fullmatch(pattern, config.voice):
            raise BadConfiguration(
                f"{where}.voice: {config.voice!r} is not a voice of {config.type}; it must be {meaning}: {example}"
            )
    choose_voice(config, where)


def choose_voice(config: TtsConfig, where: str) -> tuple[str, str]:
    """The voice that speaks and its language, both as the provider calls them.

    Where a voice's name holds its language, that is the language, whatever else is configured: the provider would
    refuse another.

    Raises:
        BadConfiguration: No voice is known for the language, or no language for the voice.
    """
    asked = normal(config.language, f"{where}.language") if config.language else None
    if config.type == "google":
        return _google(config.voice, asked)
    if config.type == "azure":
        return _azure(config.voice, asked)
    if config.type == "aws":
        return _polly(config.voice, asked, where)
    if config.type == "deepgram":
        return _deepgram(config.voice, asked, where)
    default = {"cartesia": _CARTESIA, "elevenlabs": _ELEVENLABS, "openai": "alloy"}[config.type]
    language = base(asked or ENGLISH)
    return config.voice or default, "no" if language == "nb" else language


def check_elevenlabs(config: TtsConfig, where: str) -> None:
    """Refuse a language the model does not speak; pipecat would leave it out, and the model would guess.

    Raises:
        BadConfiguration: With the languages it speaks.
    """
    if config.language is None:
        return
    from pipecat.services.elevenlabs.tts_base import ELEVENLABS_MODEL_LANGUAGES

    _, language = choose_voice(config, where)
    spoken = ELEVENLABS_MODEL_LANGUAGES.get(config.model or "")
    if spoken is not None and language not in spoken:
        others = [model for model, languages in ELEVENLABS_MODEL_LANGUAGES.items() if language in languages]
        hint = f"{', '.join(others)} do" if others else f"it speaks: {', '.join(sorted(spoken))}"
        raise BadConfiguration(f"{where}.language: {config.model} does not speak {language}; {hint}")


def check_piper(config: TtsConfig, where: str) -> None:
    """Refuse a language that the voice of this machine does not speak.

    Raises:
        BadConfiguration: Another voice would have to be named.
    """
    asked = normal(config.language, f"{where}.language") if config.language else ENGLISH
    if config.voice is None and base(asked) != base(ENGLISH):
        raise BadConfiguration(
            f"{where}.voice: piper's own voice speaks en only, not {asked}; name the .onnx file of a voice that does"
        )


def is_polly_standard(voice: str) -> bool:
    """Whether a voice of Polly exists for the standard engine only."""
    return voice in _POLLY_STANDARD


def is_streamed_by_google(voice: str) -> bool:
    """Whether Google speaks with a voice while it is still making the sentence."""
    return "Chirp3-HD" in voice or "Chirp-HD" in voice


def _near(language: str, known: Collection[str]) -> str | None:
    """The same language of another region: who speaks de-LU understands the voice of de-DE."""
    spoken_most = regional(base(language))
    if spoken_most in known:
        return spoken_most
    return next((other for other in sorted(known) if base(other) == base(language)), None)


def _google(voice: str | None, asked: str | None) -> tuple[str, str]:
    if voice is not None:
        language, region, *_ = voice.split("-")
        return voice, f"{language}-{region}"
    language = regional(asked or ENGLISH)
    language = "ar-XA" if base(language) == "ar" else _GOOGLE_NAMES.get(language, language)
    if language not in _CHIRP3:
        language = _near(language, _CHIRP3) or language
    name = "Chirp3-HD-Charon" if language in _CHIRP3 else "Standard-A"
    return f"{language}-{name}", language


def _azure(voice: str | None, asked: str | None) -> tuple[str, str]:
    language = regional(asked or ENGLISH)
    if voice is not None:
        of_voice = voice.rsplit("-", 1)[0]
        # A multilingual voice speaks what it is given; its name says where it comes from.
        return voice, language if asked and "Multilingual" in voice else of_voice
    if language in _AZURE:
        return f"{language}-{_AZURE[language]}", language
    near = _near(language, _AZURE)
    if near is not None:
        return f"{near}-{_AZURE[near]}", near
    return "en-US-JennyMultilingualNeural", language


def _polly(voice: str | None, asked: str | None, where: str) -> tuple[str, str]:
    if voice is not None:
        language = _POLLY_LANGUAGES.get(voice) or asked
        if language is None:
            raise BadConfiguration(f"{where}.language: name the language of the voice {voice}, for instance en-US")
        return voice, language
    language = regional(asked or ENGLISH)
    language = _POLLY_NAMES.get(language, language)
    if language not in _POLLY:
        near = _near(language, _POLLY)
        if near is None:
            raise BadConfiguration(
                f"{where}.language: aws has no voice for {asked}; known: {', '.join(sorted(_POLLY))}"
            )
        language = near
    return _POLLY[language][0], "hi-IN" if asked and base(asked) == "hi" else language


def _deepgram(voice: str | None, asked: str | None, where: str) -> tuple[str, str]:
    if voice is not None:
        return voice, voice.rsplit("-", 1)[1]
    language = base(asked or ENGLISH)
    if language not in _AURA:
        raise BadConfiguration(
            f"{where}.language: deepgram has no voice for {asked}; known: {', '.join(sorted(_AURA))}"
        )
    return _AURA[language], language
