// Puts what a measurement on a graphics card needs into a folder, for a Linux machine of the same kind without a network:
//
//   node tools/bench/gpu/pack.mjs --out DIR
//
// There: DIR/run.sh [--net PART]… [--steps N] [--json FILE], to time steps
//        DIR/check.sh [--json FILE], to compare steps with the processor's
//        DIR/profile.sh --net PART --engine webgpu, to see where a step's time goes
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { NETS } from '../nets.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (!values.out) {
  console.error('usage: node tools/bench/gpu/pack.mjs --out DIR');
  process.exit(2);
}
const out = values.out;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const bench = join(root, 'tools/bench');
const installed = (name) => join(root, 'node_modules', name);
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'lib'), { recursive: true });

// The programs name plugins by texts, so that a bundler has to be told which ones there are.
const backend = '@lapyra/backend-onnxruntime';
const packages = new Set([
  backend,
  '@lapyra/features-cifar10',
  ...Object.values(NETS).map(({ use }) => use.split('#')[0]),
]);
const table = `const packages = { ${[...packages].map((name) => `'${name}': () => import('${name}')`).join(', ')} };`;
const BY_NAME = 'import(packageName)';
const namesPlugins = {
  name: 'plugins by name',
  setup(builder) {
    builder.onLoad({ filter: /\/bench\/(open-net|stepper)\.mjs$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes(BY_NAME)) throw new Error(`${path}: expected ${BY_NAME}.`);
      return { contents: `${table}\n${source.replaceAll(BY_NAME, 'packages[packageName]()')}` };
    });
  },
};
await build({
  entryPoints: [
    ...['gpu/run.mjs', 'stepper.mjs', 'profile.mjs'].map((name) => join(bench, name)),
    join(root, 'tools/webgpu/check.mjs'),
  ],
  absWorkingDir: root,
  outbase: bench,
  entryNames: '[name]',
  outdir: join(out, 'dist'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@lapyra/source'],
  mainFields: ['module', 'main'], // one copy of tfjs, however it is asked for
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  external: ['onnxruntime-node', 'onnxruntime-web', 'sharp'],
  plugins: [namesPlugins],
  logLevel: 'warning',
});
// The images that steps are compared on.
cpSync(join(root, 'packages/testing/fixtures'), join(out, 'fixtures'), { recursive: true });
// The weights of the feature net lie beside its code.
const features = join(root, 'plugins/features-cifar10');
for (const file of JSON.parse(readFileSync(join(features, 'package.json'), 'utf8')).files)
  if (file !== 'dist' && existsSync(join(features, file)))
    cpSync(join(features, file), join(out, file), { recursive: true });

for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
  const from = installed(name);
  const to = join(out, 'node_modules', name);
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, 'package.json'), join(to, 'package.json'));
  cpSync(join(from, 'dist'), join(to, 'dist'), {
    recursive: true,
    filter: (path) => !/\.(map|d\.ts)$|esm|ort\./.test(path.slice(from.length)),
  });
}
const native = join('bin/napi-v6', process.platform, process.arch);
cpSync(
  join(installed('onnxruntime-node'), native),
  join(out, 'node_modules/onnxruntime-node', native),
  { recursive: true },
);
const loader = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
const vulkan = /libvulkan\.so\.1 .*=> (\S+)/.exec(loader)?.[1];
if (vulkan) copyFileSync(realpathSync(vulkan), join(out, 'lib/libvulkan.so.1'));
else console.log('libvulkan.so.1 is not installed here, so it has to be there');

copyFileSync(process.execPath, join(out, 'node'));
chmodSync(join(out, 'node'), 0o755);
try {
  execFileSync('strip', [join(out, 'node')]);
} catch {
  console.log('strip is not installed: node keeps its symbols');
}
for (const file of ['torch_stepper.py', 'torch_nets.py'])
  copyFileSync(join(bench, file), join(out, 'dist', file));
for (const name of ['run', 'check', 'profile']) {
  writeFileSync(
    join(out, `${name}.sh`),
    `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
# After what the machine has itself.
export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
exec "$here/node" "$here/dist/${name}.mjs" "$@"
`,
  );
  chmodSync(join(out, `${name}.sh`), 0o755);
}
writeFileSync(join(out, 'package.json'), '{ "type": "module" }\n');
const size = Number(execFileSync('du', ['-sk', out], { encoding: 'utf8' }).split('\t')[0]);
console.log(
  `${out}: ${Math.round(size / 1024)} MiB, node ${Math.round(statSync(join(out, 'node')).size / 2 ** 20)} of them`,
);
