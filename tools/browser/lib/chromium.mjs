// The browser that the tests open: Debian's, or the one that LAPYRA_CHROMIUM names.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PATH = process.env.LAPYRA_CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser here; `null` if there is one. */
export const missing = existsSync(PATH)
  ? null
  : `there is no ${PATH}: apt-get install chromium, or name another by LAPYRA_CHROMIUM`;

/**
 * Open the browser without a window. WebGPU is computed by SwiftShader, which comes with Chromium, so that it is there
 * without a graphics card too, and gives the same numbers everywhere.
 */
export function openBrowser() {
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--no-sandbox', // which cannot be had as root
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      // Clearing the memory of work groups takes two thirds of the time in which SwiftShader prepares a shader.
      '--enable-dawn-features=disable_workgroup_init',
      '--js-flags=--expose-gc',
      '--enable-precise-memory-info',
    ],
  });
}
