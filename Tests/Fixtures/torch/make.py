"""Writes linear.pt and checkpoint.pt as PyTorch saves them: python3 make.py (PyTorch 2.13)."""
from collections import OrderedDict

import torch


def waves(*shape, dtype=torch.float32):
    count = torch.Size(shape).numel()
    return torch.arange(count).mul(0.5).sub(1).reshape(shape).to(dtype)


layer = torch.nn.Linear(3, 2)
layer.load_state_dict({"weight": waves(2, 3), "bias": waves(2)})
torch.save(layer.state_dict(), "linear.pt")

model = OrderedDict(weight=waves(3, 4).t(), tied=torch.nn.Parameter(waves(5)))
model["part"] = model["tied"].detach()[1:4]
torch.save(
    {
        "model": model,
        "epoch": 300,
        "loss": 0.25,
        "big": 2**40,
        "less": -3,
        "name": "a checkpoint",
        "flags": (True, False, None),
        "size": torch.Size([2, 3]),
        "device": torch.device("cpu"),
        "types": [
            waves(4, dtype=kind)
            for kind in [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
                         torch.int8, torch.uint8, torch.bool]
        ],
        "state": {0: {"step": torch.tensor(7.0), "empty": torch.zeros(0, 3)}, 1: {"row": waves(1).expand(4)}},
        "many": list(range(300)),
    },
    "checkpoint.pt",
)
