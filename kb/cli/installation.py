"""Check the installation: nobody else's package may go by the name of one of ours."""

from __future__ import annotations

from importlib.metadata import packages_distributions

DISTRIBUTION = "fusion-kb"
PACKAGES = ("kb", "ingest")


def find_name_clashes() -> list[str]:
    """What else installed packages named as ours come from, a line each. Takes half a second: reads every record.

    pip lets two distributions write into one folder without a word, and cannot be made to refuse.
    """
    owners = packages_distributions()
    others = {name: sorted(set(owners.get(name, ())) - {DISTRIBUTION}) for name in PACKAGES}
    return [
        f"the package {name} is installed by {' and '.join(others[name])} too, and one overwrites the other;"
        f" install {DISTRIBUTION} into a virtual environment of its own"
        for name in PACKAGES
        if others[name]
    ]
