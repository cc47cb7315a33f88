"""Files of prompts and of labels: JSON lines, or parquet where pyarrow is installed."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from math import inf, isnan
from pathlib import Path
from typing import Any, BinaryIO

from console.core.score.features import canonical, features
from console.core.score.label import Label, Question
from console.core.text import one_line

_PARQUET = b"PAR1"
_LONGEST_LINE = 8 * 1024 * 1024
_TEXTS = ("weak_output", "weak_answer", "weak2_answer")
_COLUMNS = frozenset(
    {"id", "prompt", "weak", "strong", "group", "strong_output", "strong_out_chars", *_TEXTS}
)


def read_questions(path: Path) -> list[Question]:
    """The prompts of a file, with the local answers where they are given.

    Raises OSError or ValueError with a sentence that names the file and the line, and
    ModuleNotFoundError for a parquet file without pyarrow.
    """
    return [_question(row, where) for row, where in _distinct(path)]


def read_labels(path: Path) -> list[Label]:
    """The labels of a file; raises as `read_questions` does."""
    labels = []
    for row, where in _distinct(path):
        question = _question(row, where)
        seen = canonical(question.prompt).encode(errors="replace")
        group = row.get("group")
        labels.append(
            Label(
                question=question,
                group=str(group) if group else sha256(seen).hexdigest(),
                features=features(question.prompt),
                weak=_quality(row, "weak", where),
                strong=_quality(row, "strong", where),
                strong_chars=_chars(row, where),
            )
        )
    if not labels:
        raise ValueError(f"{one_line(str(path))} holds no labels.")
    return labels


def _distinct(path: Path) -> Iterator[tuple[Mapping[str, Any], str]]:
    seen: set[str] = set()
    for row, where in _rows(path):
        id = row.get("id")
        if not isinstance(id, str | int) or isinstance(id, bool) or id == "":
            raise ValueError(f'{where} has no "id".')
        if str(id) in seen:
            raise ValueError(f"{where} repeats the id {one_line(str(id))}.")
        seen.add(str(id))
        yield row, where


def _rows(path: Path) -> Iterator[tuple[Mapping[str, Any], str]]:
    shown = one_line(str(path))
    try:
        with path.open("rb") as file:
            if file.read(4) != _PARQUET:
                file.seek(0)
                yield from _json_lines(file, shown)
                return
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {shown}.") from None
    except OSError as error:
        raise OSError(f"{shown} cannot be read: {error.strerror}.") from error
    yield from _parquet(path, shown)


def _json_lines(file: BinaryIO, shown: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    number = 0
    while raw := file.readline(_LONGEST_LINE + 1):
        number += 1
        where = f"{shown}, line {number},"
        if len(raw) > _LONGEST_LINE:
            raise ValueError(f"{where} is over 8 MB, longer than any prompt.")
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except (ValueError, RecursionError):
            raise ValueError(f"{where} is not JSON.") from None
        if not isinstance(row, dict):
            raise ValueError(f"{where} is no JSON object.")
        yield row, where


def _parquet(path: Path, shown: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    try:
        from pyarrow import ArrowException, parquet
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"{shown} is parquet, which needs pyarrow: pip install 'llmconsole[parquet]'."
        ) from None
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            wanted = [name for name in file.schema_arrow.names if name in _COLUMNS]
            for batch in file.iter_batches(batch_size=1024, columns=wanted):
                for row in batch.to_pylist():
                    number += 1
                    yield row, f"{shown}, row {number},"
    except ArrowException as error:
        what = one_line(str(error)).rstrip(".")
        raise ValueError(f"{shown} is damaged: {what}.") from None


def _question(row: Mapping[str, Any], where: str) -> Question:
    prompt = row.get("prompt")
    if not isinstance(prompt, str):
        raise ValueError(f'{where} has no "prompt".')
    return Question(
        id=str(row["id"]),
        prompt=prompt,
        **{name: _text(row, name, where) for name in _TEXTS},
    )


def _text(row: Mapping[str, Any], name: str, where: str) -> str | None:
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    raise ValueError(f'{where} has a "{name}" that is no text.')


def _quality(row: Mapping[str, Any], name: str, where: str) -> float:
    value = row.get(name)
    if not isinstance(value, int | float):
        raise ValueError(f'{where} has no "{name}", the quality of an answer from 0 to 1.')
    if not 0 <= value <= 1:
        raise ValueError(f'{where} has a "{name}" of {value}; a quality is from 0 to 1.')
    return float(value)


def _chars(row: Mapping[str, Any], where: str) -> float | None:
    output = row.get("strong_output")
    value = len(output) if isinstance(output, str) else row.get("strong_out_chars")
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if not isinstance(value, int | float) or not 0 <= value < inf:
        raise ValueError(f'{where} has a "strong_out_chars" that is no length.')
    return float(value)
