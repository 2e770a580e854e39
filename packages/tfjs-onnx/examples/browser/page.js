// The page draws a picture, gives it to a worker to learn, and shows what that has learnt so far.
const picture = document.querySelector('#picture').getContext('2d', { willReadFrequently: true });
const painting = document.querySelector('#painting').getContext('2d');
const status = document.querySelector('#status');
const side = picture.canvas.width;

const sky = picture.createLinearGradient(0, 0, 0, side);
sky.addColorStop(0, '#1b4f9c');
sky.addColorStop(0.7, '#f2a65a');
sky.addColorStop(1, '#20331f');
picture.fillStyle = sky;
picture.fillRect(0, 0, side, side);
picture.fillStyle = '#ffe9a8';
picture.beginPath();
picture.arc(side * 0.65, side * 0.35, side * 0.16, 0, 2 * Math.PI);
picture.fill();
picture.fillStyle = '#141c26';
picture.fillRect(side * 0.15, side * 0.45, side * 0.18, side * 0.55);

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.addEventListener('message', ({ data: { step, loss, pixels, error } }) => {
  if (error) {
    status.textContent = error;
    return;
  }
  painting.putImageData(new ImageData(pixels, side), 0, 0);
  status.textContent = `step ${step}, loss ${loss.toFixed(5)}`;
});
worker.postMessage({
  side,
  pixels: picture.getImageData(0, 0, side, side).data,
  device: new URLSearchParams(location.search).get('device') ?? 'wasm',
  steps: 200,
});
