/** What a level's process is told: where things are. Plain data; the rest it reads from the run's folder. */
export interface LevelProcessJob {
  /** Folder of the project, from which plugins are loaded. */
  readonly project: string;
  /** The run's folder. */
  readonly run: string;
  /** Which level, from coarse to fine. */
  readonly index: number;
  /** File of the decoded images. */
  readonly store: string;
  /** File of their captions, if the levels are told of them. */
  readonly captions: string | null;
  /** Id of the backend; the parent has chosen it. */
  readonly backend: string;
  readonly anyVersion: boolean;
  /** Of packages and Node, stored with each checkpoint. */
  readonly versions: Readonly<Record<string, string>>;
}
