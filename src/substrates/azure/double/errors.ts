// How the resource manager refuses, in the words that the plugin passes on (pulumi-azure-native, azcore's response errors).

/** An error of the resource manager: `ResourceNotFound` and what it says. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly text: string;

  constructor(status: number, code: string, text: string) {
    super(`Status=${status} Code="${code}" Message="${text}"`);
    this.status = status;
    this.code = code;
    this.text = text;
  }
}

/** There is no such thing. */
export function notFound(id: string): ArmError {
  const text = `The Resource '${id.replace(/^.*\/providers\//, "")}' was not found.`;
  return new ArmError(404, "ResourceNotFound", text);
}

/** A thing that must be there. Throws what it is asked to. */
export function present<T>(thing: T | undefined, refusal: () => Error): T {
  if (thing === undefined) throw refusal();
  return thing;
}
