import { existsSync } from 'node:fs';

/** Where Debian's chromium package keeps the driver file of SwiftShader. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Let Vulkan in this process compute in software, before it is first used: by SwiftShader, if Debian's chromium package is
 * installed. A driver that `VK_DRIVER_FILES` or `VK_ICD_FILENAMES` names stays, and without any so does what the machine has.
 */
export function useSoftwareVulkan(): void {
  const { env } = process;
  if (env['VK_DRIVER_FILES'] || env['VK_ICD_FILENAMES'] || !existsSync(SWIFTSHADER)) return;
  env['VK_ICD_FILENAMES'] = SWIFTSHADER;
}
