"""The benchmarks' workloads in eager PyTorch."""

import math

import measure
import sys

HERE = sys.path.pop(0)  # this folder: `import jax` would find the jax.py in it

import torch
from torch import nn
from torch.nn import functional as F

# PyTorch's convolutions are faster in this layout, so images and kernels use it.
IMAGE_LAYOUT = torch.channels_last


def scalar_chain():
    x = torch.tensor(0.001, requires_grad=True)
    first = torch.tensor(1.0, requires_grad=True)

    def step():
        a = first
        for _ in range(500):
            a = a * 1.0001 + x
        a.backward()
        x.grad = first.grad = None

    return step


def training(model, loss, inputs, targets, optimizer):
    """A step of training: forward, loss, gradients of all parameters, update."""
    update = optimizer(model.parameters())

    def step():
        update.zero_grad(set_to_none=True)
        loss(model(inputs), targets).backward()
        update.step()

    return step


def classification(model, inputs, optimizer):
    labels = torch.randint(10, (len(inputs),))
    return training(model, nn.CrossEntropyLoss(), inputs, labels, optimizer)


def reconstruction(model, inputs, optimizer):
    return training(model, nn.MSELoss(), inputs, inputs, optimizer)


# The fused implementation of each optimizer is its fastest.


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.01, fused=True)


def momentum(parameters):
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, fused=True)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3, fused=True)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=1e-3, fused=True)


def update(sizes, optimizer):
    """A step of the optimizer alone."""
    parameters = [torch.randn(size, requires_grad=True) for size in sizes]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return optimizer(parameters).step


def mlp(*sizes):
    """Affine layers with ReLU between them; none after the last."""
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers[:-1])


def images(*shape):
    return torch.rand(shape).to(memory_format=IMAGE_LAYOUT)


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(512, 10),
    ).to(memory_format=IMAGE_LAYOUT)


def seed_convnet():
    return nn.Sequential(
        nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 2, stride=2),
        nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 2, stride=2),
        nn.Flatten(), *mlp(49, 20, 10),
    ).to(memory_format=IMAGE_LAYOUT)


def dcgan():
    """The generator and the discriminator in sequence: noise to images to scores."""
    layers = [nn.ConvTranspose2d(100, 512, 4, bias=False), nn.BatchNorm2d(512), nn.ReLU(inplace=True)]
    for channels in (512, 256, 128):
        layers += [nn.ConvTranspose2d(channels, channels // 2, 4, 2, 1, bias=False), nn.BatchNorm2d(channels // 2)]
        layers += [nn.ReLU(inplace=True)]
    layers += [nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh()]
    layers += [nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for channels in (64, 128, 256):
        layers += [nn.Conv2d(channels, 2 * channels, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * channels)]
        layers += [nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, nn.Conv2d(512, 1, 4, bias=False)).to(memory_format=IMAGE_LAYOUT)


def convolved(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.first, self.second = convolved(inputs, outputs, 3, stride), convolved(outputs, outputs, 3)
        self.shortcut = nn.Identity() if inputs == outputs else convolved(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x), inplace=True)) + self.shortcut(x), inplace=True)


def resnet18():
    return nn.Sequential(
        convolved(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1),
        ResidualBlock(64, 64), ResidualBlock(64, 64), ResidualBlock(64, 128, 2), ResidualBlock(128, 128),
        ResidualBlock(128, 256, 2), ResidualBlock(256, 256), ResidualBlock(256, 512, 2), ResidualBlock(512, 512),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000),
    ).to(memory_format=IMAGE_LAYOUT)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        layers = [convolved(inputs, wide, 1), nn.ReLU6(inplace=True)] if expansion > 1 else []
        layers += [convolved(wide, wide, 3, stride, wide), nn.ReLU6(inplace=True), convolved(wide, outputs, 1)]
        self.body, self.is_residual = nn.Sequential(*layers), stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.is_residual else self.body(x)


