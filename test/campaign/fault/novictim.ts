// Says that something could not go wrong just then.

/** The moment came, and there was nobody to do it to, or it could not be done. */
export class NoVictim extends Error {
  override readonly name = "NoVictim";
}
