import { bundle } from './bundle.mjs';
import { missing, openBrowser } from './chromium.mjs';
import { serve } from './serve.mjs';

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Lapyra</title><link rel="icon" href="data:,">' +
  '<script type="module" src="/page.js"></script>';

/** The page of the tests, and the worker that it starts. */
const PROGRAMS = Object.fromEntries(
  ['page', 'worker'].map((name) => [
    name,
    new URL(`../programs/${name}.mjs`, import.meta.url).pathname,
  ]),
);

/**
 * Bundle programs, serve them with files beside them, and open a browser.
 *
 * @param programs files by the name of the bundle; the page loads `page`
 * @param files more files by path
 */
export async function openSite(programs, files = {}) {
  const content = { '/index.html': Buffer.from(PAGE), ...(await bundle(programs)), ...files };
  const browser = await openBrowser();
  const servers = [];
  /** A new page, and what it complained of; see `serve` for `isolated`. */
  const open = async ({ path = '/', isolated = true } = {}) => {
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
  };
  return {
    open,
    /** Call a function of a new page, of which nothing may go wrong unseen. */
    call: async (name, given, how) => {
      const { page, complaints } = await open(how);
      const answer = await page.evaluate(
        ([called, all]) => globalThis[called](...all),
        [name, given],
      );
      if (complaints.length > 0) throw new Error(complaints.join('\n'));
      await page.close();
      return answer;
    },
    close: async () => {
      await browser.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** The site of a test's own programs, where there is a browser, and what to say of what is not there. */
export async function openTestSite(files) {
  if (missing) return { site: null, adapter: null, skipped: ` (skipped: ${missing})` };
  const site = await openSite(PROGRAMS, files);
  const adapter = await site.call('adapter', []);
  return { site, adapter, skipped: '', noAdapter: adapter ? '' : ' (skipped: no adapter)' };
}
