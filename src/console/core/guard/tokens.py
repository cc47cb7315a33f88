"""Tokens by the prefix that their provider gives them."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

_WORD = r"[A-Za-z0-9_\-]"
_RUN = re.compile(r"[\w\-.~+/$:=%@]{16,}")
EXAMPLE = re.compile(
    r"example|sample|dummy|placeholder|replace|redacted|your|my[_\-]|xxxx|\*\*\*|\.\.\.|…|<|\$\{|\{\{"
    r"|(.)\1{7}|0123456789|abcdefgh",
    re.IGNORECASE,
)
"""By what a value shows that it only stands for a secret."""


_FORMS = r"""
AKIA ASIA ABIA ACCA = [A-Z2-7]{16}(?![A-Za-z0-9])
AIza = @{35}
GOCSPX- = @{20,}
ya29. = @{20,}
1//0 = @{30,}
8Q~ 7Q~ = [A-Za-z0-9~._\-]{31,}
AccountKey= SharedAccessKey= = [A-Za-z0-9+/]{40,}
ghp_ gho_ ghu_ ghs_ ghr_ = [A-Za-z0-9]{20,}
github_pat_ = @{22,}
glpat- gldt- glrt- glptt- glcbt- glsoat- glft- glimt- glagent- gloas- glffct- = @{16,}
GR1348941 = @{20,}
xoxb- xoxp- xoxa- xoxo- xoxr- xoxs- xoxe- xoxe. = [A-Za-z0-9.\-]{16,}
xapp- = \d-[A-Za-z0-9\-]{10,}
hooks.slack.com/services/ = T@{6,}/B@{6,}/@{16,}
hooks.slack.com/workflows/ hooks.slack.com/triggers/ = [\w/]{20,}
discord.com/api/webhooks/ discordapp.com/api/webhooks/ = \d{15,20}/@{40,}
sk_live_ sk_test_ rk_live_ rk_test_ rk_prod_ sk_prod_ = [A-Za-z0-9]{10,}
whsec_ = [A-Za-z0-9+/]{24,}
sk-proj- sk-svcacct- sk-admin- = @{20,}
sk-ant- = @{20,}
sk-or- = @{20,}
sk-lf- = @{20,}
sk- = (?=[A-Za-z]*\d)[A-Za-z0-9]{32,}
hf_ api_org_ = [A-Za-z0-9]{30,}
npm_ = [A-Za-z0-9]{30,}
pypi- = AgE@{30,}
rubygems_ = [a-f0-9]{40,}
dckr_pat_ dckr_oat_ = @{20,}
oy2 = [a-z0-9]{43}(?![a-z0-9])
SG. = @{16,}\.@{16,}
SK AC = [0-9a-f]{32}(?![0-9A-Za-z])
key- = [0-9a-f]{32}(?![0-9A-Za-z])
xkeysib- xsmtpsib- = [a-f0-9]{32,}
shpat_ shpca_ shppa_ shpss_ = [a-fA-F0-9]{32}
dop_v1_ doo_v1_ dor_v1_ = [a-f0-9]{32,}
dapi dose dkea = [a-f0-9]{32}(?:-\d)?(?![0-9A-Za-z])
hvs. hvb. hvr. = @{20,}
glsa_ glc_ = [A-Za-z0-9+/=_]{30,}
NRAK- NRII- NRJS- NRRA- NRAL- = @{18,}
sntrys_ sntryu_ = [A-Za-z0-9+/=_\-]{40,}
pscale_tkn_ pscale_pw_ pscale_oauth_ = [\w.=\-]{30,}
PMAK- = [a-fA-F0-9]{24}
lin_api_ lin_oauth_ = [A-Za-z0-9]{30,}
ntn_ secret_ = [A-Za-z0-9]{40,}
figd_ = @{30,}
ATATT3 ATCTT3 ATBB = [A-Za-z0-9_\-=]{24,}
dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. = [\w.\-]{30,}
fo1_ fm1a_ fm1r_ fm2_ = [A-Za-z0-9_\-+/=]{30,}
sbp_ sb_secret_ = [A-Za-z0-9_]{20,}
sq0atp- sq0csp- sq0idp- = @{22,}
EAAA = @{56,}
EAACEdEose0cBA = [A-Za-z0-9]{10,}
access_token$production$ access_token$sandbox$ = [a-z0-9]{16}\$[a-f0-9]{32}
sl. = @{60,}
gsk_ = [A-Za-z0-9]{40,}
xai- = [A-Za-z0-9]{60,}
r8_ = [A-Za-z0-9]{30,}
pplx- = [A-Za-z0-9]{32,}
fw_ = [A-Za-z0-9]{20,}
nvapi- = @{50,}
lsv2_pt_ lsv2_sk_ = [a-f0-9]{32}_
pcsk_ = @{40,}
tvly- = @{20,}
tskey- = [a-z]+-@{16,}
pul- = [a-f0-9]{40}
AGE-SECRET-KEY-1 = [A-Z0-9]{40,}
aio_ = [A-Za-z0-9]{28}
LTAI = [A-Za-z0-9]{16,}(?![A-Za-z0-9])
AKID = [A-Za-z0-9]{32}(?![A-Za-z0-9])
AQVN = @{35,}
CFPAT- = @{40,}
dt0c01. dt0s16. = [A-Z0-9]{24}\.[A-Z0-9]{60,}
EZAK EZTK = [A-Za-z0-9]{54}
nfp_ = [A-Za-z0-9]{36,}
sha256~ = @{43}
pnu_ = [a-z0-9]{36}
rdme_ = [a-z0-9]{60,}
shippo_live_ shippo_test_ = [a-f0-9]{40}
pat-na1- pat-eu1- = [a-f0-9\-]{36}
CLOJARS_ = [a-z0-9]{50,}
duffel_live_ duffel_test_ = @{40,}
FLWSECK- FLWSECK_TEST- = [a-zA-Z0-9]{12,}
AKCp = [A-Za-z0-9]{60,}
ops_eyJ = [A-Za-z0-9+/]{60,}
bkua_ = [a-f0-9]{40}
CCIPAT_ = @{30,}
sgp_ = [A-Za-z0-9_]{40,}
tfp_ = [\w.=\-]{50,}
ico- = [A-Za-z0-9]{32}
HRKU- = @{36,}
fio-u- = @{60,}
atlasv1. = @{60,}
A3- = [A-Z0-9]{6}-[A-Z0-9]{6,}-[A-Z0-9]{5}-[A-Z0-9]{5}
p8e- = [a-z0-9]{32}
live_ test_ = [a-f0-9]{35}(?![a-z0-9])
cio = [A-Za-z0-9]{32}(?![A-Za-z0-9])
lip_ = @{30,}
rpa_ = [A-Z0-9]{40,}
tk-us- = @{40,}
v1.0- = [a-f0-9]{24}-[a-f0-9]{100,}
dnkey- = @{20,}
s-s4t2ud- s-s4t2af- = [a-f0-9]{64}
sm_aat_ sm_pat_ sm_sat_ = [A-Za-z0-9]{16,}
sqp_ squ_ sqa_ = [a-f0-9]{40}
API- = [A-Z0-9]{26}(?![A-Z0-9])
EAAM EAAB EAAG = [A-Za-z0-9]{60,}
pk.eyJ sk.eyJ = @{20,}\.@{20,}
webhook.office.com/webhookb2/ = [a-f0-9\-]{30,}
ZXlK = [A-Za-z0-9_\-/+]{40,}
"""
"""What tokens begin with (case matters), a provider a line, and the form of what follows; `@` is a
letter of `_WORD`."""

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        prefix: form.strip().replace("@", _WORD)
        for prefixes, _, form in (line.partition(" = ") for line in _FORMS.strip().splitlines())
        for prefix in prefixes.split()
    }
)
"""The form of what follows each prefix."""

_SHAPES = (
    (":AA", re.compile(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_\-]{32,33}(?![A-Za-z0-9_\-])")),
    ("-us", re.compile(r"(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?!\d)")),
    (".atlasv1.", re.compile(r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-]{60,}")),
    (".", re.compile(r"(?<![\w.\-])[MNO][\w\-]{23,27}\.[\w\-]{6}\.[\w\-]{27,40}(?![\w\-])")),
)
"""Tokens that have no prefix: what such a one has somewhere, and its form."""


def token(text: str, low: str) -> bool:
    """A token of a provider, other than an example's."""
    text = " ".join(_RUN.findall(text))
    for prefix, form in PREFIXES.items() if text else ():
        at = text.find(prefix)
        while at >= 0:
            after = at + len(prefix)
            found = _compiled(form).match(text, after)
            if found and (_begins(text, at) or not prefix[0].isalnum() or prefix[1] == "Q"):
                if not look_alike(found[0]):
                    return True
                after = found.end()
            at = text.find(prefix, after)
    return any(
        hint in text and any(not look_alike(each[0]) for each in form.finditer(text))
        for hint, form in _SHAPES
    )


@cache
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form)


def look_alike(value: str) -> bool:
    """Whether a value only stands for a secret: an example, a placeholder, one letter repeated."""
    return bool(EXAMPLE.search(value)) or len(set(value)) < 6


def _begins(text: str, at: int) -> bool:
    return at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_")
