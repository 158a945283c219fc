"""kb lens learn: learn the lens anew from people's judgements, where that is surely better; --forget goes back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from kb.cli.terminal import complain, say, say_json, say_line
from kb.errors import BadQuestion
from kb.lens.desk import LensDesk
from kb.lens.framework import Framework
from kb.lens.learning import NOISE, Answer, Learning
from kb.lens.wording import count

WIDEST = 40  # characters of a behaviour's name


def add_arguments(lens: argparse.ArgumentParser) -> None:
    """Add the arguments to those of kb lens."""
    either = lens.add_mutually_exclusive_group()
    either.add_argument("--dry-run", action="store_true", help="of learn: measure, and change nothing")
    either.add_argument("--forget", action="store_true", help="of learn: go back to the lens as it was")


def check_arguments(options: argparse.Namespace) -> None:
    """Raise BadQuestion when arguments of learn are given to something else."""
    if (options.dry_run or options.forget) and options.action != "learn":
        raise BadQuestion("--dry-run and --forget belong to one command; run: kb lens learn")


def run_learn(desk: LensDesk, options: argparse.Namespace) -> int:
    """Exit code 1 when nothing was learnt, or there was nothing to forget."""
    if options.forget:
        return _run_forget(desk)
    was_learnt = desk.learnt.state().correction is not None
    found = desk.learn(keep=not options.dry_run)
    if options.json:
        say_json(_learning_to_json(found, desk.framework, is_used=bool(found.correction) and not options.dry_run))
        return 0 if found.correction else 1
    for line in _draw_table(found.answers, desk.framework):
        say(line)
    if found.correction is None:
        dropped = was_learnt and not options.dry_run
        complain(f"kb: not learnt. {found.reason}{'; what was learnt before is used no more' if dropped else ''}")
        return 1
    say_line(_describe_gain(found))
    used = "Lens, Ask and packs judge by it from now on; kb lens learn --forget goes back."
    say_line("Nothing was changed." if options.dry_run else used)
    return 0


def _run_forget(desk: LensDesk) -> int:
    if desk.learnt.forget():
        say_line("Forgotten: the lens judges as it did before.")
        return 0
    complain("kb: nothing had been learnt")
    return 1


def _describe_gain(found: Learning) -> str:
    learnt = f"Learnt from {count(found.judgements, 'judgement')} of people in {count(found.interviews, 'interview')}"
    gain = f"at least {100 * (found.lowest_gain or 0.0):.0f} points more in {1 - NOISE:.0%} of resamples"
    return (
        f"{learnt}. Agreement with people, confirmed and rejected counted alike: {found.before:.0%} as it is, "
        f"{found.after:.0%} learnt from other interviews; {gain}."
    )


def _draw_table(answers: Sequence[Answer], framework: Framework) -> Iterator[str]:
    """A line for each behaviour that people judged: of how many judgements the lens says the same."""
    if not answers:
        return
    yield f"{'':{WIDEST}}  tags  interviews  before  after"
    for behaviour in framework.behaviours:
        said = [one for one in answers if one.behaviour_id == behaviour.id]
        if said:
            yield _draw_row(f"{behaviour.id} {behaviour.name}", said)
    yield _draw_row("All", answers)


def _draw_row(name: str, said: Sequence[Answer]) -> str:
    before, after = sum(one.before == one.holds for one in said), sum(one.after == one.holds for one in said)
    interviews = len({one.interview_id for one in said})
    return f"{name[:WIDEST]:{WIDEST}}  {len(said):4,}  {interviews:10,}  {before:6,}  {after:5,}"


def _learning_to_json(found: Learning, framework: Framework, *, is_used: bool) -> dict[str, Any]:
    return {
        "framework": framework.name,
        "judgements": found.judgements,
        "interviews": found.interviews,
        "before": round(found.before, 4) if found.answers else None,
        "after": round(found.after, 4) if found.answers else None,
        "lowest_gain": None if found.lowest_gain is None else round(found.lowest_gain, 4),
        "better": found.correction is not None,
        "used": is_used,
        "reason": found.reason or None,
    }
