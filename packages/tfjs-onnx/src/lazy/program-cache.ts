import type { InferenceSession } from 'onnxruntime-common';
import { buildSession, type BuiltSession } from '../build-session.js';
import { DEFAULT_SESSION_OPTIONS } from '../compile.js';
import { countFlop } from '../graph/estimate-cost.js';
import type { Graph } from '../graph/graph.js';
import type { OrtModule } from '../ort-module.js';

/** Below this work a run on several threads is slower than on one, and each session would keep threads of its own. */
const SMALL_FLOP = 1e6;

/** A session that runs may still need when the cache gives it up. */
export interface Program extends BuiltSession {
  users: number;
  retired: boolean;
}

/** Sessions by the structure of their graphs; the one that was used longest ago goes first. */
export class ProgramCache {
  private readonly programs = new Map<string, Program>();
  private readonly ort: OrtModule;
  private readonly sessionOptions: InferenceSession.SessionOptions;
  private readonly limit: number;

  /** @param limit how many sessions to keep */
  constructor(ort: OrtModule, sessionOptions: InferenceSession.SessionOptions, limit: number) {
    this.ort = ort;
    this.sessionOptions = sessionOptions;
    this.limit = limit;
  }

  /** Number of sessions that are held. */
  get size(): number {
    return this.programs.size;
  }

  /** The session for a structure, made if there is none. Give it back with {@link ProgramCache.leave} after use. */
  async enter(key: string, graph: () => Graph): Promise<Program> {
    const known = this.programs.get(key);
    const program = known ?? { ...(await this.build(graph())), users: 0, retired: false };
    program.users += 1;
    this.programs.delete(key);
    this.programs.set(key, program);
    const [oldest] = this.programs.keys();
    if (this.programs.size > this.limit && oldest !== undefined) await this.drop(oldest);
    return program;
  }

  /** Say that a use has ended. */
  async leave(program: Program): Promise<void> {
    program.users -= 1;
    if (program.retired && program.users === 0) await program.session.release();
  }

  /** A session that is not kept: release it after use. */
  build(graph: Graph): Promise<BuiltSession> {
    const small = countFlop(graph) < SMALL_FLOP;
    return buildSession(graph, {
      ort: this.ort,
      sessionOptions: {
        ...DEFAULT_SESSION_OPTIONS,
        logSeverityLevel: 4, // what fails is reported with the operation's name, to whom reads the value
        ...(small ? { intraOpNumThreads: 1 } : {}),
        ...this.sessionOptions,
      },
      name: 'lazy',
    });
  }

  /** Give one session up; it is released when nothing uses it. */
  async drop(key: string): Promise<void> {
    const program = this.programs.get(key);
    if (program === undefined) return;
    this.programs.delete(key);
    program.retired = true;
    if (program.users === 0) await program.session.release();
  }

  /** Give all sessions up. */
  async clear(): Promise<void> {
    for (const key of [...this.programs.keys()]) await this.drop(key);
  }
}
