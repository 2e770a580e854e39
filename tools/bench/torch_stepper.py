"""The same step as stepper.mjs in eager PyTorch, with the same protocol. Arguments: the net as JSON, threads."""

import json
import resource
import sys
import time

started = time.perf_counter()
import torch
from torch import nn
from torch.nn import functional as F

net, threads = json.loads(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
options, sizes, index = net["options"], net["sizes"], net["index"]
size, crop = sizes[index], sizes[-1]
coarse = sizes[index - 1] if index > 0 else None
batch = {"real": 64, "generated": 64, "generator": 128, **options.get("batch", {})}
optimiser = options.get("optimiser", {"kind": "sgd"})
pixel_loss, average = options.get("pixelLoss", 0), options.get("average", 0)


def activation(name):
    return nn.LeakyReLU(0.2) if name == "leakyRelu" else nn.ReLU()


def dense_nets():
    g, d = options.get("generator", {}), options.get("discriminator", {})
    layers, width = [], 100
    for units in g.get("hidden", [1200, 1200]):
        layers += [nn.Linear(width, units)] + ([nn.BatchNorm1d(units)] if g.get("batchNorm") else []) + [nn.ReLU()]
        width = units
    generator = nn.Sequential(*layers, nn.Linear(width, 3 * size * size), nn.Unflatten(1, (3, size, size)))
    layers, width = [nn.Flatten()], 3 * size * size
    for units in d.get("hidden", [600, 600]):
        layers += [nn.Linear(width, units), activation(d.get("activation")), nn.Dropout(d.get("dropout", 0.5))]
        width = units
    return generator, nn.Sequential(*layers, nn.Linear(width, 1))


def refine_nets():
    width, g, d = options.get("width", 64), options.get("generator", {}), options.get("discriminator", {})
    kernels, layers, planes = g.get("kernels", [7, 7, 5]), [], 4
    for kernel in kernels[:-1]:
        layers += [nn.Conv2d(planes, width, kernel, padding=kernel // 2), nn.ReLU()]
        planes = width
    generator = nn.Sequential(*layers, nn.Conv2d(planes, 3, kernels[-1], padding=kernels[-1] // 2))
    layers, planes = [], 3
    for layer in d.get("layers", [{"kernel": 5}, {"kernel": 5, "stride": 2}]):
        out = layer.get("planes", width)
        layers += [
            nn.Conv2d(planes, out, layer["kernel"], layer.get("stride", 1), layer.get("padding", 0)),
            activation(d.get("activation")),
        ]
        planes = out
    features = nn.Sequential(*layers)(torch.zeros(1, 3, size, size)).numel()
    drop = d.get("dropout", 0.5)
    tail = [nn.Flatten()] + ([nn.Dropout(drop)] if drop > 0 else []) + [nn.Linear(features, 1)]
    return generator, nn.Sequential(*layers, *tail)


generator, discriminator = dense_nets() if net["model"] == "dense" else refine_nets()
averages = [p.detach().clone() for p in generator.parameters()] if average else []
if optimiser["kind"] == "adam":
    betas = (optimiser.get("beta1", 0.5), 0.999)
    g_step = torch.optim.Adam(generator.parameters(), optimiser["rate"], betas)
    d_step = torch.optim.Adam(discriminator.parameters(), optimiser["rate"], betas)
else:
    g_step = torch.optim.SGD(generator.parameters(), 0.02, momentum=0.5, dampening=0.5)
    d_step = torch.optim.SGD(discriminator.parameters(), 0.02, momentum=0.5, dampening=0.5)

mean = torch.tensor([125.0, 123.0, 114.0]).view(1, 3, 1, 1)
scale = torch.tensor([63.0, 62.0, 67.0]).view(1, 3, 1, 1)


def box(out):
    """Box averages with fractional edges, as a matrix [out, crop]."""
    matrix, ratio = torch.zeros(out, crop), crop / out
    for row in range(out):
        for column in range(crop):
            matrix[row, column] = max(0.0, min(column + 1, (row + 1) * ratio) - max(column, row * ratio)) / ratio
    return matrix


down = {side: box(side) for side in sizes}


def views(pixels):
    """From uint8 crops to the image at the level's size and the upsampled image below."""
    whole = (pixels.float() - mean) / scale
    image = whole if size == crop else down[size] @ whole @ down[size].T
    if coarse is None:
        return image, None
    small = down[coarse] @ whole @ down[coarse].T
    return image, F.interpolate(small, (size, size), mode="bilinear", align_corners=True)


def generate(noise, low):
    return generator(noise) if low is None else low + generator(torch.cat([noise, low], 1))


real_pixels = torch.randint(0, 256, (batch["real"], 3, crop, crop), dtype=torch.uint8)
other_pixels = torch.randint(0, 256, (batch["generated"], 3, crop, crop), dtype=torch.uint8)
learning_pixels = torch.randint(0, 256, (batch["generator"], 3, crop, crop), dtype=torch.uint8)
noise_shape = (100,) if coarse is None else (1, size, size)
judged_noise = torch.rand(batch["generated"], *noise_shape) * 2 - 1
learning_noise = torch.rand(batch["generator"], *noise_shape) * 2 - 1
targets = torch.cat([torch.ones(batch["real"], 1), torch.zeros(batch["generated"], 1)])
ones = torch.ones(batch["generator"], 1)
loss = nn.BCEWithLogitsLoss()


def step():
    real, _ = views(real_pixels)
    with torch.no_grad():
        low = views(other_pixels)[1] if coarse is not None else None
        fakes = generate(judged_noise, low)
    d_step.zero_grad(set_to_none=True)
    d_loss = loss(discriminator(torch.cat([real, fakes])), targets)
    d_loss.backward()
    d_step.step()

    image, low = views(learning_pixels) if coarse is not None else (None, None)
    g_step.zero_grad(set_to_none=True)
    for parameter in discriminator.parameters():
        parameter.requires_grad_(False)
    drawn = generate(learning_noise, low)
    g_loss = loss(discriminator(drawn), ones)
    if pixel_loss:
        g_loss = g_loss + pixel_loss * F.mse_loss(drawn, image)
    g_loss.backward()
    g_step.step()
    for parameter in discriminator.parameters():
        parameter.requires_grad_(True)
    with torch.no_grad():
        for kept, parameter in zip(averages, generator.parameters()):
            kept.lerp_(parameter, 1 - average)
    return d_loss.item(), g_loss.item()


print((time.perf_counter() - started) * 1000, flush=True)
for line in sys.stdin:
    if line.strip() == "memory":
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)
        continue
    before = time.perf_counter()
    step()
    print((time.perf_counter() - before) * 1000, flush=True)
