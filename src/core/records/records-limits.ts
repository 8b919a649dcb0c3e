// How large records, their names and their paths may be, and how much of them one may ask for.

export interface RecordsLimits {
  /** Of the text of a record's data, and of a value written into it. */
  readonly recordBytesMax: number;
  readonly nameBytesMax: number;
  /** What the indexes of one path may add up to. */
  readonly arrayIndexMax: number;
  /** How deep arrays and objects of a record may lie in each other, the outermost counted. */
  readonly depthMax: number;
  /** Names that one list looks at, to find those that may be read. */
  readonly listedMax: number;
  /** Of writes that wait because rules look at records. */
  readonly waitingBytesMax: number;
}
