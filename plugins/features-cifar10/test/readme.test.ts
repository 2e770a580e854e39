// What the README says of layers, classes, accuracy and size is what the package ships.
import { readFileSync, statSync } from 'node:fs';
import { elementCount } from '@lapyra/core';
import { cifar10Features, CONVOLUTIONS } from '@lapyra/features-cifar10';
import { describe, expect, it } from 'vitest';

const file = (name: string): URL => new URL(`../${name}`, import.meta.url);
const readme = readFileSync(file('README.md'), 'utf8');
const report = JSON.parse(readFileSync(file('weights/accuracy.json'), 'utf8')) as {
  readonly accuracy: number;
  readonly images: number;
  readonly size: number;
  readonly trainedOn: number;
  readonly command: string;
};

describe('README', () => {
  it('lists the layers in their order, with their planes', async () => {
    const net = await cifar10Features.plugin.create({}, undefined);
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| \[B, (?:.*, )?(\d+)\]/gm)];
    expect(rows.map(([, name]) => name)).toEqual(net.layers);
    expect(rows.slice(0, -2).map(([, , planes]) => Number(planes))).toEqual(
      CONVOLUTIONS.map(({ planes }) => planes),
    );
    expect(readme).toContain(net.classifier!.classes.join(', '));
  });

  it('states the accuracy that was measured, and how', () => {
    expect(report).toMatchObject({ images: 10_000, size: 28, trainedOn: 49_488 });
    expect(readme).toContain(`**${(report.accuracy * 100).toFixed(1)} %**`);
    expect(readme).toContain(`${report.command}\n`);
  });

  it('states how many weights there are, and what they weigh', async () => {
    const { weights } = await cifar10Features.plugin.create({}, undefined);
    const count = Object.values(weights).reduce((sum, { shape }) => sum + elementCount(shape), 0);
    const grouped = String(count).replace(/(?=(\d{3})+$)(?!^)/g, ' ');
    expect(readme).toContain(`Weights: ${grouped},`);
    const { size } = statSync(file('weights/cifar10.safetensors'));
    expect(readme).toContain(`${Math.round(size / 1000)} kB;`);
    expect(size).toBeLessThan(300_000);
  });
});
