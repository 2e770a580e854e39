import type * as OnnxRuntimeNode from 'onnxruntime-node';
import { UnavailableError } from './unavailable-error.js';

const NAME = 'onnxruntime-node';
// Its install script fetches CUDA libraries, and where it cannot the whole install fails.
const WITHOUT_CUDA = `ONNXRUNTIME_NODE_INSTALL=skip npm install ${NAME}`;

/** The package, and commands that install it and mend its install. */
export const NODE_PACKAGE: Readonly<Record<'name' | 'install' | 'fix', string>> = {
  name: NAME,
  install: `npm install ${NAME} (without access to its GPU libraries: ${WITHOUT_CUDA})`,
  fix: WITHOUT_CUDA,
};

/**
 * Import onnxruntime-node. Throws what is in the way.
 *
 * @throws {UnavailableError} if it has no such provider on this machine
 * @param fix what to do then
 */
export async function loadOnnxRuntimeNode(
  provider: string,
  fix: string,
): Promise<typeof OnnxRuntimeNode> {
  // By a variable, so that bundlers for browsers let the name be.
  const name: string = NAME;
  const ort = (await import(/* @vite-ignore */ name)) as typeof OnnxRuntimeNode;
  if (ort.listSupportedBackends().some((one) => one.name === provider)) return ort;
  throw new UnavailableError(
    `${NAME} has no provider '${provider}' for ${process.platform}-${process.arch}`,
    fix,
  );
}
