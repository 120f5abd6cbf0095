// How the API refuses, in the words that the plugin passes on (aws-sdk-go-v2, smithy's OperationError).

/** An error of the API: `InvalidVpcID.NotFound` and what it says. */
export class ApiError extends Error {
  readonly code: string;

  constructor(
    operation: string,
    { code, status = 400, text }: { code: string; status?: number; text: string },
  ) {
    const service = /^(GetCallerIdentity)$/.test(operation) ? "STS" : "EC2";
    super(
      `operation error ${service}: ${operation}, https response error StatusCode: ${status}, RequestID: 59dbff89-35bd-4eac-99ed-be587EXAMPLE, api error ${code}: ${text}`,
    );
    this.code = code;
  }
}

/** There is no such thing. */
export function notFound(operation: string, code: string, id: string): ApiError {
  return new ApiError(operation, { code, text: `The ID '${id}' does not exist` });
}
