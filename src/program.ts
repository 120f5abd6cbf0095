// The program of plain `pulumi preview | up`: declares the selected stack's substrate.
import * as pulumi from "@pulumi/pulumi";
import { parseStack } from "./environment/stack.ts";
import { warnUnderFreeze } from "./program/guard.ts";
import { declareStack } from "./program/stack.ts";

// Pulumi maps every stack trace back to sources, and keeps one for each property of a resource: a second of CPU for
// files that Node runs as they are.
Reflect.deleteProperty(Error, "prepareStackTrace");

const { outputs } = await declareStack(undefined);
await warnUnderFreeze(parseStack(pulumi.getStack()).environment);

/** Endpoints by logical name: role, SSH user and port, address (a secret). */
export const endpoints = outputs.endpoints;
/** The release run that the resources are tagged with, and when it expires. */
export const run = outputs.run;
