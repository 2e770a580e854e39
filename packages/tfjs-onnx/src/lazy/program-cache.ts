import type { InferenceSession } from 'onnxruntime-common';
import { buildSession, type BuiltSession } from '../build-session.js';
import { DEFAULT_SESSION_OPTIONS } from '../compile.js';
import { countFlop } from '../graph/estimate-cost.js';
import type { Graph } from '../graph/graph.js';
import type { OrtModule } from '../ort-module.js';

/** Below this work a run on several threads is slower than on one, and each session would keep threads of its own. */
const SMALL_FLOP = 1e6;

/** Sessions by the structure of their graphs; the one that was used longest ago goes first. */
export class ProgramCache {
  private readonly programs = new Map<string, BuiltSession>();
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

  /** The session for a structure; made if there is none. */
  async get(key: string, graph: () => Graph): Promise<BuiltSession> {
    const known = this.programs.get(key);
    this.programs.delete(key);
    const program = known ?? (await this.build(graph()));
    this.programs.set(key, program);
    if (this.programs.size > this.limit) await this.dropOldest();
    return program;
  }

  /** A session that is not kept: release it after use. */
  build(graph: Graph): Promise<BuiltSession> {
    const small = countFlop(graph) < SMALL_FLOP;
    return buildSession(graph, {
      ort: this.ort,
      sessionOptions: {
        ...DEFAULT_SESSION_OPTIONS,
        ...(small ? { intraOpNumThreads: 1 } : {}),
        ...this.sessionOptions,
      },
      name: 'lazy',
    });
  }

  /** Release one session. */
  async drop(key: string): Promise<void> {
    const program = this.programs.get(key);
    this.programs.delete(key);
    await program?.session.release();
  }

  /** Release all sessions. */
  async clear(): Promise<void> {
    for (const key of [...this.programs.keys()]) await this.drop(key);
  }

  private async dropOldest(): Promise<void> {
    const [oldest] = this.programs.keys();
    if (oldest !== undefined) await this.drop(oldest);
  }
}
