// The program of plain `pulumi preview | up`: declares the selected stack's substrate.
import * as pulumi from "@pulumi/pulumi";
import { parseStack } from "./environment/stack.ts";
import { warnUnderFreeze } from "./program/guard.ts";
import { declareStack } from "./program/stack.ts";

const { outputs } = await declareStack(undefined);
await warnUnderFreeze(parseStack(pulumi.getStack()).environment);

/** Endpoints by logical name: role, SSH user and port, address (a secret). */
export const endpoints = outputs.endpoints;
/** The release run that the resources are tagged with, and when it expires. */
export const run = outputs.run;
