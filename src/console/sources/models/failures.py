"""A model server's failures as sentences: what happened, where, and what to do."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from console.core.chat import FailureKind, ModelFailure
from console.core.settings import TierSettings
from console.core.text import one_line
from console.core.tier import Tier
from console.sources.models import addresses
from console.sources.models.complaints import Complaint, kind_of, read_complaint, retry_after_s
from console.sources.models.foreign import Foreign
from console.sources.models.trust import unreadable

_UNDERSTOOD = {400, 402, 422}
"""Statuses of a server that knows what it was asked, and may say in words why it will not do it."""

_IN_WORDS = {
    "certificate has expired": "its certificate has expired",
    "certificate is not yet valid": "its certificate is not valid yet",
    "self-signed certificate": "nobody but itself has signed its certificate",
    "self-signed certificate in certificate chain": "its certificate's authority is not known here",
    "unable to get local issuer certificate": "its certificate's authority is not known here",
}
"""What OpenSSL says of certificates, as of the server's."""

_UNKNOWN = {
    words for words in _IN_WORDS.values() if "valid" not in words and "expired" not in words
}

_UNREACHABLE = {"ConnectError", "ProxyError", "UnsupportedProtocol", "InvalidURL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Puts one tier's failures into words.

    `speaks` names the protocol, `hints` replace the general ones; `{name}` in a hint is the
    setting of that name, and `{its_model}` the model.
    """

    settings: TierSettings
    tier: Tier | None
    foreign: Foreign
    speaks: str
    hints: Mapping[FailureKind, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The server and the model, for a sentence."""
        server = one_line(addresses.shown(self.settings.base_url))
        return f"{server} ({one_line(self.settings.model)})"

    def setting(self, name: str) -> str:
        """What the operator calls a setting of this tier."""
        return f"tiers.{self.tier}.{name}" if self.tier else f"the tier's {name}"

    def failure(
        self,
        kind: FailureKind,
        what: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
    ) -> ModelFailure:
        """`what` as a failure, with a hint, else that for its kind."""
        if retry_after:
            hint = f"Send it again in {retry_after:,.0f} s."
        elif hint is None:
            hint = self._hint(kind)
        return ModelFailure(kind, what, hint=hint, status=status, retry_after_s=retry_after)

    def unknown_model(self) -> ModelFailure:
        """The server lists its models, and this one is not among them."""
        return self.failure(FailureKind.UNKNOWN_MODEL, f"{self.where} does not have this model.")

    def cut(self) -> ModelFailure:
        """The reply ended without its end."""
        return self.failure(
            FailureKind.CUT, f"{self.where} ended the reply before it was complete."
        )

    def malformed(self) -> ModelFailure:
        """The answer is not of the protocol."""
        return self.failure(
            FailureKind.MALFORMED, f"{self.where} answered, but not as {self.speaks} does."
        )

    def late(self, *, speaking: bool) -> ModelFailure:
        """A deadline passed: for the first token, or when `speaking` for the next."""
        if speaking:
            limit, name = self.settings.idle_timeout_s, "idle_timeout_s"
            what = f"{self.where} fell silent for {limit:g} s in the middle of the reply."
        else:
            limit, name = self.settings.first_token_timeout_s, "first_token_timeout_s"
            what = f"{self.where} sent no token within {limit:g} s."
        hint = f"If it only needs longer, raise {self.setting(name)}."
        return ModelFailure(FailureKind.TIMEOUT, what, hint=hint)

    def refusal(self, status: int, headers: Mapping[str, str], body: object) -> ModelFailure:
        """What an error answer means."""
        complaint = read_complaint(body)
        kind = kind_of(status, complaint)
        what = f"{self.where} {self._happened(kind, status, complaint)} ({status})"
        understood = kind is FailureKind.REFUSED and status in _UNDERSTOOD and complaint.text
        return self.failure(
            kind,
            self._quoting(what, complaint),
            status=status,
            retry_after=retry_after_s(headers),
            hint="Change what it complains of, and send it again." if understood else None,
        )

    def broken_off(self, body: object) -> ModelFailure:
        """What an error means that came inside of a stream, where no status is left to say it."""
        complaint = read_complaint(body)
        kind = kind_of(complaint.status, complaint)
        what = f"{self.where} {self._happened(kind, complaint.status, complaint)}"
        return self.failure(kind, self._quoting(what, complaint))

    def of(self, error: Exception) -> ModelFailure:
        """What an exception of a client means.

        httpx and the copy of it that the anthropic package brings name their exceptions alike;
        going by names needs neither of them imported.
        """
        if isinstance(error, ModelFailure):
            return error
        if isinstance(error, FileNotFoundError):
            return unreadable(error)
        names = {one.__name__ for one in type(error).__mro__}
        limit = f"{self.settings.connect_timeout_s:g} s"
        if "ConnectTimeout" in names:
            return self.failure(
                FailureKind.TIMEOUT, f"{self.where} took no connection within {limit}."
            )
        if isinstance(error, TimeoutError):
            return self.failure(FailureKind.TIMEOUT, f"{self.where} did not answer in {limit}.")
        if refused := _distrust(error):
            what = f"{self.where} cannot be trusted: {self.foreign(refused)}."
            address = self.setting("base_url")
            hint = (
                f"If the server is yours, name its certificate's file in the variable "
                f"SSL_CERT_FILE; else check {address}."
                if refused in _UNKNOWN
                else f"Renew the server's certificate, or set {address} to the name in it."
            )
            return self.failure(FailureKind.UNTRUSTED, what, hint=f"Nothing was sent. {hint}")
        if names & _UNREACHABLE or isinstance(error, ConnectionError):
            reason = self.foreign(_reason(error))
            return self.failure(
                FailureKind.UNREACHABLE,
                f"No connection to {self.where}{f': {reason}' if reason else ''}.",
            )
        if "TransportError" in names:
            return self.failure(
                FailureKind.CUT, f"{self.where} broke the connection off before the reply's end."
            )
        # Whatever else a client raises, it met something in the answer that it did not expect.
        return self.malformed()

    def _quoting(self, what: str, complaint: Complaint) -> str:
        said = self.foreign(complaint.text)
        return f"{what}: {said}." if said else f"{what}."

    def _happened(self, kind: FailureKind, status: int, complaint: Complaint) -> str:
        prompt, context = complaint.prompt_tokens, complaint.context_tokens
        match kind:
            case FailureKind.UNAUTHORISED if status == 403:
                return "does not allow this"
            case FailureKind.UNAUTHORISED:
                return "does not accept the key" if self.foreign.key else "asks for a key"
            case FailureKind.UNKNOWN_MODEL:
                return "does not have this model"
            case FailureKind.CONTEXT_TOO_LONG if prompt is not None and context is not None:
                return f"has a context of {context:,} tokens, and the prompt has {prompt:,}"
            case FailureKind.CONTEXT_TOO_LONG:
                return "cannot take so long a prompt"
            case FailureKind.RATE_LIMITED:
                return "is limiting requests"
            case FailureKind.OVERLOADED:
                return "is busy"
            case FailureKind.TIMEOUT:
                return "gave up waiting"
            case FailureKind.REFUSED if 300 <= status < 400:
                return "redirects elsewhere, which is not followed"
            case FailureKind.REFUSED if status == 404:
                return "has no such address"
            case FailureKind.REFUSED:
                return "refused the request"
        return "failed"

    def _hint(self, kind: FailureKind) -> str:
        names = {name: self.setting(name) for name in TierSettings.__dataclass_fields__}
        own = self.hints.get(kind)
        if own is not None:
            return own.format(its_model=one_line(self.settings.model), **names)
        match kind:
            case FailureKind.UNREACHABLE if addresses.is_loopback(self.settings.base_url):
                return f"Start the server, or set {names['base_url']}."
            case FailureKind.UNREACHABLE:
                return f"Check the network, or set {names['base_url']}."
            case FailureKind.UNAUTHORISED if self.foreign.key:
                place = self.settings.key_env or self.settings.key_file or "the settings"
                return f"Check the key in {one_line(place)}."
            case FailureKind.UNAUTHORISED:
                return f"Name the variable that holds it in {names['key_env']}."
            case FailureKind.UNKNOWN_MODEL:
                return f"Set {names['model']} to one that it has."
            case FailureKind.CONTEXT_TOO_LONG:
                return "Send less context."
            case FailureKind.RATE_LIMITED | FailureKind.OVERLOADED:
                return "Wait a little and send it again."
            case FailureKind.CUT:
                return "Send it again."
            case FailureKind.MALFORMED | FailureKind.REFUSED:
                return f"Check {names['kind']} and {names['base_url']}."
            case FailureKind.TIMEOUT:
                return f"Check the server and {names['base_url']}."
            case FailureKind.SERVER if addresses.is_loopback(self.settings.base_url):
                return "See the server's log, or send it again."
            case FailureKind.SERVER:
                return "The fault is the server's: wait a little and send it again."
        return ""


def _distrust(error: BaseException) -> str:
    """Why the server's certificate was refused, in OpenSSL's words; empty when it was not."""
    said = (getattr(one, "verify_message", "") for one in _causes(error))
    words = next(filter(None, said), "").rstrip(".")
    return _IN_WORDS.get(words, words[:1].lower() + words[1:])


def _reason(error: BaseException) -> str:
    """The system's own words for a connection that did not come about."""
    for one in _causes(error):
        if isinstance(one, OSError):
            # asyncio puts its own words and the address where the system's belong.
            system = os.strerror(one.errno) if one.errno and one.errno > 0 else one.strerror
            if system:
                return system
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it came of."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
