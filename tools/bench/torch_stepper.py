"""The same steps as stepper.mjs in eager PyTorch, with the same protocol. Argument: the net as JSON."""

import json
import os
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from torch_nets import MODELS, Masked, feature_net

if "LAPYRA_TORCH_DEVICE" in os.environ:
    torch.set_default_device(os.environ["LAPYRA_TORCH_DEVICE"])  # of PyTorch 2; reading the losses waits for a card
torch.set_flush_denormal(True)  # dead units' moments end in denormal numbers, a hundred times slower


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


idle = resident()
net = json.loads(sys.argv[1])
model, options, place, batch = net["model"], net["options"], net["place"], net["options"]["batch"]
size, coarse_size, crop = place["size"], place["coarse"], net["crop"]
losses = options.get("losses", {"pixel": {"kind": "l2", "weight": options.get("pixelLoss", 0)}, "adversarial": 1})
content = losses.get("content", {}).get("weight", 0)
variation = losses.get("variation", 0)
optimiser, average = options["optimiser"], options["average"]
judge_apart = any(
    (model == "dcgan" and options["discriminator"]["norm"] == "batch", model == "superResolve" and options["discriminator"]["batchNorm"])
)  # batch norm sees real and generated images apart
whole_image = model != "refine"  # the generator draws the image, not the band
mean = torch.tensor(place["mean"]).view(1, 3, 1, 1)
scale = torch.tensor(place["scale"]).view(1, 3, 1, 1)
loss = nn.BCEWithLogitsLoss()


def box(out):
    """Box averages with fractional edges, as a matrix [out, crop]."""
    matrix, ratio = torch.zeros(out, crop), crop / out
    for row in range(out):
        for column in range(crop):
            matrix[row, column] = max(0.0, min(column + 1, (row + 1) * ratio) - max(column, row * ratio)) / ratio
    return matrix


down = {side: box(side) for side in {size, coarse_size or size}}


