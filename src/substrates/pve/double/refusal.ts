// How the far end says no: a status, a reason for the status line, and what is wrong with which parameter.

/** Thrown by everything in this room; the handler makes the answer of it, a task its exit status. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** By parameter, for status 400. */
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(status: number, reason: string, errors?: Readonly<Record<string, string>>) {
    super(reason);
    this.status = status;
    this.errors = errors;
  }
}

/** A failure while doing: PVE answers nearly all of them with 500 and tells them apart by text. */
export function broken(reason: string): Refusal {
  return new Refusal(500, reason);
}

/** A parameter that is not what it should be. */
export function invalid(errors: Readonly<Record<string, string>>): Refusal {
  return new Refusal(400, "Parameter verification failed.", errors);
}
