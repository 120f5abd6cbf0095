// A small read-only disk that a machine is told by who it is.

/** What is on it, and whether it can still be read. */
export type Medium = {
  /** The volume's label, by which guests find it. */
  readonly label: string;
  /** Text by file name. */
  readonly files: Readonly<Record<string, string>>;
  damaged: boolean;
};