class Trainer:
    """Networks, optimisers and inputs, on some threads and in one memory format; `tf32`: products in 19 bits on a card."""

    def __init__(self, threads, channels_last, tf32=False):
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        torch.manual_seed(1)
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.g, self.d = (one.to(memory_format=self.format) for one in MODELS[model](options, place))
        self.features = feature_net().to(memory_format=self.format) if content else None
        self.averages = [p.detach().clone() for p in self.g.parameters()] if average else []
        self.optimisers = [self.optimiser(one) for one in (self.g, self.d)]
        self.masked = [one for one in self.d.modules() if isinstance(one, Masked)]
        self.targets = torch.cat([torch.ones(batch["real"], 1), torch.zeros(batch["generated"], 1)])
        self.ones, self.zeros = torch.ones(batch["generator"], 1), torch.zeros(batch["generated"], 1)
        self.store = torch.randint(0, 256, (512, 3, 32, 32), dtype=torch.uint8) if crop <= 32 else None
        self.draw()

    def optimiser(self, one):
        if optimiser["kind"] == "adam":
            return torch.optim.Adam(one.parameters(), optimiser["rate"], (optimiser["beta1"], optimiser["beta2"]))
        return torch.optim.SGD(one.parameters(), optimiser["rate"], optimiser["momentum"], optimiser["momentum"])

    def draw(self):
        """What a step is given: crops, noise and masks."""
        self.real = self.crops(batch["real"])
        self.others = self.crops(batch["generated"]) if coarse_size else None
        self.learning = self.crops(batch["generator"]) if coarse_size else None
        noise = (lambda count: None) if place["noise"] is None else self.noise
        self.judged_noise, self.learning_noise = noise(batch["generated"]), noise(batch["generator"])
        for one in self.masked:
            one.draw({"judging": batch["real"] + batch["generated"], "fooling": batch["generator"]})

    def noise(self, count):
        shape = (place["noise"],) if coarse_size is None else (1, size, size)
        return torch.rand(count, *shape).mul_(2).sub_(1)

    def crops(self, count):
        if self.store is None:
            return torch.randint(0, 256, (count, 3, crop, crop), dtype=torch.uint8)
        windows = self.store.unfold(2, crop, 1).unfold(3, crop, 1)  # a view [512, 3, y, x, crop, crop]
        at = torch.randint(0, len(windows), (count,)), torch.randint(0, windows.shape[2], (count,)), torch.randint(0, windows.shape[3], (count,))
        pixels = windows[at[0], :, at[1], at[2]]
        mirrored = torch.rand(count) < 0.5
        pixels[mirrored] = pixels[mirrored].flip(3)
        return pixels

    def views(self, pixels, image=False, below=False):
        """From uint8 crops to the image at the level's size, and to the image below, upsampled where it is a band's."""
        whole = (pixels.to(torch.float32, memory_format=self.format) - mean) / scale
        seen = (whole if size == crop else down[size] @ whole @ down[size].T) if image else None
        if not below:
            return seen, None
        low = down[coarse_size] @ whole @ down[coarse_size].T
        if model == "refine":
            low = F.interpolate(low, (size, size), mode="bilinear", align_corners=True)
        return seen, low.contiguous(memory_format=self.format)

    def generate(self, noise, below):
        if model == "refine":
            return below + self.g(torch.cat([noise, below], 1))
        return self.g(noise if below is None else below)

    def judge(self, name, images):
        Masked.passing = name
        return self.d(images)

    def judged(self, real, fakes):
        if not judge_apart:
            return loss(self.judge("judging", torch.cat([real, fakes])), self.targets)
        share = batch["real"] / (batch["real"] + batch["generated"])
        found = self.judge(f"judging {batch['real']}", fakes)
        return share * loss(self.judge("judging 0", real), self.ones[: len(real)]) + (1 - share) * loss(found, self.zeros)

    def seen_features(self, image):
        return self.features(image * (scale / 64) + (mean - 120) / 64)

    def taught(self, drawn, image):
        total = losses["adversarial"] * loss(self.judge("fooling", drawn), self.ones)
        if losses["pixel"]["weight"]:
            error = F.mse_loss if losses["pixel"]["kind"] == "l2" else F.l1_loss
            total = total + losses["pixel"]["weight"] * error(drawn, image)
        if content:
            with torch.no_grad():
                truth = self.seen_features(image)
            total = total + content * F.mse_loss(self.seen_features(drawn), truth)
        if variation:
            rows, columns = drawn[:, :, 1:] - drawn[:, :, :-1], drawn[:, :, :, 1:] - drawn[:, :, :, :-1]
            total = total + variation * (rows.abs().mean() + columns.abs().mean())
        return total

    def step(self):
        g_step, d_step = self.optimisers
        real, _ = self.views(self.real, image=True)
        with torch.no_grad():
            fakes = self.generate(self.judged_noise, self.views(self.others, below=True)[1] if coarse_size else None)
        d_step.zero_grad(set_to_none=True)
        d_loss = self.judged(real, fakes)
        d_loss.backward()
        d_step.step()

        compared = bool(losses["pixel"]["weight"] or content)
        image, below = self.views(self.learning, image=compared, below=True) if coarse_size else (None, None)
        g_step.zero_grad(set_to_none=True)
        self.d.requires_grad_(False)
        g_loss = self.taught(self.generate(self.learning_noise, below), image)
        g_loss.backward()
        g_step.step()
        self.d.requires_grad_(True)
        with torch.no_grad():
            for kept, parameter in zip(self.averages, self.g.parameters()):
                kept.lerp_(parameter, 1 - average)
        return d_loss.item(), g_loss.item()

    def cost(self):
        """Parameters of both networks, and floating-point operations of the layers of one step, twice the products."""
        flop = 0

        def count(layer, inputs, output):
            nonlocal flop
            weight, (x,) = layer.weight, inputs
            positions = x.numel() // x.shape[1] if isinstance(layer, nn.ConvTranspose2d) else output.numel() // output.shape[1]
            gradients = torch.is_grad_enabled() and weight.requires_grad, torch.is_grad_enabled() and x.requires_grad
            flop += 2 * weight.numel() * positions * (1 + sum(gradients))

        layers = [
            one
            for part in (self.g, self.d, self.features or nn.Identity())
            for one in part.modules()
            if isinstance(one, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))
        ]
        hooks = [one.register_forward_hook(count) for one in layers]
        self.step()
        for hook in hooks:
            hook.remove()
        return {"parameters": sum(p.numel() for one in (self.g, self.d) for p in one.parameters()), "flop": flop}


def timed(*work):
    before = time.perf_counter()
    for one in work:
        one()
    return (time.perf_counter() - before) * 1000


trainer = None


def answer(command, argument=None):
    global trainer
    if command == "use":
        trainer = None
        trainer = Trainer(**argument)
        return True
    if command == "memory":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - idle
    if command == "cost":
        return trainer.cost()
    return timed(trainer.step) if command == "step" else timed(trainer.draw, trainer.step)


print("true", flush=True)
for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))), flush=True)
