// Tokens: minted by whoever has one, revoked by administrators; and the keys that sign them.

import { Elysia } from "elysia";
import type { Permission } from "../../core/access/principal.ts";
import { invalidArgument } from "../../core/errors.ts";
import { isName, NAME_RULE, requireName } from "../../core/names.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { readJson } from "../../http/json-body.ts";
import { queryOf } from "../../http/query.ts";
import { tokenOf } from "../../http/token.ts";
import { decodeTokenId } from "./codec.ts";
import type { MomentoHttpServices } from "./plugin.ts";
import { RotateRequest, TokenRequest } from "./schema.ts";

const TOKENS = "/tokens";
const TOKEN = "/tokens/:tokenId";
const ROTATE = "/keys/rotate";

export function tokenRoutes(services: MomentoHttpServices) {
  const { tokens, cors, encodeKey, endpoint } = services;
  return new Elysia({ name: "momento-http/tokens" })
    .post(
      TOKENS,
      async ({ request }) => {
        const token = tokenOf(request.headers, queryOf(request.url));
        await tokens.authenticate(token);
        const asked = await readJson(services, request, TokenRequest);
        // The token may have ended while the body came in.
        const principal = await tokens.authenticate(token);
        for (const permission of asked.permissions) requireSelector(permission);
        const minted = await tokens.mint(principal, {
          permissions: asked.permissions,
          expiresInSeconds: asked.expires_in_seconds,
          name: asked.token_id === undefined ? undefined : requireName("token_id", asked.token_id),
        });
        return cors.allow(
          request,
          Response.json(
            {
              token: encodeKey(minted.token),
              endpoint,
              expires_at: Math.floor(minted.expiresAt / 1000),
            },
            { headers: { "cache-control": "no-store" } },
          ),
        );
      },
      { parse: "none" },
    )
    .delete(TOKEN, async ({ request, params }) => {
      const id = decodeTokenId(params.tokenId);
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      await tokens.revoke(principal, id);
      return cors.allow(request, new Response(null, { status: 204 }));
    })
    .post(
      ROTATE,
      async ({ request }) => {
        const token = tokenOf(request.headers, queryOf(request.url));
        await tokens.authenticate(token);
        const { revoke_old: revokeOld } = await readJson(services, request, RotateRequest);
        const principal = await tokens.authenticate(token);
        const kid = await tokens.rotateKeys(principal, revokeOld ?? false);
        return cors.allow(request, Response.json({ kid }));
      },
      { parse: "none" },
    )
    .options(TOKENS, ({ request }) => cors.preflight(request))
    .options(TOKEN, ({ request }) => cors.preflight(request))
    .options(ROTATE, ({ request }) => cors.preflight(request))
    .all(TOKENS, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["POST"])),
    )
    .all(TOKEN, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["DELETE"])),
    )
    .all(ROTATE, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["POST"])),
    );
}

function requireSelector({ cache, topic }: Permission): void {
  if (cache !== "*") requireName("cache of a permission", cache);
  const prefix = topic.endsWith("*") ? topic.slice(0, -1) : topic;
  if (topic === "*" || isName(prefix)) return;
  throw invalidArgument(
    `The topic of a permission is not valid. Allowed are *, a name, or a name followed by *: ${NAME_RULE}.`,
  );
}
