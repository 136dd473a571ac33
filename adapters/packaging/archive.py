"""Zip archives of the same bytes for the same content: sorted, without dates, each file compressed once a run."""

from __future__ import annotations

import ast
import hashlib
import marshal
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import BinaryIO

LEVEL = 9
TAG = "cpython-311"
UNCHECKED = struct.pack("<I", 0b01)  # PEP 552: by hash, and never looked at again
DEFLATED, UTF8, UNIX = 8, 0x800, 3 << 8
MIDNIGHT_1980 = (0, 0x21)  # the earliest time and date that a zip can tell
READABLE = 0o100644 << 16
LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
ELF64_LITTLE = b"\x7fELF\x02\x01"
END = struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True)
class Squeezed:
    """One file's content, compressed."""

    body: bytes
    crc: int
    size: int


@cache
def read_file(path: Path) -> bytes:
    """A file of the disk as it was when first asked for."""
    return path.read_bytes()


@cache
def read_code(path: Path, name: str, *, documented: bool = True) -> bytes:
    """The compiled form of a source file, whose tracebacks call it `name`."""
    return compile_file(path.read_bytes(), name, documented=documented)


@cache
def read_binary(path: Path) -> bytes:
    """A shared library without the tables that only a debugger reads."""
    return strip_sections(path.read_bytes())


def strip_sections(library: bytes) -> bytes:
    """A 64-bit little-endian ELF file up to the last byte that its program headers load; anything else as it is."""
    if library[:6] != ELF64_LITTLE:
        return library
    headers, size, count = struct.unpack_from("<Q", library, 32)[0], *struct.unpack_from("<HH", library, 54)
    starts = range(headers, headers + size * count, size)
    ends = [sum(struct.unpack_from("<Q", library, start + field)[0] for field in (8, 32)) for start in starts]
    loaded = bytearray(library[: max(ends)])
    struct.pack_into("<Q", loaded, 40, 0)  # no section headers: where, and below how many
    struct.pack_into("<HH", loaded, 60, 0, 0)
    return bytes(loaded)


def cached_name(name: str) -> str:
    """Where Python looks for the compiled form of the source file `name`."""
    folder, _, file = name.rpartition("/")
    return f"{folder}{'/' if folder else ''}__pycache__/{file.removesuffix('.py')}.{TAG}.pyc"


def compile_file(source: bytes, name: str, *, documented: bool = True) -> bytes:
    """The bytes of a .pyc: those of the source and the name alone, whatever this process did before.

    Without its docstrings a library is quicker to load and takes less memory; its assertions stay.
    """
    tree = ast.parse(source, name)
    if not documented:
        empty_docstrings(tree)
    code = compile(tree, name, "exec", dont_inherit=True, optimize=0)
    held = list(_texts(code))  # marshal marks what is referred to more than once: now every text is, always
    compiled = MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(code)
    held.clear()
    return compiled


def empty_docstrings(tree: ast.Module) -> None:
    """Leave texts that say nothing, rather than none: numpy hands its own docstrings to C, which asks for a text."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
            ):
                text.value = ""


def source_hash(source: bytes) -> bytes:
    """Eight bytes in the place of importlib's own hash, which an unchecked file is never compared with."""
    return hashlib.sha256(source).digest()[:8]


def _texts(code: CodeType) -> Iterator[object]:
    yield code.co_filename
    yield code.co_name
    yield code.co_qualname
    for group in (code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars, code.co_consts):
        yield from _parts(group)


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, CodeType):
        yield from _texts(value)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _parts(each)
    else:
        yield value


def write_zip(path: Path, files: Mapping[str, bytes]) -> str:
    """Write an archive and tell its SHA-256 in hexadecimal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        directory = b"".join([_write_file(out, name, squeeze(files[name])) for name in sorted(files)])
        start = out.tell()
        out.write(directory)
        out.write(END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), start, 0))
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


@cache
def squeeze(content: bytes) -> Squeezed:
    """Compressed once, for however many archives."""
    press = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return Squeezed(press.compress(content) + press.flush(), zlib.crc32(content), len(content))


def _write_file(out: BinaryIO, name: str, file: Squeezed) -> bytes:
    """Write a file and answer its entry in the directory at the end."""
    start, text = out.tell(), name.encode()
    about = (UTF8, DEFLATED, *MIDNIGHT_1980, file.crc, len(file.body), file.size, len(text), 0)
    out.write(LOCAL.pack(b"PK\x03\x04", 20, *about) + text + file.body)
    return CENTRAL.pack(b"PK\x01\x02", UNIX | 20, 20, *about, 0, 0, 0, READABLE, start) + text
