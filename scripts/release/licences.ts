/** The licences of all that is inside the executable, in one text. */
import type { Package } from "./packages.ts";
import { BUN_URL, RUNTIME_PARTS, versionOf } from "./runtime.ts";

const RULE = "=".repeat(78);

/** `own` is the licence of Millrace, `lgpl` the text of the GNU Lesser General Public License 2.1. */
export function licencesText(own: string, lgpl: string, packages: readonly Package[]): string {
  const sections = [
    section("Millrace", own),
    section(`Bun ${Bun.version} (MIT), ${BUN_URL}`, ON_BUN),
    section("Libraries that are linked into Bun", `${ON_PARTS}\n\n${listParts()}`),
    ...packages.map(({ name, version, licence, licenceText }) =>
      section(`${name} ${version} (${licence})`, licenceText),
    ),
    section("GNU Lesser General Public License 2.1, of JavaScriptCore and TinyCC", lgpl),
  ];
  return `The executable of Millrace contains the works below, each under its own licence.\n\n${sections.join("\n")}`;
}

const ON_BUN = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

const ON_PARTS = `Bun is an executable of its own that Millrace's source, which is in it as text,
runs in. To run it with another build of JavaScriptCore or TinyCC, build Bun
from its source with that, and build Millrace from its own with that Bun.
The notices of each library are with its source, at the address given.`;

function listParts(): string {
  return RUNTIME_PARTS.map((part) => {
    const version = versionOf(part);
    return `${part.name}${version === undefined ? "" : ` ${version}`}\n    ${part.licence}, ${part.url}`;
  }).join("\n");
}

function section(heading: string, text: string): string {
  return `${RULE}\n${heading}\n${RULE}\n\n${text.trim()}\n`;
}
