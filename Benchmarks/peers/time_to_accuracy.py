"""Trains the LeNet of the workloads in eager PyTorch until it classifies 90 % of the test images correctly.

The same as `swift run -c release Benchmarks --data DIR`: batches of 128, Adam with a rate of 0.001, the test accuracy
measured after every 100 steps. Prints a line for each of five seeds: seed, steps, seconds.
"""

import argparse
import gzip
import time
from pathlib import Path

import pytorch as peer  # removes this folder from the path, so it must precede torch
import torch
from torch.nn import functional as F

ACCURACY = 0.9
INTERVAL = 100


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with the four files")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads to compute with (default 1)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    training, test = load(options.data, "train"), load(options.data, "t10k")
    for seed in range(1, 6):
        result = run(seed, training, test)
        print("\t".join([str(seed), *(result or ["not reached"])]), flush=True)


def load(folder, name):
    """Images as [N, 1, 28, 28] from 0 to 1 in the faster layout, and their labels."""
    pixels = read(folder / f"{name}-images-idx3-ubyte", header=16).view(-1, 1, 28, 28)
    images = (pixels / 255).to(memory_format=peer.IMAGE_LAYOUT)
    return images, read(folder / f"{name}-labels-idx1-ubyte", header=8).long()


def read(path, header):
    raw = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    return torch.frombuffer(bytearray(raw[header:]), dtype=torch.uint8)


def run(seed, training, test):
    torch.manual_seed(seed)
    net = peer.lenet()
    optimizer = peer.adam(net.parameters())
    images, labels = training
    start = time.perf_counter()
    steps = 0
    for _ in range(20):
        for batch in torch.randperm(len(labels)).split(128)[: len(labels) // 128]:
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
            steps += 1
            if steps % INTERVAL == 0 and test_accuracy(net, *test) >= ACCURACY:
                return [str(steps), f"{time.perf_counter() - start:.2f}"]
    return None


@torch.no_grad()
def test_accuracy(net, images, labels):
    net.eval()
    right = sum((net(x).argmax(1) == y).sum().item() for x, y in zip(images.split(1000), labels.split(1000)))
    net.train()
    return right / len(labels)


if __name__ == "__main__":
    main()
