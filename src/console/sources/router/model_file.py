"""A fitted model as a file: compact JSON, for its owner's eyes only, written as a whole."""

import json
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from console.core.score.features import BUCKETS, NAMES, VERSION
from console.core.score.model import Model, ReplyLength
from console.core.score.quality import Quality
from console.core.text import one_line
from console.sources.places import write_whole

FORMAT = "llmconsole router model"
FORMAT_VERSION = 1

_PAIRS = len(NAMES) * (len(NAMES) + 1) // 2
_MOST_BYTES = 4 * 1024 * 1024


class ModelFile:
    """One model's file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, model: Model) -> None:
        """Write the model; raises OSError with a sentence."""
        shown = one_line(str(self.path))
        try:
            write_whole(self.path, json.dumps(to_json(model), separators=(",", ":")) + "\n")
        except OSError as error:
            raise OSError(f"{shown} cannot be written: {error.strerror}.") from error

    def load(self) -> Model:
        """The model.

        Raises FileNotFoundError when there is none, ValueError or OSError when the file cannot be
        used; each is a sentence.
        """
        shown = one_line(str(self.path))
        try:
            with self.path.open("rb") as file:
                raw = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            raise FileNotFoundError(f"There is no model at {shown}.") from None
        except OSError as error:
            raise OSError(f"{shown} cannot be read: {error.strerror}.") from error
        try:
            kept = json.loads(raw)
        except (ValueError, RecursionError):
            raise ValueError(f"{shown} is no router model.") from None
        try:
            return from_json(kept)
        except ValueError as error:
            raise ValueError(
                f"{shown}: {error}; fit it anew with `llmconsole router fit`."
            ) from None


def to_json(model: Model) -> dict[str, Any]:
    """A model as JSON; its long lists are packed halves, which keep three digits."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "features_version": VERSION,
        "source": model.source,
        "labels": model.labels,
        "quality": asdict(model.quality),
        "prior_quality": asdict(model.prior_quality),
        "base": model.base,
        "prior": model.prior,
        "centers": list(model.centers),
        "spreads": list(model.spreads),
        "counts": list(model.counts),
        "pairs": _packed(model.pairs),
        "grams": _packed(model.grams),
        "reply": None if model.reply is None else asdict(model.reply),
        "scores": list(model.scores),
        "values": list(model.values),
    }


def from_json(kept: object) -> Model:
    """The model that JSON kept; raises ValueError that says what is wrong."""
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise ValueError("this is no router model")
    if kept.get("format_version") != FORMAT_VERSION:
        raise ValueError(
            f"its format is version {kept.get('format_version')}, not {FORMAT_VERSION}"
        )
    if kept.get("features_version") != VERSION:
        raise ValueError(
            f"it is of version {kept.get('features_version')} of the features, not {VERSION}"
        )
    try:
        reply = kept["reply"]
        model = Model(
            source="fitted" if kept["source"] == "fitted" else "prior",
            labels=int(kept["labels"]),
            quality=Quality(**kept["quality"]),
            prior_quality=Quality(**kept["prior_quality"]),
            base=_number(kept["base"]),
            prior=_number(kept["prior"]),
            centers=_numbers(kept["centers"], len(NAMES)),
            spreads=_numbers(kept["spreads"], len(NAMES)),
            counts=_numbers(kept["counts"], len(NAMES), 0),
            pairs=_unpacked(kept["pairs"], _PAIRS, 0),
            grams=_unpacked(kept["grams"], BUCKETS, 0),
            reply=None
            if reply is None
            else ReplyLength(
                base=_number(reply["base"]), weights=_numbers(reply["weights"], len(NAMES))
            ),
            scores=_numbers(kept["scores"], 101),
            values=_numbers(kept["values"], 101),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is damaged") from error
    if not all(spread > 0 for spread in model.spreads):
        raise ValueError("it is damaged")
    return model


def _packed(numbers: Sequence[float]) -> Mapping[str, Any]:
    scale = max(map(abs, numbers), default=0.0) or 1.0
    halves = struct.pack(f"<{len(numbers)}e", *(number / scale for number in numbers))
    return {"scale": scale, "halves": b64encode(halves).decode()}


def _unpacked(kept: Mapping[str, Any], *lengths: int) -> tuple[float, ...]:
    scale = _number(kept["scale"])
    try:
        halves = b64decode(kept["halves"], validate=True)
        numbers = struct.unpack(f"<{len(halves) // 2}e", halves)
    except (ValueError, struct.error) as error:
        raise ValueError("it is damaged") from error
    return _numbers([scale * number for number in numbers], *lengths)


def _numbers(kept: object, *lengths: int) -> tuple[float, ...]:
    if not isinstance(kept, list) or len(kept) not in lengths:
        raise ValueError("it is damaged")
    return tuple(map(_number, kept))


def _number(kept: object) -> float:
    if isinstance(kept, bool) or not isinstance(kept, int | float) or not isfinite(kept):
        raise ValueError("it is damaged")
    return float(kept)
