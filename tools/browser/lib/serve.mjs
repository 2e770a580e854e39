import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * Serve files on this machine alone.
 *
 * @param files by path, `/index.html`: the name of a file, or its bytes or text
 * @param isolated whether pages are isolated from other origins, without which a browser gives them no shared memory, and
 * so no threads of WebAssembly
 */
export async function serve(files, { isolated = true } = {}) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://127.0.0.1').pathname;
    const file = files[path === '/' ? '/index.html' : path];
    const send = (status, type, body) => {
      response.writeHead(status, {
        'content-type': type,
        ...(isolated && {
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
        }),
      });
      response.end(body);
    };
    const type = TYPES[extname(path) || '.html'] ?? 'application/octet-stream';
    if (file === undefined) send(404, 'text/plain', 'not found');
    else if (file instanceof Uint8Array) send(200, type, file);
    else
      readFile(file).then(
        (body) => send(200, type, body),
        () => send(404, 'text/plain', 'not found'),
      );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
