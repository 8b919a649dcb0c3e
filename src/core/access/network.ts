// Who counts as one, of those who come from outside.

/** An IPv4 address, or the first 64 bits of an IPv6 address, which are what one household gets. Empty: nobody's. */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:([0-9.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => "0");
  const whole = [...groups, ...zeros, ...after].slice(0, 4);
  return whole.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
