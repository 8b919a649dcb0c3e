// Who offers to provide what matches a pattern, and how it is asked.

/** One connection, which may listen to many patterns. Its calls may be answered at once or later. */
export interface PatternProvider {
  /** Somebody subscribes to this name: accept or reject it. When it answers false, or throws, it has rejected. */
  offer(pattern: string, name: string): boolean;
  /** Nobody subscribes any more to what was offered or accepted, or another has accepted it. */
  withdraw(pattern: string, name: string): void;
  /** It was not answered in time, and others are asked. It can still be accepted until one of them does. */
  late(pattern: string, name: string): void;
}

/** One pattern of one provider. Dispose it when the provider listens no more, or is gone. */
export interface PatternListener extends Disposable {
  readonly pattern: string;
  /** `unknown`: it was not offered, or is over. It is withdrawn then, for good measure. */
  accept(name: string): "ok" | "unknown";
  /** `unknown`: it was not offered, or is over. */
  reject(name: string): "ok" | "unknown";
}
