// What a certification tells while it runs; for people only, never evidence.
import type { Result } from "../check/outcome.ts";

/** One thing that happened, in the order in which it did. */
export type Progress =
  | { readonly kind: "phase"; readonly text: string }
  | { readonly kind: "started"; readonly check: string; readonly target?: string | undefined }
  | {
      readonly kind: "answered";
      readonly check: string;
      readonly target?: string | undefined;
      readonly result: Result;
      readonly summary: string;
      /** Whether it never began, because a gate before it was closed. */
      readonly gated: boolean;
      /** Milliseconds from its start to its answer. */
      readonly ms: number;
    }
  | {
      readonly kind: "repaired";
      readonly target: string;
      readonly action: string;
      readonly result: Exclude<Result, "skipped">;
    }
  | { readonly kind: "note"; readonly text: string };
