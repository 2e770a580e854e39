// A backend is a way to run tensor programs on some device; an engine is a backend that was opened. Backends probe
// cheaply and never throw while doing so; which one is used is decided by the composition root.
import type { TensorProgram } from './tensor-program.js';
import type { DType, TensorValues } from './tensor-value.js';

/**
 * `train`: runs programs that contain gradients. `sample`: runs programs. `onnx`: loads ONNX files.
 * `export`: writes programs as ONNX files.
 */
export type Capability = 'train' | 'sample' | 'onnx' | 'export';

export type Probe =
  | { readonly available: true; /** Processor or adapter, and versions. */ readonly device: string }
  | {
      readonly available: false;
      readonly reason: string;
      /** A command or step that would mend it. */ readonly fix: string;
    };

export interface Backend {
  /** As the user writes it: `onnxruntime-cpu`. */
  readonly id: string;
  /** `auto` tries backends from high to low. */
  readonly priority: number;
  readonly can: readonly Capability[];
  /** What has been run by the authors: shown by `doctor`. */
  readonly tested: boolean;
  /** Cheap; resolves within seconds; never throws. */
  probe(): Promise<Probe>;
  open(options?: EngineOptions): Promise<Engine>;
}

export interface EngineOptions {
  /** Threads for one program. Default: the backend's choice. */
  readonly threads?: number;
}

export interface StateOptions {
  /**
   * Whether the state stays as it is. Programs may then have its tensors built in, which makes them faster; writing to it, and
   * programs that do, may be refused. @default false
   */
  readonly fixed?: boolean;
}

export interface Engine {
  readonly id: string;
  /** Take a state into the engine, where programs borrow its tensors by name. */
  open(state: TensorValues, options?: StateOptions): Promise<EngineState>;
  /** Engines that list `onnx`. */
  load?(onnx: Uint8Array): Promise<LoadedModel>;
  /** Engines that list `export`: one ONNX file with the state inside, for any batch. */
  export?(
    program: TensorProgram,
    state: TensorValues,
    options?: ExportOptions,
  ): Promise<Uint8Array>;
  /** What a program costs, without running it. */
  cost?(program: TensorProgram, state: TensorValues, batch?: number): Promise<ProgramCost>;
  dispose(): Promise<void>;
}

/** A state that lives in the engine, and the programs compiled against it. */
export interface EngineState {
  /** Prepare a program; each `null` in its input shapes becomes `batch`. */
  compile(program: TensorProgram, batch?: number): Promise<CompiledProgram>;
  /** Copies of state tensors; all if no names are given. */
  read(names?: readonly string[]): Promise<TensorValues>;
  /** Replace some state tensors; shapes must stay. */
  write(part: TensorValues): Promise<void>;
  dispose(): Promise<void>;
}

export interface CompiledProgram {
  /** Run once: the state is updated in the engine, and the wanted outputs (default: all) come back. */
  run(inputs: TensorValues, options?: { readonly read?: readonly string[] }): Promise<TensorValues>;
  dispose(): Promise<void>;
}

export interface LoadedModel {
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  readonly metadata: Readonly<Record<string, string>>;
  run(inputs: TensorValues): Promise<TensorValues>;
  dispose(): Promise<void>;
}

/** A named input or output of a file; `null` is a free dimension. */
export interface ModelPort {
  readonly name: string;
  readonly dtype: DType | 'int64';
  readonly shape: readonly (number | null)[];
}

export interface ExportOptions {
  /** Names of int32 inputs that the file takes as int64, as other tools give labels. */
  readonly wideInputs?: readonly string[];
  /** Stored in the file as key and value. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ProgramCost {
  /** Floating-point operations of one run (a multiply-add counts as two). */
  readonly flop: number;
  /** Peak bytes of intermediate tensors and state, estimated. */
  readonly bytes: number;
  /** Seconds of one run, estimated from a short measurement of this machine. */
  readonly seconds: number;
}
