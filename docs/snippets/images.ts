import { decodeImage, imageGrid, writePng } from '@lapyra/images';

const cat = await decodeImage('cat.jpg', { channels: 3, resize: { size: [32, 32], fit: 'cover' } });
console.log(cat.size); // [32, 32]
console.log(cat.pixels.length); // 3072: uint8 [H, W, C]

const images = new Uint8Array([...cat.pixels, ...cat.pixels]); // uint8 [2, 32, 32, 3]
await writePng('cats.png', imageGrid({ images, size: [32, 32], channels: 3, scale: 4 }));
