// What the tests call in a page.
import { run } from './run.mjs';

/** The adapter that the browser gives for WebGPU, in words; `null` if it gives none. */
globalThis.adapter = async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  return adapter ? `${adapter.info.vendor} ${adapter.info.architecture}`.trim() : null;
};

/** Run a program on the page's own thread. */
globalThis.runHere = run;

/** Run a program in a worker. Meanwhile the page's own thread counts how often it gets to do something. */
globalThis.runInWorker = async (message) => {
  const worker = new Worker('/worker.js', { type: 'module' });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const began = performance.now();
  try {
    const { result, error } = await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', ({ message: said }) => reject(new Error(said)));
      worker.postMessage(message);
    });
    if (error) throw new Error(error);
    return { result, ticks, milliseconds: performance.now() - began };
  } finally {
    clearInterval(timer);
    worker.terminate();
  }
};

/** Put pictures, uint8 [count, side, side, 3], side by side onto a canvas; returns the canvas's pixels, RGBA. */
globalThis.show = (pictures, side) => {
  const count = pictures.length / (side * side * 3);
  const canvas = document.body.appendChild(document.createElement('canvas'));
  canvas.width = count * side;
  canvas.height = side;
  canvas.style = `width: ${canvas.width * 6}px; image-rendering: pixelated`;
  const context = canvas.getContext('2d');
  for (let picture = 0; picture < count; picture++) {
    const image = context.createImageData(side, side);
    for (let at = 0; at < side * side; at++) {
      const from = (picture * side * side + at) * 3;
      image.data.set([...pictures.slice(from, from + 3), 255], at * 4);
    }
    context.putImageData(image, picture * side, 0);
  }
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
};
