"""Which languages each recogniser understands, and what it calls them."""

from __future__ import annotations

from difflib import get_close_matches

from pipecat.transcriptions.language import Language

from pipecat_runner._errors import BadConfiguration

# From the providers' pages on languages, where pipecat has a mapping. A language without a region stands for all of
# its regions; a region that is listed is a model of its own.
WHISPER = (
    "af ar hy az be bs bg ca zh hr cs da nl en et fi fr gl de el he hi hu is id it ja kn kk ko lv lt mk ms mr mi ne no "
    "fa pl pt ro ru sr sk sl es sw sv tl ta th tr uk ur vi cy"
)
NOVA = (
    "multi ar ar-AE ar-EG ar-SA be bg bn bs ca cs da da-DK de de-CH el en en-AU en-GB en-IN en-NZ en-US es es-419 et "
    "fa fi fr fr-CA gu he hi hr hu id it ja kn ko ko-KR lt lv mk mr ms nl nl-BE no pl pt pt-BR pt-PT ro ru sk sl sr sv "
    "sv-SE ta te th th-TH tl tr uk ur vi zh zh-CN zh-HK zh-TW"
)
FLUX = "en"
FLUX_MULTI = "de en es fr hi it ja nl pt ru"
ASSEMBLYAI = "af ar ca da de en es et fa fi fr gl he hi it ja ko mr nl nn no pt ro ru sv tr ur vi yue zh zu"
ELEVENLABS = (
    "af am ar hy as ast az be bn bs bg my yue ca ceb ny hr cs da nl en et fil fi fr ff gl lg ka de el gu ha he hi hu "
    "is ig id ga it ja jv kea kn kk km ko ku ky lo lv ln lt luo lb mk ms ml mt zh mi mr mn ne nso no oc or ps fa pl pt "
    "pa ro ru sr sn sd sk sl so es sw sv ta tg te th tr uk umb ur uz vi cy wo zu"
)
GOOGLE = (
    "af am ar hy az eu bn bs bg my ca zh yue hr cs da nl en et fil fi fr gl ka de el gu he hi hu is id it ja jv kn kk "
    "km ko lo lv lt mk ms ml mr mn ne no nb fa pl pt pa ro ru sr si sk sl es su sq sw sv ta te th tr uk ur uz vi zu"
)
AZURE = (
    "af am ar as az bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja jv ka kk "
    "km kn ko lo lt lv mk ml mn mr ms mt my nb no ne nl or pa pl ps pt ro ru si sk sl so sq sr su sv sw ta te th tr uk "
    "ur uz vi wuu yue zh zu"
)

_LANGUAGES = {language.value.casefold(): language for language in Language}


def provider_code(tag: str | None, known: str, title: str, where: str) -> str | None:
    """The tag a provider wants: its own regional model if it has that, else the language.

    Args:
        tag: BCP 47, in any case: ``en``, ``en-US``, ``pt_BR``.
        known: The provider's codes.
        title: The provider, for the message.
        where: The configuration's path, for the message.

    Raises:
        BadConfiguration: The provider does not understand it.
    """
    if tag is None:
        return None
    wanted = tag.replace("_", "-").casefold()
    codes = {code.casefold(): code for code in known.split()}
    found = codes.get(wanted) or codes.get(wanted.split("-")[0])
    if found is None:
        nearest = get_close_matches(wanted, codes, n=3, cutoff=0.4)
        names = ", ".join(codes[code] for code in nearest) or ", ".join(list(codes.values())[:12]) + ", …"
        raise BadConfiguration(f"{where}.language: {title} does not understand {tag!r}; it has {names}")
    return found


def base_language(tag: str | None, known: str, title: str, where: str) -> Language | None:
    """The same, for a service whose pipecat class makes the provider's code of the language without its region.

    Raises:
        BadConfiguration: The provider does not understand it.
    """
    code = provider_code(tag, known, title, where)
    return None if code is None else Language(code)


def pipecat_language(tag: str | None, known: str, title: str, where: str) -> Language | None:
    """The same, for a service whose pipecat class makes the provider's code of it, regions included.

    Raises:
        BadConfiguration: The provider does not understand it.
    """
    code = provider_code(tag, known, title, where)
    if tag is None or code is None:
        return None
    return _LANGUAGES.get(tag.replace("_", "-").casefold()) or Language(code)
