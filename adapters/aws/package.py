"""One zip a function for Lambda, with what that function can reach and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from sysconfig import get_path

from adapters.aws.botocore_data import DATA, Needs, find_needs, trim
from adapters.aws.settings import PACKED_COMPANY
from adapters.packaging.archive import cached_name, read_binary, read_code, read_file, write_zip
from adapters.packaging.closure import Choice, Closure, find_closure, find_module, read_choice
from adapters.packaging.data_files import find_data
from adapters.packaging.distributions import Distribution, find_distributions
from adapters.packaging.wheels import install_wheels, installed_versions
from shared.company.company import Company
from shared.manifest import FUNCTIONS, Function

PLATFORM = "aarch64-manylinux2014"  # arm64 on Amazon Linux 2: glibc 2.26
UNPACKED = "/var/task"  # where Lambda puts it; tracebacks say so
ENTRY = "adapters.aws.entry"
COMPANY = "shared.company.company"
# These hand out by name: what they import under a port, a part or a trigger comes only where that is taken.
HANDS_OUT = frozenset({"adapters.aws.triggers", "adapters.aws.provider", "shared.dispatch"})
MANIFEST = "manifest.json"
MB = 1 << 20
BUDGET = 20 * MB
# Parts of distributions that nothing of ours reaches, by far the largest ones.
POWERTOOLS = "aws_lambda_powertools"
UNUSED_UTILITIES = (
    "auth_alpha", "batch", "circuit_breaker", "data_masking", "feature_flags", "idempotency", "kafka", "metadata",
    "parameters", "parser", "streaming", "validation",
)  # fmt: skip
UNUSED_NUMPY = ("distutils", "doc", "f2py", "fft", "ma", "polynomial", "random", "testing")
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "aws-lambda-powertools": (
        "*/swagger_ui/*",
        *(f"{POWERTOOLS}/utilities/{name}/*" for name in UNUSED_UTILITIES),
    ),
    "botocore": (f"{DATA}/*",),  # botocore_data brings back what is needed
    "cffi": ("cffi/*",),  # cryptography needs the compiled half alone
    "numpy": ("numpy/_core/*_tests.*", "numpy/_core/_simd.*", *(f"numpy/{name}/*" for name in UNUSED_NUMPY)),
    "phonenumbers": (
        "phonenumbers/shortdata/region_*",
        *(f"phonenumbers/{name}/*" for name in ("carrierdata", "geodata", "tzdata")),
    ),
    "pycparser": ("*",),  # cffi reads C declarations with it, which was done when cryptography was built
    "pydantic": ("pydantic/v1/*", "pydantic/mypy.py"),
    "python-dateutil": ("*.tar.gz",),
    "python-stdnum": ("stdnum/cn/*", *(f"stdnum/{name}.dat" for name in ("oui", "imsi", "cfi", "gs1_ai", "isbn"))),
}
# Left out where nothing imports the second: what only the API needs.
LEFT_OUT_WITHOUT = {
    f"{POWERTOOLS}/{name}/*": f"{POWERTOOLS}.event_handler" for name in ("event_handler", "utilities/data_classes")
}
# They do nothing but write docstrings, 8 ms of every start.
EMPTIED = frozenset({"numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py"})

Files = Iterable[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Built:
    """A row of the manifest: the zip beside it, its SHA-256, sizes in bytes, each distribution's version."""

    zip: str
    sha256: str
    bytes: int
    unpacked: int
    distributions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a function's package; `closure` tells why."""

    function: Function
    closure: Closure
    distributions: tuple[Distribution, ...]
    files: Mapping[str, bytes]


def find_code(source: Path, function: Function) -> Closure:
    """The modules that a function can import, ours and others'."""
    starts = (ENTRY, *(handler.module for handler in function.handlers))
    return find_closure(source, starts, _choice(source, function))


def _choice(source: Path, function: Function) -> Choice:
    taken = {*function.ports, *function.entry_takes, *(name for each in function.handlers for name in each.takes)}
    return read_choice(source, HANDS_OUT, taken | {_answerer(function)}, map(_answerer, FUNCTIONS))


