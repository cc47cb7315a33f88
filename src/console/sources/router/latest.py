"""The fitted score that lies in its file now."""

from pathlib import Path

from console.core.score.scorer import PRIOR, Scorer
from console.sources.settings import file_stamp


class LatestScore:
    """Reads the model anew when its file changes; the prior where there is none that can be used.

    `trouble` is the sentence that says why a file that is there is not used.
    """

    def __init__(self, path: Path) -> None:
        self.trouble: str | None = None
        self._path = path
        self._seen: object = None
        self._scorer = PRIOR

    def __call__(self) -> Scorer:
        """The present score."""
        stamp = file_stamp(self._path)
        if stamp != self._seen:
            self._seen, self._scorer, self.trouble = stamp, PRIOR, None
            if stamp is not None:
                self._scorer = self._read()
        return self._scorer

    def _read(self) -> Scorer:
        from console.sources.router.model_file import ModelFile

        try:
            model = ModelFile(self._path).load()
        except (OSError, ValueError) as error:
            self.trouble = str(error)
            return PRIOR
        name = f"{model.source} on {model.labels}: {model.quality.apgr:.6f}"
        return Scorer(name, model.score, model.scores)
