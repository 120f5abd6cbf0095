// How the API refuses, in the words that the plugin passes on (terraform-provider-oci, tfresource/errors.go).

/** What the API says with a status. */
type Refusal = { readonly status: number; readonly code: string; readonly text: string };

/** An error of the API as the plugin passes it on. */
export class ApiError extends Error {
  readonly refusal: Refusal;

  constructor(operation: string, refusal: Refusal) {
    const { status, code, text } = refusal;
    super(
      [
        `${status}-${code}, ${text}`,
        "Suggestion: Please retry or contact support for help with service",
        "Documentation: https://registry.terraform.io/providers/oracle/oci/latest/docs",
        `Operation Name: ${operation}`,
        "OPC request ID: exampleuniquerequestid",
      ].join("\n"),
    );
    this.refusal = refusal;
  }
}

/** There is no such thing, or whoever asks may not know of it. */
export function notFound(operation: string): ApiError {
  return new ApiError(operation, {
    ...{ status: 404, code: "NotAuthorizedOrNotFound" },
    text: "Authorization failed or requested resource not found.",
  });
}

/** Something else stands in the way. */
export function conflict(operation: string, text: string): ApiError {
  return new ApiError(operation, { status: 409, code: "Conflict", text });
}

/** Something about the request is wrong. */
export function invalid(operation: string, text: string): ApiError {
  return new ApiError(operation, { status: 400, code: "InvalidParameter", text });
}

/** There is no more to be had. */
export function exceeded(operation: string, limit: string): ApiError {
  const text = `The following service limits were exceeded: ${limit}.`;
  return new ApiError(operation, { status: 400, code: "LimitExceeded", text });
}

/** A thing that must be there. Throws what the API says where it is not. */
export function present<T>(thing: T | undefined, operation: string): T {
  if (thing === undefined) throw notFound(operation);
  return thing;
}
