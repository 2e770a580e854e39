import { bundle } from './bundle.mjs';
import { openBrowser } from './chromium.mjs';
import { serve } from './serve.mjs';

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Lapyra</title><link rel="icon" href="data:,">' +
  '<script type="module" src="/page.js"></script>';

/**
 * Bundle programs, serve them with files beside them, and open a browser.
 *
 * @param programs by the name of the bundle, those of `programs/`; `page` is what the page loads
 * @param files more files by path
 */
export async function openSite(programs, files = {}) {
  const bundled = Object.fromEntries(
    programs.map((name) => [name, new URL(`../programs/${name}.mjs`, import.meta.url).pathname]),
  );
  const content = { '/index.html': Buffer.from(PAGE), ...(await bundle(bundled)), ...files };
  const browser = await openBrowser();
  const servers = [];
  return {
    /**
     * A new page, in which nothing may go wrong unseen.
     *
     * @param isolated see `serve`
     */
    open: async ({ path = '/', isolated = true } = {}) => {
      const server = await serve(content, { isolated });
      servers.push(server);
      const page = await browser.newPage();
      const complaints = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(server.address + path);
      return { page, complaints };
    },
    close: async () => {
      await browser.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
