// What is there at once, or comes later: waiting for a promise costs every caller a turn, needed or not.

export type Maybe<T> = T | Promise<T>;
