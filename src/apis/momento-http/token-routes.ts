// Tokens: minted by whoever has one, revoked by administrators; and the keys that sign them.

import { Elysia } from "elysia";
import type { Permission } from "../../core/access/principal.ts";
import type { NewToken } from "../../core/access/tokens.ts";
import { isUserId, requireUserData, USER_ID_RULE, type User } from "../../core/access/user.ts";
import { invalidArgument } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { isName, NAME_RULE, requireName } from "../../core/names.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { heldOpen } from "../../http/held-open.ts";
import { readJson } from "../../http/json-body.ts";
import { queryOf } from "../../http/query.ts";
import { tokenOf } from "../../http/token.ts";
import { decodeTokenId } from "./codec.ts";
import type { MomentoHttpServices } from "./plugin.ts";
import { IssueRequest, RotateRequest, TokenRequest } from "./schema.ts";

const TOKENS = "/tokens";
const ISSUE = "/tokens/issue";
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
    .post(
      ISSUE,
      async ({ request }) => {
        const token = tokenOf(request.headers, queryOf(request.url));
        await tokens.authenticate(token);
        const asked = await readJson(services, request, IssueRequest);
        // The token may have ended while the body came in.
        const principal = await tokens.authenticate(token);
        const wanted = decodeNewToken(asked);
        const issued = await tokens.issueFor(principal, wanted);
        const isKey = wanted.admin || wanted.permissions.length > 0;
        const form = asked.format ?? (isKey ? "key" : "jwt");
        const { expiresAt } = issued;
        return cors.allow(
          request,
          Response.json(
            {
              token: form === "key" ? encodeKey(issued.token) : issued.token,
              endpoint,
              token_id: issued.id,
              expires_at: expiresAt === undefined ? null : Math.floor(expiresAt / 1000),
            },
            { status: 201, headers: { "cache-control": "no-store" } },
          ),
        );
      },
      { parse: "none" },
    )
    .delete(TOKEN, async ({ request, params }) => {
      const id = decodeTokenId(params.tokenId);
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      await heldOpen(services, request, tokens.revoke(principal, id));
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
    .options(ISSUE, ({ request }) => cors.preflight(request))
    .options(TOKEN, ({ request }) => cors.preflight(request))
    .options(ROTATE, ({ request }) => cors.preflight(request))
    .all(TOKENS, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["POST"])),
    )
    .all(ISSUE, ({ request }) => cors.allow(request, wrongMethodResponse(request.method, ["POST"])))
    .all(TOKEN, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["DELETE"])),
    )
    .all(ROTATE, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["POST"])),
    );
}

function decodeNewToken(asked: IssueRequest): NewToken {
  const { permissions = [], admin = false, expires_in_seconds, token_id } = asked;
  if (admin && permissions.length > 0) {
    throw invalidArgument("An admin token allows everything: leave the permissions away.");
  }
  if (!admin && permissions.length === 0 && asked.user === undefined) {
    throw invalidArgument("The token needs permissions, a user, or admin: true.");
  }
  for (const permission of permissions) requireSelector(permission);
  return {
    admin,
    permissions,
    user: asked.user && decodeUser(asked.user),
    expiresInSeconds: expires_in_seconds,
    name: token_id === undefined ? undefined : requireName("token_id", token_id),
  };
}

function decodeUser({ id, client_data, server_data }: NonNullable<IssueRequest["user"]>): User {
  if (!isUserId(id)) {
    throw invalidArgument(`The id of the user is not valid. Allowed are ${USER_ID_RULE}.`);
  }
  const clientData = client_data as Json | undefined;
  const serverData = server_data as Json | undefined;
  requireUserData(clientData, serverData);
  return { id, clientData, serverData };
}

function requireSelector({ cache, topic }: Permission): void {
  if (cache !== "*") requireName("cache of a permission", cache);
  const prefix = topic.endsWith("*") ? topic.slice(0, -1) : topic;
  if (topic === "*" || isName(prefix)) return;
  throw invalidArgument(
    `The topic of a permission is not valid. Allowed are *, a name, or a name followed by *: ${NAME_RULE}.`,
  );
}
