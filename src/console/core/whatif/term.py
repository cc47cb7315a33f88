"""A float that remembers how it was made, so that a figure can be explained to its inputs."""

import math
from collections.abc import Callable, Iterator


class Term(float):
    """A number with the operation and the parts it came from; a leaf is an input or a constant.

    It computes as a float does, so formulae written for floats explain themselves when their
    inputs are terms. `name` is empty for an intermediate result nobody speaks of.
    """

    __slots__ = ("name", "op", "parts", "unit")

    name: str
    op: str
    parts: tuple["Term", ...]
    unit: str

    def __new__(
        cls,
        value: float,
        *,
        name: str = "",
        unit: str = "",
        op: str = "",
        parts: tuple["Term", ...] = (),
    ) -> "Term":
        """A term of the given value; without `op` it is a leaf."""
        self = super().__new__(cls, value)
        self.name, self.unit, self.op, self.parts = name, unit, op, parts
        return self

    def __add__(self, other: float) -> "Term":
        return _chain("+", self, other)

    def __radd__(self, other: float) -> "Term":
        return _chain("+", other, self)

    def __mul__(self, other: float) -> "Term":
        return _chain("×", self, other)

    def __rmul__(self, other: float) -> "Term":
        return _chain("×", other, self)

    def __sub__(self, other: float) -> "Term":
        return _apply("−", self, other)

    def __rsub__(self, other: float) -> "Term":
        return _apply("−", other, self)

    def __truediv__(self, other: float) -> "Term":
        return _apply("÷", self, other)

    def __rtruediv__(self, other: float) -> "Term":
        return _apply("÷", other, self)

    def __neg__(self) -> "Term":
        return _apply("×", -1.0, self)

    @property
    def is_input(self) -> bool:
        """Whether this is a named leaf: an input of the model."""
        return not self.op and bool(self.name)

    def evaluate(self) -> float:
        """The value recomputed from the leaves alone."""
        if not self.op:
            return float(self)
        return _OPERATIONS[self.op]([part.evaluate() for part in self.parts])

    def inputs(self) -> Iterator["Term"]:
        """The named leaves below this term, each name once, in order of appearance."""
        seen: set[str] = set()
        stack = [self]
        while stack:
            term = stack.pop()
            if term.is_input and term.name not in seen:
                seen.add(term.name)
                yield term
            stack.extend(reversed(term.parts))

    def find(self, name: str) -> "Term | None":
        """The first term of that name at or below this one."""
        stack = [self]
        while stack:
            term = stack.pop()
            if term.name == name:
                return term
            stack.extend(reversed(term.parts))
        return None


def named(value: float, name: str, unit: str = "") -> float:
    """`value` under a name of its own; a plain float passes unchanged."""
    if not isinstance(value, Term):
        return value
    if not value.op:
        return Term(float(value), name=name, unit=unit, op="=", parts=(value,))
    return Term(float(value), name=name, unit=unit, op=value.op, parts=value.parts)


def largest(one: float, other: float) -> float:
    """The larger of two numbers, traced when one of them is a term."""
    if isinstance(one, Term) or isinstance(other, Term):
        return _apply("max", one, other)
    return max(one, other)


def rounded_up(value: float) -> float:
    """The next whole number; one part in 1e9 above a whole number still counts as it."""
    return _apply("ceil", value) if isinstance(value, Term) else _ceil(value)


def rounded(value: float, places: int) -> float:
    """Python's `round`, traced when the value is a term."""
    return _traced("round", (value, places))


def power(base: float, exponent: float) -> float:
    """`base` to the power of `exponent`, traced when one of them is a term."""
    return _traced("^", (base, exponent))


def _ceil(value: float) -> float:
    if not math.isfinite(value):
        return value
    # A load of exactly three replicas must not become four by the last bit of a division.
    return float(math.ceil(value - 1e-9 * abs(value)))


def _product(values: list[float]) -> float:
    result = values[0]
    for value in values[1:]:
        result *= value
    return result


def _sum(values: list[float]) -> float:
    # Left to right like the operators, which sum() is not from Python 3.12 on.
    result = values[0]
    for value in values[1:]:
        result += value
    return result


_OPERATIONS: dict[str, Callable[[list[float]], float]] = {
    "=": lambda parts: parts[0],
    "+": _sum,
    "×": _product,
    "−": lambda parts: parts[0] - parts[1],
    "÷": lambda parts: parts[0] / parts[1],
    "^": lambda parts: parts[0] ** parts[1],
    "max": max,
    "ceil": lambda parts: _ceil(parts[0]),
    "round": lambda parts: round(parts[0], int(parts[1])),
}


def _leaf(value: float) -> Term:
    return value if isinstance(value, Term) else Term(value)


def _apply(op: str, *values: float) -> Term:
    parts = tuple(_leaf(value) for value in values)
    return Term(_OPERATIONS[op]([float(part) for part in parts]), op=op, parts=parts)


def _chain(op: str, left: float, right: float) -> Term:
    """A sum or product as one flat list while nobody named its first part."""
    if isinstance(left, Term) and left.op == op and not left.name:
        value = float(left) + float(right) if op == "+" else float(left) * float(right)
        return Term(value, op=op, parts=(*left.parts, _leaf(right)))
    return _apply(op, left, right)


def _traced(op: str, values: tuple[float, ...]) -> float:
    for value in values:
        if isinstance(value, Term):
            return _apply(op, *values)
    return _OPERATIONS[op](list(values))
