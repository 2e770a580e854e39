/** What was asked for cannot be made; the message says what was expected and what was got. */
export class Refusal extends Error {}
