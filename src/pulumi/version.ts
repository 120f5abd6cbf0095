// The engine's version: pinned once, by the `pulumi` launcher in package.json.
import launcher from "pulumi/package.json" with { type: "json" };

/** The version of the Pulumi CLI that everything here drives, without a leading `v`. toolchain/go.mod repeats it. */
export const engineVersion: string = launcher.version;
