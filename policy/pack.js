// The engine loads packs through ts-node unless they begin as JavaScript; from here on Node strips the types itself.
import "./pack.ts";
