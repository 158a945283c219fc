"""Compute and format figures: percentiles of seconds, Markdown tables, the machine in a line."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import quantiles
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Latency:
    """Query times of one pipeline."""

    p50: float  # milliseconds
    p95: float  # milliseconds


def measure_latency(seconds: Sequence[float]) -> Latency:
    """Compute the percentiles, as kb.retrieval.evaluation does."""
    cuts = quantiles(seconds, n=20, method="inclusive")
    return Latency(1000 * cuts[9], 1000 * cuts[18])


def take_time(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> tuple[T, float]:
    """Run the work; return its result, and the seconds it took."""
    started = time.perf_counter()
    result = work(*arguments, **options)
    return result, time.perf_counter() - started


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format a Markdown table: names aligned left, figures aligned right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def format_share(value: float | None, digits: int = 3) -> str:
    """Format a figure, usually from 0 to 1; a dash if it could not be measured."""
    return "–" if value is None or isnan(value) else f"{value:.{digits}f}"


def format_pair(even: float, odd: float) -> str:
    """Format the same measure on both halves of the questions."""
    return f"{format_share(even, 2)} / {format_share(odd, 2)}"


def describe_machine() -> str:
    """Describe processor, cores that this process may use, threads asked of the libraries, and Python."""
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_processor()}, {cores} cores, OMP threads: {threads}, Python {platform.python_version()}"


def _processor() -> str:
    """Return the processor's name: from a file on Linux, elsewhere from the platform module."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
