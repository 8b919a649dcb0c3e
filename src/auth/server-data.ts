// What the server knows of a user, hidden in the user's token from the client that carries it.

import { CompactEncrypt, compactDecrypt } from "jose";
import type { Json } from "../core/json.ts";

const KEY_BITS = 256;
const INFO = new TextEncoder().encode("millrace server data");
const HEADER = { alg: "dir", enc: "A256GCM" };

/** As a compact JWE, under a key of its own that is made from the one that signs tokens. */
export async function encryptServerData(data: Json, secret: Uint8Array): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(data));
  return await new CompactEncrypt(text).setProtectedHeader(HEADER).encrypt(await keyOf(secret));
}

/** Throws one of jose's errors when it is not what `encryptServerData` made with this secret. */
export async function decryptServerData(jwe: string, secret: Uint8Array): Promise<Json> {
  const { plaintext } = await compactDecrypt(jwe, await keyOf(secret), {
    keyManagementAlgorithms: [HEADER.alg],
    contentEncryptionAlgorithms: [HEADER.enc],
  });
  return JSON.parse(new TextDecoder().decode(plaintext)) as Json;
}

async function keyOf(secret: Uint8Array): Promise<Uint8Array> {
  const from = await crypto.subtle.importKey("raw", new Uint8Array(secret), "HKDF", false, [
    "deriveBits",
  ]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: INFO };
  return new Uint8Array(await crypto.subtle.deriveBits(how, from, KEY_BITS));
}
