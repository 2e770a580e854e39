/** One convolution of the network: 3 × 3, one pixel of padding, then a ReLU. */
export interface Convolution {
  /** Of the layer that ends with it. */
  readonly name: string;
  readonly planes: number;
  /** 2 halves the sides, rounding up. */
  readonly stride: 1 | 2;
}

/** From pixels to the last map, whose mean over all positions is classified by one linear layer. */
export const CONVOLUTIONS: readonly Convolution[] = [
  { name: 'conv1', planes: 32, stride: 1 },
  { name: 'conv2', planes: 48, stride: 2 },
  { name: 'conv3', planes: 48, stride: 1 },
  { name: 'conv4', planes: 96, stride: 2 },
  { name: 'conv5', planes: 96, stride: 1 },
  { name: 'conv6', planes: 128, stride: 2 },
];

/** What the network takes from each pixel value, and divides the rest by, so that its inputs are near −2 … 2. */
export const PIXEL_SCALE = { mean: 120, deviation: 64 } as const;
