// Helpers that take tokens apart and put them together again, as clients and forgers do.

export type Jwt = {
  readonly header: object;
  readonly payload: Record<string, unknown>;
  readonly signature: string;
};

/** The JWT itself, out of the base64 {endpoint, api_key} form or as it is. */
export function bareJwt(token: string): string {
  if (token.split(".").length === 3) return token;
  return JSON.parse(Buffer.from(token, "base64").toString()).api_key;
}

/** The form that Momento's users hold: base64 of {endpoint, api_key}. */
export function keyForm(jwt: string, endpoint = "localhost:7070"): string {
  return Buffer.from(JSON.stringify({ endpoint, api_key: jwt })).toString("base64");
}

/** A key form that has `+`, `/` and padding, which a query string garbles when they are not encoded. */
export function awkwardKeyForm(jwt: string): string {
  for (let length = 0; ; length += 1) {
    const key = keyForm(jwt, `${"~~~???>>>".repeat(3)}${"x".repeat(length)}`);
    if (key.includes("+") && key.includes("/") && key.endsWith("=")) return key;
  }
}

export function parseJwt(jwt: string): Jwt {
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  return { header: decodePart(header), payload: decodePart(payload), signature };
}

/** With the signature as it is given, right or wrong. */
export function renderJwt({ header, payload, signature }: Jwt): string {
  return `${encodePart(header)}.${encodePart(payload)}.${signature}`;
}

function decodePart(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
