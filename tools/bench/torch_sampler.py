"""Draws from a pyramid in eager PyTorch, with the protocol of sampler.mjs. Argument: its levels as JSON, from coarse to fine."""

import json
import sys
import time

import torch
from torch.nn import functional as F

from torch_nets import MODELS

torch.set_flush_denormal(True)
levels = json.loads(sys.argv[1])
finest = levels[-1]["place"]
mean = torch.tensor(finest["mean"]).view(1, 3, 1, 1)
scale = torch.tensor(finest["scale"]).view(1, 3, 1, 1)


class Sampler:
    def __init__(self, threads, channels_last):
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.generators = [
            MODELS[level["model"]](level["options"], level["place"])[0].eval().to(memory_format=self.format)
            for level in levels
        ]

    @torch.inference_mode()
    def draw(self, batch, pixels):
        """Images [B, 3, H, W] in the networks' numbers, or as bytes."""
        image = None
        for level, generator in zip(levels, self.generators):
            size, length = level["place"]["size"], level["place"]["noise"]
            if image is None:
                image = generator(torch.rand(batch, length).mul_(2).sub_(1))
                continue
            low = F.interpolate(image, (size, size), mode="bilinear", align_corners=True)
            noise = torch.rand(batch, 1, size, size).mul_(2).sub_(1)
            image = low + generator(torch.cat([noise, low], 1).contiguous(memory_format=self.format))
        return (image * scale + mean).round_().clamp_(0, 255).to(torch.uint8) if pixels else image


sampler = None


def answer(command, argument):
    global sampler
    if command == "use":
        sampler = Sampler(**argument)
        return True
    before = time.perf_counter()
    sampler.draw(argument["batch"], argument["how"] == "fused")
    return (time.perf_counter() - before) * 1000


print("true", flush=True)
for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))), flush=True)
