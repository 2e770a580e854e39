// Which Vulkan drivers a Linux machine has. The loader finds them by small JSON files, in folders and variables that
// github.com/KhronosGroup/Vulkan-Loader lists in docs/LoaderDriverInterface.md.

// Not imports, which bundlers for browsers would look for in vain.
const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
const { homedir } = process.getBuiltinModule('node:os');
const { basename, delimiter, join } = process.getBuiltinModule('node:path');

type Environment = Readonly<Record<string, string | undefined>>;

/** Drivers that compute on the processor: right, but far slower than an engine made for it. */
const IN_SOFTWARE: Readonly<Record<string, string>> = {
  vk_swiftshader: 'SwiftShader',
  vulkan_lvp: 'llvmpipe',
};

/** The files that tell the loader of a driver. */
export function driverFiles(env: Environment = process.env): string[] {
  const named = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'];
  const listed = (text: string | undefined): string[] => (text ?? '').split(delimiter);
  const files = [...listed(named), ...listed(env['VK_ADD_DRIVER_FILES'])].filter(Boolean);
  if (named) return files;
  const home = env['HOME'] ?? homedir();
  const folders = [
    env['XDG_CONFIG_HOME'] || join(home, '.config'),
    ...listed(env['XDG_CONFIG_DIRS'] || '/etc/xdg'),
    '/usr/local/etc',
    '/etc',
    env['XDG_DATA_HOME'] || join(home, '.local/share'),
    ...listed(env['XDG_DATA_DIRS'] || '/usr/local/share:/usr/share'),
    '/run/opengl-driver/share', // NixOS
  ];
  for (const folder of folders.filter(Boolean)) {
    const drivers = join(folder, 'vulkan/icd.d');
    files.push(...jsonFilesIn(drivers).map((file) => join(drivers, file)));
  }
  return files;
}

/** Whether the linker's cache knows Vulkan's loader; true where there is no such cache. */
export function hasLoader(cache: string = textOf('/etc/ld.so.cache')): boolean {
  return cache === '' || cache.includes('libvulkan.so.1');
}

/** What is known of the device that a process has opened, from the libraries that the loader has put into its memory. */
export function describeDriver(
  maps: string = textOf('/proc/self/maps'),
  nvidia: readonly string[] = nvidiaModels(),
): string {
  const paths = maps.split('\n').map((line) => line.slice(line.indexOf('/')).trim());
  const names = new Set(paths.flatMap((path) => DRIVER.exec(basename(path))?.[1] ?? []));
  if (names.size === 0) return 'Vulkan';
  const software = [...names].map((name) => IN_SOFTWARE[name]);
  if (software.every((name) => name !== undefined))
    return `Vulkan on ${software.join(' or ')}: in software, for tests`;
  const drivers = [...names].map((name) => (name === 'GLX_nvidia' ? 'nvidia' : name));
  return `Vulkan, ${[...nvidia, `driver ${drivers.join(' or ')}`].join(', ')}`;
}

const DRIVER = /^lib(vk_swiftshader|vulkan_[a-z_]+|GLX_nvidia|amdvlk\d*)\.so/;

function jsonFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    return []; // there is no such folder
  }
}

/** As the driver's own files say it. */
function nvidiaModels(): string[] {
  const folder = '/proc/driver/nvidia/gpus';
  try {
    const texts = readdirSync(folder).map((gpu) => textOf(join(folder, gpu, 'information')));
    return texts.flatMap((text) => /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? []);
  } catch {
    return []; // no card of theirs
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
