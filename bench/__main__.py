"""Run an overview in a minute or two, on the project's own files: reading speed, then query times at 5,000 passages."""

from __future__ import annotations

import sys

from bench import latency, reading
from bench.inputs import SAMPLE_CORPUS

QUICK_SIZE = "5000"


def main() -> int:
    """Run the quick benches; the first that fails gives the exit code."""
    print("## Reading\n", flush=True)
    code = reading.main([])
    print("\n## Query times, the sample interviews many times over\n", flush=True)
    code = code or latency.main(["--corpus", str(SAMPLE_CORPUS), "--hosts", "--passages", QUICK_SIZE])
    print("\nOn real interviews, after kb-ingest fetch founders-talk, beside the usual pipelines:")
    print("make bench-quality, make bench-answers, python -m bench.latency, python -m bench.ingest")
    return code


if __name__ == "__main__":
    sys.exit(main())