def _answerer(function: Function) -> str:
    """Who answers its trigger in adapters/aws/triggers.py."""
    return f"on_{function.trigger.partition(':')[0]}"


def install(source: Path, wheels: Path, platform: str = PLATFORM) -> Path:
    """A folder below `wheels` with everything that a function of ours imports, for Lambda's machines."""
    imported = {name for each in FUNCTIONS for name in find_code(source, each).foreign}
    names = [each.name for each in find_distributions(Path(get_path("purelib")), imported)]
    return install_wheels(wheels, names, installed_versions(), platform)


def collect(source: Path, wheels: Path, function: Function) -> Contents:
    """Everything of one package, from our sources and the distributions installed in `wheels`."""
    closure = find_code(source, function)
    found = find_distributions(wheels, closure.foreign)
    files: dict[str, bytes] = {}
    for module in closure.ours:
        path = find_module(source, module)
        if path is not None:
            files.update(_ours(path, path.relative_to(source).as_posix()))
    for path in find_data(source, closure.ours):
        files[path.relative_to(source).as_posix()] = read_file(path)
    for distribution in found:
        files.update(_theirs(distribution, closure.foreign))
        if distribution.name == "botocore":
            files.update(_botocore(wheels, find_needs(source, closure.ours)))
    return Contents(function, closure, found, files)


def check_company(folder: Path) -> Company:
    """A company's own data, read once as its functions will; raises Misconfigured naming the file and the field."""
    company = Company(folder)
    for part in ("flags", "identity", "approvals", "caps", "routing", "tiers", "phrases", "staff"):
        getattr(company, part)
    for name in company.playbook_files:
        company.playbook(name)
    return company


def add_company(contents: Contents, folder: Path) -> Contents:
    """The contents with a company's own data, where the function reads any; each file stands before the shipped one."""
    if COMPANY not in contents.closure.ours:
        return contents
    found = sorted((*folder.glob("*.toml"), *folder.glob("playbooks/*.toml")))
    own = {f"{PACKED_COMPANY}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in found}
    return replace(contents, files={**contents.files, **own})


def build(out: Path, contents: Contents) -> Built:
    """Write a function's zip into `out`."""
    zip_name = f"{contents.function.name}.zip"
    digest = write_zip(out / zip_name, contents.files)
    unpacked = sum(map(len, contents.files.values()))
    versions = {each.name: each.version for each in contents.distributions}
    return Built(zip_name, digest, (out / zip_name).stat().st_size, unpacked, versions)


def write_manifest(out: Path, built: Mapping[str, Built]) -> None:
    """What stacks and the cost model read of a build; functions that were not built now keep their rows."""
    path = out / MANIFEST
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept = {function.name: before[function.name] for function in FUNCTIONS if function.name in before}
    rows = kept | {name: asdict(each) for name, each in built.items()}
    path.write_text(json.dumps(rows, indent=2, sort_keys=True) + "\n", "utf-8")


def _ours(path: Path, name: str) -> Files:
    """Our sources go too: a traceback shows the line."""
    return (name, read_file(path)), (cached_name(name), read_code(path, f"{UNPACKED}/{name}"))


def _theirs(distribution: Distribution, imported: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Compiled alone, in the place of the source; a traceback tells the file and the number of the line."""
    out = (*LEFT_OUT.get(distribution.name, ()), *_unused(imported))
    for name in distribution.files:
        if not any(fnmatch(name, pattern) for pattern in out):
            yield _their_file(distribution.folder / name, name)


def _unused(imported: Iterable[str]) -> Iterator[str]:
    for pattern, needed in LEFT_OUT_WITHOUT.items():
        if not any(name.startswith(needed) for name in imported):
            yield pattern


def _their_file(path: Path, name: str) -> tuple[str, bytes]:
    if name in EMPTIED:
        return name, b""
    if path.suffix == ".py":
        return f"{name}c", read_code(path, f"{UNPACKED}/{name}", documented=False)
    return name, (read_binary(path) if ".so" in path.suffixes else read_file(path))


@cache
def _botocore(wheels: Path, needs: Needs) -> Mapping[str, bytes]:
    return dict(trim(wheels, needs))
