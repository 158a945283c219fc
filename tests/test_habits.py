"""What contributors and machines run agrees: ranges and pins, the checks of make, of a commit and of a hosted run."""

import re
import tomllib

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LISTS = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
REQUIREMENTS = [one for listed in LISTS for one in map(Requirement, listed) if one.name != PROJECT["name"]]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in CONSTRAINTS)}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_what_is_declared_has_a_range_and_is_pinned_within_it(requirement: Requirement) -> None:
    assert {one.operator for one in requirement.specifier} == {">=", "<"}
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_the_pins_are_exact_and_in_order() -> None:
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in CONSTRAINTS)
    assert sorted(CONSTRAINTS, key=lambda line: line.partition("==")[0].lower()) == CONSTRAINTS


def test_the_hosted_run_takes_every_python_that_is_allowed_and_holds_no_secret() -> None:
    allowed = SpecifierSet(PROJECT["requires-python"])
    job = yaml.safe_load(WORKFLOW)["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed]
    assert [step["run"] for step in job["steps"] if step.get("run", "").startswith("make")] == [
        "make lint",
        "make test",
    ]
    assert "secrets." not in WORKFLOW


def test_a_commit_is_checked_by_what_make_lint_runs_and_downloads_nothing() -> None:
    (local,) = HOOKS
    assert local["repo"] == "local"
    hooked = [hook["entry"].removeprefix(".venv/bin/").replace(" --force-exclude", "") for hook in local["hooks"]]
    rules = re.findall(r"^\t\$\(BIN\)/(.+)", MAKEFILE.partition("\nlint: ")[2].partition("\n\n")[0], re.M)
    assert [rule.replace(" --check", "").removesuffix(" .") for rule in rules] == [
        hook.removesuffix(" .") for hook in hooked
    ]


def test_the_tests_that_decide_are_run_once() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "pytest" in line or "make" in line.split()] == ["make test"]
    assert "--last-failed" not in MAKEFILE
