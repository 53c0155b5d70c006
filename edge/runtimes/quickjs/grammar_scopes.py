"""Which names a JavaScript scope already holds, and which second declaration njs refuses.

Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions" (const and let); the
verdicts are those of njs, which lets `{ var a; let a }` pass.
Not modelled: reading a variable before its declaration, which fails when the code runs.
"""

from __future__ import annotations

from enum import Enum, auto


class Kind(Enum):
    """How a name came into a scope."""

    VARIABLE = auto()
    PARAMETER = auto()
    FUNCTION = auto()
    LEXICAL = auto()
    CAUGHT = auto()


class Scope:
    """The names of one function, block, loop or catch clause. `parent` is the scope around it, None for the script."""

    def __init__(self, parent: Scope | None, *, is_function: bool) -> None:
        self.parent = parent
        self.is_function = is_function
        self._names: dict[str, Kind] = {}
        self._variables_here: set[str] = set()
        if parent is None:
            self._names["undefined"] = Kind.VARIABLE

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def declare_parameter(self, name: str) -> bool:
        """Add a parameter; False when the function has one of that name."""
        is_new = name not in self._names
        self._names[name] = Kind.PARAMETER
        return is_new

    def declare_caught(self, name: str) -> None:
        """Add the variable of a catch clause."""
        self._names[name] = Kind.CAUGHT

    def declare_lexical(self, name: str) -> bool:
        """Add a let, const or import; False when this scope has the name."""
        is_new = name not in self._names
        self._names[name] = Kind.LEXICAL
        return is_new

    def declare_variable(self, name: str) -> bool:
        """Add a var, which rises to the function; False when a scope on the way up has the name for something else."""
        self._variables_here.add(name)
        return self._rise(name, {Kind.LEXICAL, Kind.FUNCTION})

    def declare_function(self, name: str) -> bool:
        """Add a function declaration; False when the name is taken. A block takes no second one."""
        if self.is_function:
            is_new = self._names.get(name) is not Kind.LEXICAL
            self._names[name] = Kind.FUNCTION
            return is_new
        is_new = name not in self._names and name not in self._variables_here and self._rise(name, {Kind.LEXICAL})
        self._names[name] = Kind.FUNCTION
        return is_new

    def _rise(self, name: str, refused: set[Kind]) -> bool:
        scope = self
        while not scope.is_function:
            if scope._names.get(name) in refused:
                return False
            if scope.parent is None:
                break
            scope = scope.parent
        if scope._names.get(name) is Kind.LEXICAL:
            return False
        scope._names.setdefault(name, Kind.VARIABLE)
        return True
