/** Does tasks one after another, in the order in which they were added. */
export class RunQueue {
  #last: Promise<unknown> = Promise.resolve();

  add<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** When everything that was added so far is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
