"""Model servers, and what is fitted to their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from console.core.chat import Chunk, Probe, Prompt
    from console.core.score.label import Label
    from console.core.score.model import Fitted
    from console.core.serving import Loaded
    from console.core.usage import WireShape


class ModelSource(Protocol):
    """A model server behind one tier.

    Construction opens and imports nothing; the first `stream` or `probe` does.
    """

    @property
    def provider(self) -> str:
        """The provider id that prices are listed under ("anthropic", "openai", "ollama")."""

    @property
    def model(self) -> str:
        """The model as the operator named it."""

    @property
    def shape(self) -> WireShape:
        """The form its usage objects have."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """The reply, piece by piece; closing the iterator stops the server's work.

        Raises ModelFailure.
        """

    async def probe(self) -> Probe:
        """How the server is, without sending a prompt; never raises for a server's failure."""

    async def count(self, prompt: Prompt) -> int | None:
        """The prompt's tokens, counted by the server, which is sent all of it; None: it does not.

        Raises ModelFailure.
        """

    async def ready(self) -> None:
        """Open what takes long to open, so that a stream begins at once; never raises."""

    async def residence(self) -> str | None:
        """Why what is sent would leave the server's own machine, asked anew; None: it does not."""

    async def loaded(self) -> Sequence[Loaded]:
        """The models that the server has in memory; none where it does not tell. Never raises."""

    async def aclose(self) -> None:
        """Close connections."""


class ScoreFitter(Protocol):
    """Fits the router's score to labels; the same labels give the same model."""

    def fit(self, labels: Sequence[Label]) -> Fitted:
        """A model, and what fits that did not see a label say of it.

        Raises ValueError with a sentence for labels that cannot be fitted, ModuleNotFoundError
        where what it computes with is not installed.
        """