def mobilenetv2():
    layers, inputs = [convolved(3, 32, 3, 2), nn.ReLU6(inplace=True)], 32
    for expansion, outputs, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ):
        for block in range(count):
            layers.append(InvertedResidual(inputs, outputs, stride if block == 0 else 1, expansion))
            inputs = outputs
    return nn.Sequential(
        *layers, convolved(320, 1280, 1), nn.ReLU6(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(1280, 1000),
    ).to(memory_format=IMAGE_LAYOUT)


def augmentation():
    """Gathers images by index; rotates each by up to 5 degrees, shifts it by up to a pixel, and mirrors half of them."""
    pictures, labels = torch.rand(1000, 1, 28, 28), torch.zeros(1000, dtype=torch.int64)
    places = torch.arange(128) * 7
    longest = math.pi * 5 / 180

    def step():
        batch, targets = pictures[places], labels[places]
        angles, shifts = (2 * torch.rand(128) - 1) * longest, (2 * torch.rand(128, 2) - 1) / 13.5
        (cosine, sine), (right, down) = (angles.cos(), angles.sin()), shifts.unbind(1)
        maps = torch.stack([cosine, sine, right, -sine, cosine, down], 1).view(128, 2, 3)
        moved = F.grid_sample(batch, F.affine_grid(maps, batch.shape, align_corners=True), align_corners=True)
        return torch.where(torch.rand(128, 1, 1, 1) < 0.5, moved.flip(-1), moved), targets

    return step


def conv3x3(channels, side):
    x = images(8, channels, side, side).requires_grad_()
    weight = images(channels, channels, 3, 3).requires_grad_()
    bias = torch.rand(channels, requires_grad=True)
    upstream = images(8, channels, side, side)

    def step():
        y = F.conv2d(x, weight, bias, padding=1)
        return torch.autograd.grad(y, (x, weight, bias), upstream)

    return step


def sequences(model, inputs, outputs, optimizer):
    """A training step towards fixed targets."""
    targets = torch.randn(outputs)
    return training(model, nn.MSELoss(), torch.randn(inputs), targets, optimizer)


def transformer_block():
    block = nn.TransformerEncoderLayer(256, 8, 1024, 0.0, "gelu", batch_first=True, norm_first=True)
    return sequences(block, (8, 128, 256), (8, 128, 256), adamw)


class CausalLayer(nn.Module):
    """The encoder's layer with normalization first, on the fused causal attention, which is the faster way."""

    def __init__(self, size, heads):
        super().__init__()
        self.heads, self.norm1, self.norm2 = heads, nn.LayerNorm(size), nn.LayerNorm(size)
        self.inputs, self.outputs = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.widen, self.narrow = nn.Linear(size, 4 * size), nn.Linear(4 * size, size)

    def forward(self, x):
        parts = self.inputs(self.norm1(x)).chunk(3, 2)
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.outputs(attended.transpose(1, 2).flatten(2))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, words, context, size):
        super().__init__()
        self.words, self.positions = nn.Embedding(words, size), nn.Embedding(context, size)
        nn.init.normal_(self.words.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.body = nn.Sequential(CausalLayer(size, 8), CausalLayer(size, 8), nn.LayerNorm(size))

    def forward(self, x):
        return F.linear(self.body(self.words(x) + self.positions.weight), self.words.weight).flatten(0, 1)


def language_model():
    text, following = torch.randint(10_000, (4, 128)), torch.randint(10_000, (512,))
    return training(GPT(10_000, 128, 256), nn.CrossEntropyLoss(), text, following, adamw)


class Outputs(nn.Module):
    """A recurrent layer that returns its outputs without the last states."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


def lstm():
    return sequences(Outputs(nn.LSTM(64, 128, batch_first=True)), (32, 50, 64), (32, 50, 128), sgd)


def layernorm_softmax():
    x = torch.randn(4096, 512, requires_grad=True)
    norm = nn.LayerNorm(512)

    def step():
        x.grad = None
        norm.zero_grad()
        torch.softmax(norm(x), 1).square().sum().backward()

    return step


def sgemm(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: torch.mm(a, b)


def elementwise():
    x = torch.randn(1_000_000, requires_grad=True)

    def step():
        x.grad = None
        (torch.tanh(x) * torch.sigmoid(x) + x * x).sum().backward()

    return step


STARTUP = "import torch; print(torch.tensor([[1., 2.], [3., 4.]]) @ torch.tensor([[5., 6.], [7., 8.]]))"
MNIST_SIZES = (784, 500, 300, 100, 10)
AUTOENCODER_SIZES = (784, 512, 256, 128, 30, 128, 256, 512, 784)

WORKLOADS = {
    "scalar_chain_1000ops": scalar_chain,
    "digits_mlp_b100_sgd": lambda: classification(mlp(64, 100, 10), torch.rand(100, 64), sgd),
    "softmax_784_10_b16_sgd": lambda: classification(mlp(784, 10), torch.rand(16, 784), sgd),
    "mnist_mlp_b128_momentum": lambda: classification(mlp(*MNIST_SIZES), torch.rand(128, 784), momentum),
    "mnist_mlp_b1000_momentum": lambda: classification(mlp(*MNIST_SIZES), torch.rand(1000, 784), momentum),
    "autoencoder_b256_adam": lambda: reconstruction(mlp(*AUTOENCODER_SIZES), torch.rand(256, 784), adam),
    "adam_10M": lambda: update([(10_000_000,)], adam),
    "sgd_step_4_small": lambda: update([(100, 64), (100,), (10, 100), (10,)], sgd),
    "lenet_b64_adam": lambda: classification(lenet(), images(64, 1, 28, 28), adam),
    "augment_b128": augmentation,
    "seed_convnet_b16_sgd": lambda: classification(seed_convnet(), images(16, 1, 28, 28), sgd),
    "resnet18_b8_momentum": lambda: classification(resnet18(), images(8, 3, 224, 224), momentum),
    "mobilenetv2_b8_momentum": lambda: classification(mobilenetv2(), images(8, 3, 224, 224), momentum),
    "dcgan_b16_adam": lambda: sequences(dcgan(), (16, 100, 1, 1), (16, 1, 1, 1), adam),
    "conv3x3_n8_c64_56": lambda: conv3x3(64, 56),
    "conv3x3_n8_c128_28": lambda: conv3x3(128, 28),
    "conv3x3_n8_c256_14": lambda: conv3x3(256, 14),
    "transformer_block_b8_t128_d256": transformer_block,
    "lstm_b32_t50_h128": lstm,
    "gpt_b4_t128_d256_adamw": language_model,
    "layernorm_softmax_4096x512": layernorm_softmax,
    "sgemm_64": lambda: sgemm(64),
    "sgemm_256": lambda: sgemm(256),
    "sgemm_1024": lambda: sgemm(1024),
    "sgemm_2048": lambda: sgemm(2048),
    "elementwise_1M": elementwise,
    "startup": lambda: measure.startup(STARTUP),
}


def rule(name, **options):
    """One step of a rule over a matrix of a million parameters; fused if PyTorch has a fused step on CPUs."""
    return lambda: update([(1000, 1000)], lambda parameters: getattr(torch.optim, name)(parameters, **options))


UPDATES = {
    "op_update_sgd": rule("SGD", fused=True),
    "op_update_momentum": rule("SGD", momentum=0.9, fused=True),
    "op_update_nesterov": rule("SGD", momentum=0.9, nesterov=True, fused=True),
    "op_update_adam": rule("Adam", fused=True),
    "op_update_amsgrad": rule("Adam", amsgrad=True, fused=True),
    "op_update_adamw": rule("AdamW", fused=True),
    "op_update_nadam": rule("NAdam"),
    "op_update_radam": rule("RAdam"),
    "op_update_adamax": rule("Adamax"),
    "op_update_adagrad": rule("Adagrad", fused=True),
    "op_update_adadelta": rule("Adadelta"),
    "op_update_rmsprop": rule("RMSprop"),
    "op_update_rmsprop_centred": rule("RMSprop", momentum=0.9, centered=True),
    "op_update_rprop": rule("Rprop"),
    "op_update_asgd": rule("ASGD"),
    "op_update_adafactor": rule("Adafactor"),
}


def workloads(filter):
    """The workloads above, or the many ops and update rules if the filter names them."""
    if "op_" not in filter.pattern:
        return WORKLOADS
    sys.path.append(HERE)
    import pytorch_ops

    sys.path.pop()
    return pytorch_ops.OPS | UPDATES


if __name__ == "__main__":
    options = measure.parse_options(__doc__)
    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    measure.run(workloads(options.filter), options)
