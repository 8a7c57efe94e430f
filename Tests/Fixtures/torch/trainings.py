"""Writes trainings.pt: trainings that PyTorch began, and how it went on; for OptimTests/PyTorchStateTests.swift.

    python3 trainings.py (PyTorch 2.13)

All in float64, scalars of a rule's state too, since PyTorch gives them the default type; `inFloat32` is what becomes
of a state that is loaded into float32. Muon iterates in the parameters' type instead of bfloat16.
"""

import copy
import math

import torch
from torch import nn
from torch.optim import lr_scheduler

torch.set_default_dtype(torch.float64)
torch.Tensor.bfloat16 = lambda self: self.clone()
SHAPES = [(2, 3), (3,), (2, 2)]


def numbers(shape, seed):
    """Numbers that both sides compute: sin((seed + 7 · place)²)."""
    return torch.tensor([math.sin((seed + 7 * k) ** 2) for k in range(math.prod(shape))]).reshape(shape)


def run(rule, parameters, steps):
    """Steps with gradients that are formulas. The last parameter gets its first one in step 30."""
    for step in steps:
        for place, p in enumerate(parameters):
            late = place == len(parameters) - 1 and step < 30
            p.grad = None if late else numbers(p.shape, 1 + 5 * step + 3 * place).to(p.dtype)
        rule.step()
    return [p.detach().clone() for p in parameters]


def make(name, options, second, start):
    """A rule with two groups, the second with a rate (and, if there is one, a decay) and options of its own."""
    parameters = [p.clone().requires_grad_() for p in start]
    groups = [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.03, **second}]
    if name != "Rprop":
        groups[1]["weight_decay"] = 0.2
    return parameters, getattr(torch.optim, name)(groups, **options)


def training(name, second={}, **options):
    shapes = [(2, 3), (4, 2), (2, 2)] if name == "Muon" else SHAPES
    parameters, rule = make(name, options, second, [numbers(shape, 2 + 3 * k) for k, shape in enumerate(shapes)])
    result = {"parameters": run(rule, parameters, range(25))}
    if name == "AdamW":
        rule.state[parameters[-1]]  # an empty state, as of a parameter that was only looked at
    result["optimizer"] = copy.deepcopy(rule.state_dict())
    result["later"] = run(rule, parameters, range(25, 45))
    parameters, rule = make(name, options, second, [p.float() for p in result["parameters"]])
    rule.load_state_dict(copy.deepcopy(result["optimizer"]))
    result["inFloat32"] = run(rule, parameters, range(25, 45))
    return result


def quasi_newton():
    x, y = (numbers((3,), seed).requires_grad_() for seed in (2, 5))
    rule = torch.optim.LBFGS([x, y], lr=0.5, max_iter=3, history_size=4, line_search_fn="strong_wolfe")

    def closure():
        rule.zero_grad()
        loss = (x.sin() * y.cos()).sum() + 0.1 * (x * x).sum() + 0.1 * (y * y).sum()
        loss.backward()
        return loss

    for _ in range(2):
        rule.step(closure)
    result = {"parameters": [x.detach().clone(), y.detach().clone()], "optimizer": copy.deepcopy(rule.state_dict())}
    for _ in range(2):
        rule.step(closure)
    return result | {"later": [x.detach(), y.detach()]}


