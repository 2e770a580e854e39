"""The networks of the levels in PyTorch, from the options that the levels themselves were made with."""

import torch
from torch import nn

FEATURES = ((32, 1), (48, 2), (48, 1))  # planes and strides of the feature net up to conv3


class Masked(nn.Module):
    """Dropout with masks that were drawn before the step, one for each pass, as the levels are given them."""

    passing = "judging"

    def __init__(self, drop, features):
        super().__init__()
        self.keep, self.features, self.masks = 1 - drop, features, {}

    def draw(self, counts):
        for name, count in counts.items():
            mask = self.masks.setdefault(name, torch.empty(count, self.features))
            mask.bernoulli_(self.keep).div_(self.keep)

    def forward(self, x):
        name, _, first = Masked.passing.partition(" ")
        mask = self.masks[name]
        return x * (mask[int(first) : int(first) + len(x)] if first else mask)


class Stretch(nn.Module):
    """From [-1, 1] to the level's numbers."""

    def __init__(self, mean, scale):
        super().__init__()
        side = lambda values: torch.tensor(values).view(1, -1, 1, 1)
        self.register_buffer("factor", side([127.5 / one for one in scale]))
        self.register_buffer("offset", side([(127.5 - m) / s for m, s in zip(mean, scale)]))

    def forward(self, x):
        return x * self.factor + self.offset


class Residual(nn.Module):
    def __init__(self, *parts):
        super().__init__()
        self.inside = nn.Sequential(*parts)

    def forward(self, x):
        return x + self.inside(x)


def activation(name):
    return nn.LeakyReLU(0.2) if name == "leakyRelu" else nn.ReLU()


def dense(options, place):
    g, d, size = options["generator"], options["discriminator"], place["size"]
    layers, width = [], place["noise"]
    for units in g["hidden"]:
        layers.append(nn.Linear(width, units, bias=not g["batchNorm"]))
        layers += ([nn.BatchNorm1d(units)] if g["batchNorm"] else []) + [nn.ReLU()]
        width = units
    generator = nn.Sequential(*layers, nn.Linear(width, 3 * size * size), nn.Unflatten(1, (3, size, size)))
    layers, width = [nn.Flatten()], 3 * size * size
    for units in d["hidden"]:
        layers += [nn.Linear(width, units), activation(d["activation"])]
        layers += [Masked(d["dropout"], units)] if d["dropout"] > 0 else []
        width = units
    return generator, nn.Sequential(*layers, nn.Linear(width, 1))


def refine(options, place):
    width, g, d, size = options["width"], options["generator"], options["discriminator"], place["size"]
    layers, planes = [], 3 + 1  # colours and a plane of noise
    for kernel in g["kernels"][:-1]:
        layers += [nn.Conv2d(planes, width, kernel, padding=kernel // 2), nn.ReLU()]
        planes = width
    last = g["kernels"][-1]
    generator = nn.Sequential(*layers, nn.Conv2d(planes, 3, last, padding=last // 2))
    layers, planes = [], 3
    for layer in d["layers"]:
        out = layer.get("planes", width)
        layers.append(nn.Conv2d(planes, out, layer["kernel"], layer["stride"], layer["padding"]))
        layers.append(activation(d["activation"]))
        planes = out
    with torch.no_grad():
        features = nn.Sequential(*layers)(torch.zeros(1, 3, size, size)).numel()
    tail = [nn.Flatten()] + ([Masked(d["dropout"], features)] if d["dropout"] > 0 else [])
    return generator, nn.Sequential(*layers, *tail, nn.Linear(features, 1))


def dcgan(options, place):
    width, g, d, side, count = options["width"], options["generator"], options["discriminator"], place["size"], 0
    while side % 2 == 0 and side >= 8:
        side, count = side // 2, count + 1
    normalised = g["batchNorm"]
    planes = lambda layer: width * 2 ** max(0, count - 1 - layer)
    behind = lambda out: ([nn.BatchNorm2d(out)] if normalised else []) + [nn.ReLU()]
    layers = [nn.Linear(place["noise"], side * side * planes(0), bias=not normalised)]
    layers += [nn.Unflatten(1, (planes(0), side, side)), *behind(planes(0))]
    for layer in range(1, count + 1):
        last = layer == count
        out = 3 if last else planes(layer)
        layers.append(nn.ConvTranspose2d(planes(layer - 1), out, 4, 2, 1, bias=last or not normalised))
        layers += [] if last else behind(out)
    generator = nn.Sequential(*layers, nn.Tanh(), Stretch(place["mean"], place["scale"]))
    layers, inputs = [], 3
    for layer in range(count):
        out, normalised = width * 2**layer, d["norm"] == "batch" and layer > 0
        layers.append(nn.Conv2d(inputs, out, 4, 2, 1, bias=not normalised))
        layers += ([nn.BatchNorm2d(out)] if normalised else []) + [nn.LeakyReLU(0.2)]
        inputs = out
    return generator, nn.Sequential(*layers, nn.Flatten(), nn.Linear(side * side * inputs, 1))


def super_resolve(options, place):
    g, d = options["generator"], options["discriminator"]
    width, normalised, end = g["width"], g["batchNorm"], g["kernel"] // 2
    norm = lambda planes: [nn.BatchNorm2d(planes)] if normalised else []
    inner = lambda: [nn.Conv2d(width, width, 3, padding=1, bias=not normalised), *norm(width)]
    blocks = [Residual(*inner(), nn.PReLU(width), *inner()) for _ in range(g["blocks"])]
    steps = [
        part
        for _ in range((place["size"] // place["coarse"]).bit_length() - 1)
        for part in (nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.PReLU(width))
    ]
    generator = nn.Sequential(
        nn.Conv2d(3, width, g["kernel"], padding=end),
        nn.PReLU(width),
        Residual(*blocks, *inner()),
        *steps,
        nn.Conv2d(width, 3, g["kernel"], padding=end),
    )
    layers, inputs, side = [], 3, place["size"]
    for layer in range(2 * d["pairs"]):
        out, stride, normalised = d["width"] * 2 ** (layer // 2), 1 + layer % 2, d["batchNorm"] and layer > 0
        layers.append(nn.Conv2d(inputs, out, 3, stride, 1, bias=not normalised))
        layers += ([nn.BatchNorm2d(out)] if normalised else []) + [nn.LeakyReLU(0.2)]
        inputs, side = out, -(-side // stride)
    tail = [nn.Linear(side * side * inputs, d["units"]), nn.LeakyReLU(0.2), nn.Linear(d["units"], 1)]
    return generator, nn.Sequential(*layers, nn.Flatten(), *tail)


def feature_net():
    """The feature net of the content loss up to its layer conv3; its weights do not matter for the time."""
    layers, planes = [], 3
    for out, stride in FEATURES:
        layers += [nn.Conv2d(planes, out, 3, stride, 1), nn.ReLU()]
        planes = out
    return nn.Sequential(*layers).requires_grad_(False)


MODELS = {"dense": dense, "refine": refine, "dcgan": dcgan, "superResolve": super_resolve}
