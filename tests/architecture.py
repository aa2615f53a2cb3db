"""Reading the package's source for what the architecture forbids; every check returns complaints, none means well."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NETWORK = frozenset(
    {
        *("_socket", "asyncio", "ftplib", "http", "imaplib", "poplib", "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib"),
        *("webbrowser", "wsgiref", "xmlrpc", "aiohttp", "grpc", "httpx", "requests", "urllib3", "websockets"),
        *("PySide6.QtHttpServer", "PySide6.QtNetwork", "PySide6.QtNetworkAuth", "PySide6.QtWebSockets"),
        *("PySide6.QtWebEngineCore", "PySide6.QtWebEngineWidgets"),
        *("multiprocessing.connection.Client", "multiprocessing.connection.Listener", "multiprocessing.managers"),
    }
)
"""Modules that can reach another machine. ``urllib.parse`` only takes addresses apart."""

TOLD_APART = frozenset({"PySide6", "multiprocessing.connection"})
"""Libraries of whose contents some may be imported and some not."""

UNPICKLING = frozenset({"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"})
EVALUATING = frozenset({"eval", "exec", "compile", "__import__"})
EMPTY_NAMES = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "shared", "tools"})


@dataclass(frozen=True, slots=True)
class Module:
    """One source file of a package."""

    name: str
    """Dotted, such as ``inspector.formats.evtx``; a package by its own name."""
    path: Path
    tree: ast.Module

    @property
    def part(self) -> str:
        """The part of the program it belongs to: second component of the name, empty for the package itself."""
        return [*self.name.split("."), ""][1]

    @property
    def unit(self) -> str:
        """Within a part: third component of the name, empty for the part's own ``__init__``."""
        return [*self.name.split("."), "", ""][2]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, wherever in a file the import stands."""

    target: str
    line: int
    at_start: bool
    """Executed when the importing module is; not inside a function, nor for the type checker alone."""


def modules(folder: Path) -> dict[str, Module]:
    """Every module of the package in ``folder``, by name."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = [folder.name, *path.relative_to(folder).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_bytes(), str(path)))
    return found


def imports(module: Module, known: Collection[str]) -> Iterator[Import]:
    """Everything a module imports: names that are modules of ours (``known``) are told from names in modules."""
    for node, at_start in _statements(module.tree, at_start=True):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, node.lineno, at_start)
            case ast.ImportFrom():
                base = _absolute(module, node)
                inner = [f"{base}.{alias.name}" for alias in node.names]
                for target in dict.fromkeys(name if name in known or base in TOLD_APART else base for name in inner):
                    yield Import(target, node.lineno, at_start)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"), args=[ast.Constant(str(name)), *_]
            ):
                yield Import(name, node.lineno, at_start)
            case _:
                pass


def _statements(node: ast.AST, *, at_start: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        yield child, at_start
        postponed = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        yield from _statements(child, at_start=at_start and not postponed and not typing_only)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".") if module.path.name == "__init__.py" else module.name.split(".")[:-1]
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def complaint(module: Module, line: int, text: str) -> str:
    """A finding with its place."""
    return f"{module.name}:{line}: {text}"


# --- who may import whom ------------------------------------------------------------------------------------------------


def import_table(markdown: str) -> dict[str, frozenset[str]]:
    """The table of ARCHITECTURE.md: part to the words for what it may import (parts, ``nothing``, ``leaves``, ``above``, ``types``)."""
    table = {}
    for row in re.finditer(r"^\| *(`[^|]*?) *\| *([^|]*?) *\|$", markdown, re.MULTILINE):
        allowed = set(re.findall(r"`(\w+)`", row[2]))
        prose = re.sub(r"`\w+`", "", row[2])
        allowed |= {word for word in ("nothing", "leaves", "above", "types") if re.search(rf"\b{word}\b", prose)}
        for part in re.findall(r"`(\w+)`", row[1]):
            table[part] = frozenset(allowed)
    return table


