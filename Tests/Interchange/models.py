"""The architectures of Examples/ResNet and Examples/Transformer in plain PyTorch, with the same parameter names."""

from torch import nn
from torch.nn import functional as F


def lenet():
    """LeNet-5 with ReLU: images (N, 1, 28, 28) to scores (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


class BasicBlock(nn.Module):
    """torchvision.models.resnet.BasicBlock"""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """torchvision.models.resnet18: images (N, 3, H, W) to scores (N, 1000)."""

    def __init__(self):
        super().__init__()

        def stage(inputs, outputs, stride):
            return nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))

        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = stage(64, 64, 1)
        self.layer2 = stage(64, 128, 2)
        self.layer3 = stage(128, 256, 2)
        self.layer4 = stage(256, 512, 2)
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class SequenceClassifier(nn.Module):
    """Examples/Transformer: tokens (N, L), 0 for padding, to scores (N, 10)."""

    def __init__(self, vocabulary=12, longest=64, size=64, heads=4, classes=10):
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            size, heads, 4 * size, 0.0, "gelu", batch_first=True, norm_first=True)
        self.tokens = nn.Embedding(vocabulary, size, padding_idx=0)
        self.positions = nn.Embedding(longest, size)
        self.encoder = nn.TransformerEncoder(layer, 4, nn.LayerNorm(size), enable_nested_tensor=False)
        self.head = nn.Linear(size, classes)

    def forward(self, tokens):
        padding = tokens == 0
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        x = self.encoder(x, src_key_padding_mask=padding)
        kept = (~padding).unsqueeze(2)
        return self.head((x * kept).sum(1) / kept.sum(1))
