// JSON as people like to read it: what is short stands on one line.

const LINE_CHARACTERS = 72;

export function readableJson(value: unknown, margin = ""): string {
  const line = oneLine(value);
  if (line.length + margin.length <= LINE_CHARACTERS || typeof value !== "object" || !value) {
    return line;
  }
  const deeper = `${margin}  `;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const members = Array.isArray(value)
    ? value.map((member) => readableJson(member, deeper))
    : Object.entries(value).map(([name, member]) => {
        return `${JSON.stringify(name)}: ${readableJson(member, deeper)}`;
      });
  return `${open}\n${members.map((member) => deeper + member).join(",\n")}\n${margin}${close}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => {
    return `${JSON.stringify(name)}: ${oneLine(member)}`;
  });
  return members.length > 0 ? `{ ${members.join(", ")} }` : "{}";
}