TRAININGS = {
    "SGD": training("SGD", lr=0.1),
    "Momentum": training("SGD", lr=0.05, momentum=0.8, dampening=0.4),
    "Nesterov": training("SGD", lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.1),
    "Adam": training("Adam", betas=(0.8, 0.99), eps=1e-6),
    "Adam, amsgrad": training("Adam", lr=0.01, betas=(0.9, 0.5), amsgrad=True, maximize=True),
    "AdamW": training("AdamW", lr=0.01),
    "NAdam": training("NAdam", momentum_decay=0.3, decoupled_weight_decay=True),
    "RAdam": training("RAdam", betas=(0.9, 0.9)),
    "Adamax": training("Adamax"),
    "Adagrad": training("Adagrad", lr=0.1, lr_decay=0.1, initial_accumulator_value=0.3),
    "Adadelta": training("Adadelta", rho=0.8),
    "RMSprop": training("RMSprop", alpha=0.9, eps=1e-3),
    "RMSprop, all": training("RMSprop", alpha=0.9, eps=1e-3, centered=True, momentum=0.8),
    "Rprop": training("Rprop", step_sizes=(1e-3, 0.2)),
    "ASGD": training("ASGD", lambd=0.1, t0=5),
    "Adafactor": training("Adafactor", d=2.0),
    "Muon": training("Muon", lr=0.02, adjust_lr_fn="match_rms_adamw"),
    "LBFGS": quasi_newton(),
    "SGD, two": training("SGD", {"momentum": 0, "nesterov": False}, lr=0.05, momentum=0.9, nesterov=True),
    "Adam, two": training("Adam", {"betas": (0.5, 0.9), "eps": 1e-4, "amsgrad": True}, lr=0.01),
    "RMSprop, two": training("RMSprop", {"alpha": 0.8, "centered": True, "momentum": 0.5}, eps=1e-3),
}


class Net(nn.Module):
    """`gain` has the shape of `body.bias`, is declared after it, and comes before it in PyTorch's order."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 3)
        self.gain = nn.Parameter(torch.ones(3))
        self.norm = nn.BatchNorm1d(3)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        return self.head(self.norm(self.body(x).tanh() * self.gain))


def checkpoint():
    """A whole checkpoint in the usual form, with the losses of the ten steps that follow."""
    net = Net()
    for place, p in enumerate(net.parameters()):
        p.data = numbers(p.shape, 4 + 3 * place)
    plain = [p for p in net.parameters() if p.ndim < 2]
    matrices = [p for p in net.parameters() if p.ndim == 2]
    rule = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": plain}], lr=0.01, betas=(0.9, 0.95))
    scheduler = lr_scheduler.OneCycleLR(rule, max_lr=0.05, total_steps=20)
    result, losses = {}, []
    for step in range(18):
        if step == 8:
            result = copy.deepcopy({
                "model": net.state_dict(), "optimizer": rule.state_dict(), "scheduler": scheduler.state_dict(),
                "epoch": step, "best": {"loss": losses[-1], "name": "a run"}})
        rule.zero_grad()
        loss = ((net(numbers((4, 3), 1 + step)) - numbers((4, 2), 2 + step)) ** 2).mean()
        loss.backward()
        rule.step()
        scheduler.step()
        losses.append(loss.item())
    named = torch.optim.SGD(net.named_parameters(), lr=0.1, momentum=0.9)
    named.step()
    return result | {"losses": losses[8:], "named": named.state_dict()}


def schedule(make_scheduler, metric=None):
    rule = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler, result, rates = make_scheduler(rule), {}, []
    for step in range(20):
        if step == 8:
            result = copy.deepcopy({"scheduler": scheduler.state_dict(), "optimizer": rule.state_dict()})
        rates.append(rule.param_groups[0]["lr"])
        rule.step()
        scheduler.step(*([metric(step)] if metric else []))
    return result | {"rates": rates[8:]}


SCHEDULES = {
    "step": schedule(lambda rule: lr_scheduler.StepLR(rule, 3, 0.5)),
    "multiStep": schedule(lambda rule: lr_scheduler.MultiStepLR(rule, [2, 9, 12])),
    "sequential": schedule(lambda rule: lr_scheduler.SequentialLR(
        rule, [lr_scheduler.LinearLR(rule), lr_scheduler.CosineAnnealingLR(rule, 15)], [5])),
    "chained": schedule(lambda rule: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(rule, total_iters=9), lr_scheduler.ExponentialLR(rule, 0.9)])),
    "plateau": schedule(
        lambda rule: lr_scheduler.ReduceLROnPlateau(rule, factor=0.5, patience=1, cooldown=2),
        lambda step: 1 + math.sin(step * step)),
}

torch.save({"trainings": TRAININGS, "checkpoint": checkpoint(), "schedules": SCHEDULES}, "trainings.pt")
