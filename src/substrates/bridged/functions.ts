// What all functions of a bridged plugin have in common: arguments read strictly, answers computed from an account.
import { z } from "zod";
import type { Properties } from "../double.ts";

/** One function: it says what it asks the API for, and answers from the account. */
export type Answer<A> = {
  readonly operation: string;
  readonly answer: (api: A, args: Properties) => Properties;
};

/** Makes functions over one kind of API, with these arguments and no others. */
export function functionsOver<A>() {
  return <S extends z.core.$ZodShape>(
    operation: string,
    { shape }: z.ZodObject<S>,
    answer: (api: A, args: z.output<z.ZodObject<S, z.core.$strict>>) => Properties,
  ): Answer<A> => {
    const model = z.strictObject(shape);
    return { operation, answer: (api, args) => answer(api, model.parse(args)) };
  };
}
