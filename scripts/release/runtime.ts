/** What is inside the executable beside packages: Bun, and the libraries that are linked into it. */

export interface RuntimePart {
  readonly name: string;
  /** By its SPDX expression. */
  readonly licence: string;
  /** Where its source and its notices are. */
  readonly url: string;
  /** What Bun calls its version in `process.versions`, where it has one. */
  readonly versionName?: string;
}

/** As Bun names them in its LICENSE.md. */
export const RUNTIME_PARTS: readonly RuntimePart[] = [
  part("JavaScriptCore", "LGPL-2.1-or-later", "https://github.com/oven-sh/WebKit", "webkit"),
  part(
    "BoringSSL",
    "Apache-2.0 AND ISC AND OpenSSL",
    "https://boringssl.googlesource.com/boringssl",
    "boringssl",
  ),
  part("Brotli", "MIT", "https://github.com/google/brotli"),
  part("c-ares", "MIT", "https://github.com/c-ares/c-ares", "ares"),
  part("esbuild", "MIT", "https://github.com/evanw/esbuild"),
  part("Highway", "Apache-2.0", "https://github.com/google/highway"),
  part("ICU", "Unicode-3.0", "https://github.com/unicode-org/icu", "icu"),
  part("libarchive", "BSD-2-Clause", "https://github.com/libarchive/libarchive", "libarchive"),
  part("libbase64", "BSD-2-Clause", "https://github.com/aklomp/base64"),
  part("libdeflate", "MIT", "https://github.com/ebiggers/libdeflate", "libdeflate"),
  part(
    "libjpeg-turbo",
    "IJG AND BSD-3-Clause AND Zlib",
    "https://github.com/libjpeg-turbo/libjpeg-turbo",
  ),
  part("libspng", "BSD-2-Clause", "https://github.com/randy408/libspng"),
  part("libuv", "MIT", "https://github.com/libuv/libuv", "uv"),
  part("libwebp", "BSD-3-Clause", "https://github.com/webmproject/libwebp"),
  part("llhttp", "MIT", "https://github.com/nodejs/llhttp", "llhttp"),
  part("LLVM libc++abi", "Apache-2.0 WITH LLVM-exception", "https://github.com/llvm/llvm-project"),
  part("lol-html", "BSD-3-Clause", "https://github.com/cloudflare/lol-html", "lolhtml"),
  part("ls-hpack", "MIT", "https://github.com/litespeedtech/ls-hpack", "lshpack"),
  part("ls-qpack", "MIT", "https://github.com/litespeedtech/ls-qpack"),
  part("lsquic", "MIT AND BSD-3-Clause", "https://github.com/litespeedtech/lsquic"),
  part("mimalloc", "MIT", "https://github.com/microsoft/mimalloc", "mimalloc"),
  part("picohttpparser", "MIT", "https://github.com/h2o/picohttpparser", "picohttpparser"),
  part("simdutf", "Apache-2.0", "https://github.com/simdutf/simdutf"),
  part("SQLite", "blessing", "https://sqlite.org", "sqlite"),
  part(
    "TigerBeetle's input and output",
    "Apache-2.0",
    "https://github.com/tigerbeetle/tigerbeetle",
  ),
  part("TinyCC", "LGPL-2.1-or-later", "https://github.com/tinycc/tinycc", "tinycc"),
  part("uSockets", "Apache-2.0", "https://github.com/uNetworking/uSockets", "usockets"),
  part("uucode", "MIT", "https://github.com/jacobsandlund/uucode"),
  part("uWebSockets", "Apache-2.0", "https://github.com/uNetworking/uWebSockets", "uwebsockets"),
  part("zlib-ng", "Zlib", "https://github.com/zlib-ng/zlib-ng", "zlib"),
  part("Zstandard", "BSD-3-Clause", "https://github.com/facebook/zstd", "zstd"),
];

export const BUN_URL = "https://github.com/oven-sh/bun";

/** Undefined where Bun does not say. */
export function versionOf({ versionName }: RuntimePart): string | undefined {
  if (versionName === undefined) return undefined;
  const version = process.versions[versionName];
  if (version === undefined) throw new Error(`This Bun does not know its ${versionName} any more`);
  return version;
}

function part(name: string, licence: string, url: string, versionName?: string): RuntimePart {
  return { name, licence, url, ...(versionName !== undefined && { versionName }) };
}
