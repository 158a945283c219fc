"""`import kb` offers the public face, one name at a time, and loads nothing for it beforehand."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import kb
from kb import errors

ROOT = Path(__file__).parent.parent
MODULES: dict[str, str] = kb._MODULES
ENGINES = ("torch", "chromadb", "streamlit", "sqlalchemy", "numpy", "llama_index", "sentence_transformers")


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_importing_kb_loads_no_engine_and_takes_no_time() -> None:
    code = (
        "import sys, time; started = time.process_time(); import kb; seconds = time.process_time() - started;"
        f"print(seconds < 0.3, [name for name in {ENGINES} if name in sys.modules])"
    )
    assert run_python(code) == "True []\n"


def test_a_value_of_the_public_face_loads_no_engine_either() -> None:
    code = (
        "import sys; from kb import KBError, Query, Settings; Query('why'); Settings();"
        f"print([name for name in {ENGINES} if name in sys.modules])"
    )
    assert run_python(code) == "[]\n"


def test_every_name_of_the_public_face_can_be_imported() -> None:
    assert len(kb.__all__) == len(set(kb.__all__))
    for name in kb.__all__:
        assert getattr(kb, name).__name__ == name


def test_what_is_listed_is_what_is_offered() -> None:
    assert set(kb.__all__) == set(MODULES)
    assert set(kb.__all__) <= set(dir(kb))


def test_every_error_is_on_the_public_face() -> None:
    known = {name for name, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.KBError)}
    assert known <= set(kb.__all__)


def test_a_type_checker_sees_each_name_where_it_is_imported_from() -> None:
    tree = ast.parse((ROOT / "kb" / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in imports for alias in node.names if node.module in set(MODULES.values())}
    assert seen == MODULES


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'kb' has no attribute 'Retriever'"):
        kb.Retriever  # type: ignore[attr-defined]  # noqa: B018


def test_both_packages_tell_type_checkers_that_they_are_typed() -> None:
    assert (ROOT / "kb" / "py.typed").is_file()
