"""Archives: the same bytes for the same content, which Python and unzip both read."""

from __future__ import annotations

import marshal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.aws.package import build
from adapters.packaging.archive import (
    cached_name,
    compile_file,
    squeeze,
    strip_sections,
    write_zip,
)
from tests.builders.packages import ROOT, local_contents

NAMES = st.text("abcdef/._é", min_size=1, max_size=20).filter(lambda name: not name.startswith("/"))


@given(files=st.dictionaries(NAMES, st.binary(max_size=300), max_size=6))
def test_an_archive_gives_back_every_file(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    path = tmp_path_factory.mktemp("zip") / "any.zip"
    write_zip(path, files)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert all(each.date_time == (1980, 1, 1, 0, 0, 0) for each in archive.infolist())
        assert all(each.external_attr >> 16 == 0o100644 for each in archive.infolist())


def test_two_builds_in_two_folders_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("realtime.tell", "reply.send"):
        contents = local_contents(name)
        first = build(tmp_path / "first", contents)
        second = build(tmp_path / "second", contents)
        assert first == second
        assert (tmp_path / "first" / first.zip).read_bytes() == (tmp_path / "second" / second.zip).read_bytes()
        with zipfile.ZipFile(tmp_path / "first" / first.zip) as archive:
            assert archive.namelist() == sorted(contents.files)


def test_a_compiled_file_is_the_same_whatever_the_process_did_before() -> None:
    files = [ROOT / "shared" / name for name in ("manifest.py", "dispatch.py", "errors.py")]
    program = (
        "import sys, hashlib, pathlib\n"
        "from adapters.packaging.archive import compile_file\n"
        "done = {name: hashlib.sha256(compile_file(pathlib.Path(name).read_bytes(), 'x.py')).hexdigest()"
        " for name in sys.argv[1:]}\n"
        "print(*(done[name] for name in sorted(done)))"
    )
    told = [
        subprocess.run(
            [sys.executable, *flags, "-c", program, *map(str, order)],
            capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed},
        ).stdout
        for order, seed, flags in ((files, "1", []), (files[::-1], "2", ["-X", "importtime"]))
    ]  # fmt: skip
    assert told[0] == told[1]


def test_a_compiled_file_runs_and_calls_its_source_by_the_name_that_it_will_have() -> None:
    compiled = compile_file(b"answer = 6 * 7\n", "/var/task/shared/any.py")
    code = marshal.loads(compiled[16:])
    world: dict[str, object] = {}
    exec(code, world)
    assert (world["answer"], code.co_filename) == (42, "/var/task/shared/any.py")


def test_python_finds_the_compiled_form_where_it_is_put() -> None:
    assert cached_name("shared/errors.py") == "shared/__pycache__/errors.cpython-311.pyc"
    assert cached_name("six.py") == "__pycache__/six.cpython-311.pyc"


def test_what_is_no_shared_library_is_left_as_it_is() -> None:
    assert strip_sections(b"MZ\x90\x00 not an ELF file") == b"MZ\x90\x00 not an ELF file"


def test_a_file_is_read_and_compressed_once() -> None:
    first, second = local_contents("reply.send").files, local_contents("realtime.tell").files
    name = "shared/errors.py"
    assert first[name] is second[name]
    assert squeeze(first[name]) is squeeze(second[name])
