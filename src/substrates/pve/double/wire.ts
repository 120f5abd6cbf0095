// A request's address and form as any transport brings them, taken apart for the handler.
import type { ApiRequest } from "./handler.ts";

const base = "/api2/json";

/** Reads `/api2/json/…?query` and a form body. What is not below the API's base matches no route. */
export function requestOf({ url, form, ...rest }: WireForm): ApiRequest {
  const at = url.indexOf("?");
  const [path, query] = at === -1 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
  return {
    ...rest,
    path: path.startsWith(`${base}/`) ? path.slice(base.length) : path,
    parameters: Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(form)]),
  };
}

type WireForm = Pick<ApiRequest, "method" | "authorization"> & {
  readonly url: string;
  readonly form: string;
};
