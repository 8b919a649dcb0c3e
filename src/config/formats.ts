// What each kind of text setting may look like, and how that is said.

interface Format {
  readonly allowed: string;
  accepts(text: string): boolean;
}

const name = "[A-Za-z0-9._-]+";
const ipv6 = "[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*";
const address = new RegExp(`^(${name}|${ipv6})$`);
const endpoint = new RegExp(`^(https?://)?(${name}|\\[${ipv6}\\])(:[0-9]{1,5})?$`);
const origin = new RegExp(`^[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\\[${ipv6}\\])(:[0-9]{1,5})?$`);

export const formats = {
  region: format("1 to 64 of the characters a to z, 0 to 9 and -", (text) =>
    /^[a-z0-9-]{1,64}$/.test(text),
  ),
  host: format("a host name or an IP address, without a port", (text) => address.test(text)),
  endpoint: format(
    'a host name such as "topics.example.com", with a scheme or a port if need be',
    isEndpoint,
  ),
  network: format(
    'an IP address, or a network of them such as "10.0.0.0/8" or "fd00::/8"',
    isNetwork,
  ),
  origin: format(
    'an origin as browsers send it: "scheme://host" or "scheme://host:port"',
    isOrigin,
  ),
  url: format(
    'a URL that begins with "http://" or "https://"',
    (text) => isUrl(text) && !/\s/.test(text),
  ),
  path: format("a path of 1 to 4096 characters", (text) => isLine(text, 1, 4096)),
  word: format(
    "1 to 255 characters without spaces",
    (text) => isLine(text, 1, 255) && !/\s/.test(text),
  ),
  urlPath: format(
    'a path such as "/api" of letters, digits and . _ ~ - between slashes, without one at its end',
    isUrlPath,
  ),
  header: format("a name that a header may have", (text) =>
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,255}$/.test(text),
  ),
  line: format("a line of 1 to 1024 characters", (text) => isLine(text, 1, 1024)),
} satisfies Record<string, Format>;

export type TextFormat = keyof typeof formats;

function format(allowed: string, accepts: (text: string) => boolean): Format {
  return { allowed, accepts };
}

function isEndpoint(text: string): boolean {
  return endpoint.test(text) && URL.canParse(text.includes("://") ? text : `http://${text}`);
}

function isNetwork(text: string): boolean {
  const [, ip = "", bits = "0"] = /^([^/]*)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  return (isIpv4(ip) && Number(bits) <= 32) || (isIpv6(ip) && Number(bits) <= 128);
}

function isIpv4(text: string): boolean {
  const octets = text.split(".");
  return (
    octets.length === 4 &&
    octets.every((octet) => /^(?:0|[1-9][0-9]{0,2})$/.test(octet) && Number(octet) <= 255)
  );
}

// An IPv4 address may be its end, in place of two groups; :: stands for one group of zeros at least.
function isIpv6(text: string): boolean {
  const end = text.slice(text.lastIndexOf(":") + 1);
  const whole = isIpv4(end) ? `${text.slice(0, -end.length)}0:0` : text;
  const halves = whole.split("::");
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const isCounted =
    halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
  return isCounted && groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group));
}

// Browsers write an origin in one way only: "https://x:443" or "https://X" would never match.
function isOrigin(text: string): boolean {
  return origin.test(text) && (!/^https?:/.test(text) || URL.parse(text)?.origin === text);
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[^/]/.test(text) && URL.canParse(text);
}

function isUrlPath(text: string): boolean {
  const segments = text.slice(1).split("/");
  const arePlain = segments.every(
    (name) => /^[A-Za-z0-9._~-]+$/.test(name) && !/^\.\.?$/.test(name),
  );
  return text.startsWith("/") && text.length <= 255 && arePlain;
}

function isLine(text: string, minimum: number, maximum: number): boolean {
  return text.length >= minimum && text.length <= maximum && !/\p{Cc}/u.test(text);
}
