"""What is known of a reply while it comes, and its row when it ends."""

import json
from dataclasses import replace

from console.core import usage as usages
from console.core.chat import Delta, FailureKind, ModelFailure, Reported, Thinking
from console.core.entry import Ending, Entry
from console.core.routing.capability import CHARS_PER_TOKEN
from console.core.usage import Usage, UsageSource, WireShape
from console.services.ports import Clock


class Reply:
    """What is known of a reply so far."""

    def __init__(self, entry: Entry, shape: WireShape, clock: Clock) -> None:
        self.entry = entry
        """The row as it was opened, with what the server said of itself since."""
        self._shape = shape
        self._clock = clock
        self._began = clock.monotonic()
        self._ttft_ms: int | None = None
        self._chars = 0
        self._bytes = 0
        self._raw: dict[str, object] = {}
        self._final = False
        self.stop_reason: str | None = None
        """Why the model stopped, in the protocol's word."""

    def take(self, chunk: Delta | Thinking | Reported) -> None:
        """Count a piece of the reply in."""
        if isinstance(chunk, Reported):
            if chunk.usage is not None:
                self._raw = usages.merge(self._raw, chunk.usage)
                self._final = self._final or chunk.final
            self.stop_reason = chunk.stop_reason or self.stop_reason
            self.entry = replace(
                self.entry,
                model_reported=chunk.model or self.entry.model_reported,
                model_digest=chunk.digest or self.entry.model_digest,
                response_id=chunk.response_id or self.entry.response_id,
            )
            return
        if self._ttft_ms is None:
            self._ttft_ms = round((self._clock.monotonic() - self._began) * 1000)
        self._chars += len(chunk.text)
        self._bytes += len(chunk.text.encode(errors="replace"))

    @property
    def circumstances(self) -> frozenset[str]:
        """What the server said that changes the price."""
        return usages.circumstances(self._raw)

    def so_far(self) -> Entry:
        """The row as it stands, still in flight."""
        usage, source = self._usage(None)
        return replace(
            self.entry,
            ttft_ms=self._ttft_ms,
            usage=usage,
            usage_source=source,
            reply_chars=self._chars,
        )

    def closed(self, ending: Ending, failure: ModelFailure | None) -> Entry:
        """The row as it ends now."""
        # The start is wall time and the length monotonic, so a clock set back cannot make it
        # negative.
        length_ms = round((self._clock.monotonic() - self._began) * 1000)
        usage, source = self._usage(failure)
        return replace(
            self.entry,
            ended_ms=self.entry.started_ms + length_ms,
            ending=ending,
            error=failure.what if failure else None,
            ttft_ms=self._ttft_ms,
            usage=usage,
            usage_source=source,
            usage_raw=json.dumps(self._raw, default=str) if self._raw else None,
            reply_chars=self._chars,
            reply_bytes=self._bytes,
        )

    def _usage(self, failure: ModelFailure | None) -> tuple[Usage, UsageSource]:
        reported = usages.normalise(self._shape, self._raw) if self._raw else Usage()
        if self._final and reported.total is not None:
            return reported, UsageSource.REPORTED
        if failure and not self._chars and failure.kind not in _MAYBE_SERVED:
            # Refused before anything was served: no tokens, and that is known.
            return Usage(uncached=0, output=0), UsageSource.NONE
        written = -(-self._chars // CHARS_PER_TOKEN)
        sent = -(-self.entry.prompt_chars // CHARS_PER_TOKEN)
        estimated = replace(
            reported,
            uncached=sent if reported.uncached is None else reported.uncached,
            output=max(written, reported.output or 0),
        )
        return estimated, UsageSource.ESTIMATED


_MAYBE_SERVED = {FailureKind.TIMEOUT, FailureKind.CUT, FailureKind.MALFORMED}
