"""A set of prompts in a file, and the results that are kept of it while it runs."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from console.core.answers import Kind
from console.core.comparison import Answered, Compared, Task
from console.core.text import one_line
from console.core.tier import Tier
from console.core.verdict import hash_of
from console.sources.places import append, write_whole

_MOST_BYTES = 64 * 1024 * 1024


def read_tasks(path: Path) -> list[Task]:
    """The tasks of a file of JSON lines: `prompt`, and perhaps `id`, `expected`, `grade`.

    Raises ValueError with a sentence that names the line.
    """
    tasks: dict[str, Task] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        task = _task(_object(line, where), where, str(number))
        if task.id in tasks:
            raise ValueError(f"{where}: the id {one_line(task.id)} is there twice.")
        tasks[task.id] = task
    if not tasks:
        raise ValueError(f"{path} has no prompts; each line is one JSON object with a prompt.")
    return list(tasks.values())


class ResultLog:
    """Results as JSON lines, one written as a whole when both tiers have answered.

    A line that a crash cut short is dropped at the next start; its task is asked again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, tasks: Iterable[Task], models: Mapping[Tier, str]) -> dict[str, Compared]:
        """The whole results of these tasks from these models, by id; later lines win.

        Raises ValueError when the file is not a results file, OSError when it cannot be read.
        """
        if not self.path.exists():
            return {}
        wanted = {(task.id, hash_of(task.prompt)): task for task in tasks}
        found: dict[str, Compared] = {}
        lines = _lines(self.path)
        for number, line in enumerate(lines, 1):
            try:
                kept = _object(line, f"{self.path}, line {number}")
                task = wanted.get((str(kept["id"]), str(kept["prompt_hash"])))
                asked, answers = kept["asked"], _answers(kept["answers"])
            except (ValueError, KeyError, TypeError):
                if number == len(lines):
                    self._drop_last(lines)
                    break
                raise ValueError(
                    f"{self.path}, line {number} is no result of a comparison; name another file "
                    "with --results."
                ) from None
            if task and asked == {str(tier): model for tier, model in models.items()}:
                found[task.id] = Compared(task=task, answers=answers)
        return {id: result for id, result in found.items() if result.whole}

    def add(self, result: Compared, models: Mapping[Tier, str]) -> None:
        """Keep a result, on the disk before it returns; raises OSError."""
        line = {
            "id": result.task.id,
            "prompt_hash": hash_of(result.task.prompt),
            "asked": {str(tier): model for tier, model in models.items()},
            "answers": {str(tier): asdict(answer) for tier, answer in result.answers.items()},
        }
        append(self.path, json.dumps(line, ensure_ascii=False) + "\n")
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _drop_last(self, lines: list[str]) -> None:
        write_whole(self.path, "".join(f"{line}\n" for line in lines[:-1]))


def write_labels(path: Path, results: Iterable[Compared]) -> int:
    """Write the graded results as labels for the router's fit, one JSON line each; how many."""
    lines = []
    for result in results:
        if (grades := result.grades) is not None:
            label = {
                "id": result.task.id,
                "prompt": result.task.prompt,
                "weak": float(grades[Tier.LOCAL]),
                "strong": float(grades[Tier.API]),
                "weak_output": result.answers[Tier.LOCAL].reply,
            }
            lines.append(json.dumps(label, ensure_ascii=False) + "\n")
    write_whole(path, "".join(lines))
    return len(lines)


def _lines(path: Path) -> list[str]:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{path} is over 64 MiB, the most that is read.")
    try:
        return content.decode().removesuffix("\n").split("\n") if content else []
    except UnicodeDecodeError:
        # What a crash cut short may end in the middle of a character.
        whole, newline, _ = content.rpartition(b"\n")
        try:
            return [
                *(whole + newline).decode().removesuffix("\n").split("\n"),
                "\N{REPLACEMENT CHARACTER}",
            ]
        except UnicodeDecodeError:
            raise ValueError(f"{path} is not text in UTF-8.") from None


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where} is no JSON: {one_line(str(error))}.") from None
    if not isinstance(value, dict):
        raise ValueError(f"{where} is no JSON object.")
    return value


def _task(value: Mapping[str, Any], where: str, id: str) -> Task:
    prompt, expected = value.get("prompt"), value.get("expected", value.get("answer"))
    if not isinstance(prompt, str) or not prompt.strip():
        raise ValueError(f'{where} has no "prompt" with text.')
    if isinstance(expected, bool) or not isinstance(expected, str | int | float | None):
        raise ValueError(f'{where}: "expected" must be text or a number.')
    kind = value.get("grade")
    if kind is not None and kind not in list(Kind):
        raise ValueError(f'{where}: "grade" must be {", ".join(Kind)}, not {one_line(str(kind))}.')
    return Task(
        id=str(value.get("id", id)),
        prompt=prompt,
        expected=None if expected is None else str(expected),
        kind=None if kind is None else Kind(kind),
    )


_FIELDS = {each.name for each in fields(Answered)}


def _answers(kept: Mapping[str, Any]) -> dict[Tier, Answered]:
    return {
        tier: Answered(**{k: v for k, v in kept[str(tier)].items() if k in _FIELDS})
        for tier in Tier
    }
