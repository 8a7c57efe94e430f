"""What the peers' scripts share: their options, their clock and their output.

Every script prints one line per workload, as `swift run -c release Benchmarks` does:
name, median and minimum of one step in microseconds, separated by tabs.
"""

import argparse
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import time


def parse_options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads to compute with (default 1)")
    parser.add_argument("--filter", type=re.compile, default="", metavar="REGEX", help="only workloads matching this")
    parser.add_argument("--seconds", type=float, default=1, metavar="S", help="time spent on each (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    return parser.parse_args()


def run(workloads, options):
    """Measures the chosen ones of `workloads`: names, and functions that prepare a workload and return its step."""
    for name, prepare in workloads.items():
        if not options.filter.search(name):
            continue
        median, minimum = time_steps(prepare(), options.seconds)
        if options.json:
            print(json.dumps({"name": name, "median_us": median, "minimum_us": minimum}), flush=True)
        else:
            print(f"{name}\t{median:.2f}\t{minimum:.2f}", flush=True)


def time_steps(step, seconds):
    """Median and minimum of one step in microseconds, over at least `seconds` and three steps, after a warm-up."""
    # Python's garbage collector would interrupt some steps at random, so it is turned off, as in `timeit`.
    gc.collect()
    gc.disable()
    try:
        repeat(step, seconds / 4, at_least=2)
        durations = repeat(step, seconds, at_least=3)
    finally:
        gc.enable()
    return statistics.median(durations) / 1e3, min(durations) / 1e3


def repeat(step, seconds, at_least):
    """The duration, in nanoseconds, of each step that starts within `seconds`."""
    clock = time.perf_counter_ns
    durations = []
    end = clock() + seconds * 1e9
    while len(durations) < at_least or clock() < end:
        before = clock()
        step()
        durations.append(clock() - before)
    return durations


def startup(program):
    """A step that runs a Python program in a new process until it exits."""
    command = [sys.executable, "-c", program]
    # Not in the current folder: if that is this one, `import jax` would find the jax.py in it.
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=os.sep)