def leaves(table: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Parts that import nothing of ours but one another."""
    return frozenset(part for part, allowed in table.items() if "nothing" in allowed)


def against_table(package: Mapping[str, Module], table: Mapping[str, frozenset[str]], entry: str, faces: Mapping[str, str]) -> list[str]:
    """Imports of one part by another that the table does not have, and parts that it does not name.

    ``entry`` is the module that starts a face: it alone may import it, and only when it is called for. ``faces`` name the
    parts that nobody else imports, with the words for who may.
    """
    complaints = []
    order = list(table)
    for module in package.values():
        if not module.part or module.part == "__main__":
            continue
        if module.part not in table:
            complaints.append(f"{module.name}: not in the import table of ARCHITECTURE.md")
            continue
        for found in imports(module, package):
            target = package.get(found.target)
            if target is None or target.part in {"", module.part} or target.part not in table:
                continue
            if target.part in faces:
                if not (module.part == entry and not found.at_start):
                    complaints.append(complaint(module, found.line, f"imports {target.name}, {faces[target.part]}"))
            elif not _allowed(module.part, target, table, order):
                complaints.append(complaint(module, found.line, f"imports {target.name}, which the import table does not have"))
    return complaints


def _allowed(part: str, target: Module, table: Mapping[str, frozenset[str]], order: list[str]) -> bool:
    allowed = table[part]
    if target.part in allowed:
        return True
    if target.part in leaves(table) and allowed & {"nothing", "leaves", "types", "above"}:
        return True
    if "above" in allowed and order.index(target.part) < order.index(part):
        return True
    # the types of the core: contracts (base modules) and what its functions take and give
    return "types" in allowed and (target.unit in {"", "base"} and target.part not in {"store", "ingest"})


def cycles(package: Mapping[str, Module]) -> list[str]:
    """Modules that import each other in a circle while they are loaded."""
    graph = {
        name: {found.target for found in imports(module, package) if found.at_start and found.target in package and found.target != name}
        for name, module in package.items()
    }
    found: list[str] = []
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            found.append(" -> ".join([*way[way.index(name) :], name]))
        elif name not in done:
            for target in sorted(graph[name]):
                walk(target, [*way, name])
            done.add(name)

    for name in sorted(graph):
        walk(name, [])
    return found


# --- registries ---------------------------------------------------------------------------------------------------------


def siblings(package: Mapping[str, Module], part: str, foundations: Collection[str], driver: str = "") -> list[str]:
    """Within one part, imports between its units: only foundations may be imported, and they import foundations only.

    The ``driver`` is the unit that puts the extensions to work: it may import all of them, and none imports it.
    """
    complaints = []
    for module in package.values():
        if module.part != part or module.unit in {"", driver}:
            continue
        for found in imports(module, package):
            target = package.get(found.target)
            if target is None or target.part != part or target.unit == module.unit:
                continue
            if target.unit not in foundations:
                complaints.append(complaint(module, found.line, f"imports its sibling {target.name}"))
    return complaints


def registered(registry: Module, package: Mapping[str, Module]) -> set[str]:
    """Units named by elements of the tuples in a part's ``__init__``."""
    origin: dict[str, str] = {}
    for node in ast.walk(registry.tree):
        if isinstance(node, ast.ImportFrom):
            base = _absolute(registry, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                origin[alias.asname or alias.name] = inner if inner in package else base
    units = set()
    for statement in registry.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Tuple):
            for element in statement.value.elts:
                names = {node.id for node in ast.walk(element) if isinstance(node, ast.Name)}
                units |= {package[origin[name]].unit for name in names if origin.get(name) in package}
    return units - {""}


def unregistered(package: Mapping[str, Module], part: str, foundations: Collection[str], tests: Path) -> list[str]:
    """Units of a part that are in no tuple of its ``__init__``, or that no test is for; foundations that are gone."""
    root = next(iter(package)).split(".", maxsplit=1)[0]
    units = {module.unit for module in package.values() if module.part == part} - {""}
    known = registered(package[f"{root}.{part}"], package)
    complaints = [f"{root}.{part}.{unit}: not in a tuple of {part}/__init__.py" for unit in sorted(units - known - set(foundations))]
    complaints += [f"{root}.{part}.{unit}: named as a foundation, but there is no such module" for unit in sorted(set(foundations) - units)]
    complaints += [f"{root}.{part}.{unit}: both in a tuple and a foundation" for unit in sorted(known & set(foundations))]
    tried = tested_names(tests / part)
    complaints += [
        f"{root}.{part}.{unit}: no test in tests/{part} is named after it, imports it or names it" for unit in sorted(known - tried)
    ]
    return complaints


def tested_names(folder: Path) -> set[str]:
    """Units that the test files of a part are for: by file name, by an import of theirs, or by a literal that names one."""
    names = set()
    for path in folder.rglob("*.py"):
        words = path.stem.removeprefix("test_").split("_")
        names |= {"_".join(words[:end]) for end in range(1, len(words) + 1)}
        for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
            match node:
                case ast.ImportFrom(module=str(module)):
                    names |= {*module.split("."), *(alias.name for alias in node.names)}
                case ast.Import():
                    names |= {part for alias in node.names for part in alias.name.split(".")}
                case ast.Constant(value=str(text)):
                    names.add(text)
                case _:
                    pass
    return names


# --- what no module does ------------------------------------------------------------------------------------------------


def reaches_out(package: Mapping[str, Module], exceptions: Mapping[tuple[str, str], str]) -> list[str]:
    """Imports of modules that can reach another machine; exceptions name importing and imported module, and must be in use."""
    complaints = []
    used = set()
    for module in package.values():
        for found in imports(module, package):
            if found.target == "urllib.parse" or not _within(found.target, NETWORK):
                continue
            if (module.name, found.target) in exceptions:
                used.add((module.name, found.target))
            else:
                complaints.append(complaint(module, found.line, f"imports {found.target}, which can reach another machine"))
    return complaints + [f"exception not needed any more: {pair}" for pair in exceptions if pair not in used]


def _within(name: str, parents: Collection[str]) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def qt_outside_gui(package: Mapping[str, Module]) -> list[str]:
    """Imports of Qt by any part but gui."""
    return [
        complaint(module, found.line, f"imports {found.target}; Qt stays in gui")
        for module in package.values()
        if module.part != "gui"
        for found in imports(module, package)
        if _within(found.target, ("PySide6", "shiboken6"))
    ]


def runs_data(package: Mapping[str, Module]) -> list[str]:
    """Ways to turn foreign data into running code."""
    complaints = []
    for module in package.values():
        complaints += [
            complaint(module, found.line, f"imports {found.target}, which runs what it reads")
            for found in imports(module, package)
            if _within(found.target, UNPICKLING)
        ]
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in EVALUATING:
                complaints.append(complaint(module, node.lineno, f"calls {node.func.id}"))
            if any(keyword.arg == "allow_pickle" and not _is_false(keyword.value) for keyword in node.keywords):
                complaints.append(complaint(module, node.lineno, "allows pickled data"))
    return complaints


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def prints(package: Mapping[str, Module]) -> list[str]:
    """Calls of print: the core has no terminal, and the command line writes through its console."""
    return [
        complaint(module, node.lineno, "calls print")
        for module in package.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def empty_names(package: Mapping[str, Module]) -> list[str]:
    """Modules whose name says nothing about what they are responsible for."""
    return [f"{name}: says nothing about its responsibility" for name in package if re.split(r"[._]", name)[-1] in EMPTY_NAMES]


def without_docstring(files: Iterable[Path]) -> list[str]:
    """Files that do not open with a docstring whose first line says something."""
    complaints = []
    for path in files:
        text = ast.get_docstring(ast.parse(path.read_bytes(), str(path)), clean=False)
        if text is None or len(text.splitlines()[0].split()) < 2:
            complaints.append(f"{path}: does not open with a sentence that says what it is responsible for")
    return complaints
