// Finds the name that somebody probably meant by one that does not exist.

export function nearMiss(written: string, names: readonly string[]): string | undefined {
  const near = Math.max(1, Math.min(3, Math.floor(written.length / 2)));
  const ranked = names
    .map((name) => ({
      name,
      distance: editDistance(written.toLowerCase(), name.toLowerCase(), near),
    }))
    .filter(({ distance }) => distance <= near)
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.name;
}

function editDistance(one: string, other: string, near: number): number {
  // Spares the work that a very long name would cost.
  if (Math.abs(one.length - other.length) > near) return Infinity;
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[other.length] ?? Infinity;
}
