#!/usr/bin/env python3
"""Reads the trainer's event files with TensorBoard's own reader, and checks their contents.

    swift run -c release Fashion --epochs 2 --log runs
    python3 Tests/Interchange/read_events.py runs
"""

import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main(folder):
    events = EventAccumulator(folder)
    events.Reload()
    tags = events.Tags()
    losses = events.Scalars("epoch/loss")
    assert [loss.step for loss in losses] == list(range(1, len(losses) + 1)), losses
    assert all(loss.value > 0 for loss in losses), losses
    assert {"epoch/accuracy", "epoch/validation-loss", "batch/loss"} <= set(tags["scalars"]), tags
    assert tags["histograms"], tags
    for tag in tags["histograms"]:
        histogram = events.Histograms(tag)[-1].histogram_value
        assert sum(histogram.bucket) == histogram.num and histogram.min <= histogram.max, tag
    assert tags["graph"] and events.Graph() is not None
    print(f"TensorBoard reads {len(tags['scalars'])} curves, {len(tags['histograms'])} histograms and the graph")


main(sys.argv[1])
