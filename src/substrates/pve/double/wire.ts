// A request's address and form as any transport brings them, taken apart for the handler.
import { z } from "zod";
import type { ApiRequest } from "./handler.ts";

const base = "/api2/json";

/** Reads `/api2/json/…?query` and a form body. What is not below the API's base matches no route. */
export function requestOf({ url, form, ...rest }: WireForm): ApiRequest {
  const at = url.indexOf("?");
  const [path, query] = at === -1 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
  return {
    ...rest,
    path: path.startsWith(`${base}/`) ? path.slice(base.length) : path,
    parameters: Object.fromEntries([...together(new URLSearchParams(query)), ...together(bodyOf(form))]),
  };
}

const json = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

/** PVE takes a body as a form or as JSON. */
function bodyOf(text: string): URLSearchParams {
  if (!text.startsWith("{")) return new URLSearchParams(text);
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(json.parse(JSON.parse(text))))
    for (const one of [value].flat()) parameters.append(key, String(one));
  return parameters;
}

/** A parameter that comes several times is a list: its values with NULs between. */
function together(parameters: URLSearchParams): [string, string][] {
  return [...new Set(parameters.keys())].map((key) => [key, parameters.getAll(key).join("\0")]);
}

type WireForm = Pick<ApiRequest, "method" | "authorization"> & {
  readonly url: string;
  readonly form: string;
};
