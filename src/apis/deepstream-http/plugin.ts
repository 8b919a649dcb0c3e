// deepstreamHub's HTTP API: logins and batches of commands, with records to be read by GET beside them.

import { Elysia } from "elysia";
import type { Logins } from "../../core/access/logins.ts";
import type { User } from "../../core/access/user.ts";
import type { UserLimits } from "../../core/access/user-limits.ts";
import type { Users } from "../../core/access/users.ts";
import { invalidArgument, ServiceError } from "../../core/errors.ts";
import type { BodyServices } from "../../http/body.ts";
import { type CallerServices, callerOf } from "../../http/caller.ts";
import { abortedUpload, isAbortedUpload } from "../../http/errors.ts";
import {
  type AnswerServices,
  isShort,
  JSON_ANSWER,
  jsonResponse,
  longJsonResponse,
  textResponse,
} from "./answers.ts";
import { Batch, type BatchOptions, type BatchServices } from "./batch.ts";
import { isJsonType, readJson } from "./body.ts";
import { type Claim, decodeCommands, decodeEnvelope, decodeSignUp, isObject } from "./codec.ts";
import type { Cors } from "./cors.ts";
import { errorResponse, internalErrorResponse } from "./errors.ts";
import { recordRoutes } from "./record-routes.ts";

export interface DeepstreamHttpOptions {
  readonly postPath: string;
  readonly authPath: string;
  /** Whether a POST of commands may carry credentials instead of a token. */
  readonly allowsCredentials: boolean;
  readonly allowsSignUp: boolean;
  readonly bodyBytesMax: number;
  readonly batch: BatchOptions;
}

export interface DeepstreamHttpServices
  extends AnswerServices,
    BatchServices,
    BodyServices,
    CallerServices {
  readonly logins: Logins;
  readonly users: Users;
  readonly userLimits: UserLimits;
  readonly cors: Cors;
}

export const UNAUTHENTICATED = "Unsuccessful authentication attempt.";
const NOT_JSON = 'Invalid "Content-Type" header. Supported media types: "application/json"';
const NO_GET =
  "Reading records via HTTP GET is not yet implemented, please use a post request instead.";
const WRONG_METHOD = "Unsupported method. Supported methods: GET, POST, OPTIONS";

export function deepstreamHttp(services: DeepstreamHttpServices, options: DeepstreamHttpOptions) {
  const { cors, onBug } = services;
  const { postPath } = options;
  const commands = answering(services, (request) => runCommands(services, options, request));
  const login = answering(services, (request) => logIn(services, options, request));
  const signUp = answering(services, (request) => signUpUser(services, options, request));
  const app = new Elysia({ name: "deepstream-http" })
    .onError(({ error, code, request }) => {
      // The root answers for paths that no API owns.
      if (code === "NOT_FOUND") return undefined;
      return cors.allow(request, failureResponse(error, onBug));
    })
    .use(recordRoutes(services, postPath))
    .get("/health-check", ({ request }) => cors.allow(request, healthy(request)))
    .post(postPath, commands, { parse: "none" })
    .post(`${postPath}/*`, commands, { parse: "none" });
  const logins = authPaths(options);
  const signUps = options.allowsSignUp ? logins.map((path) => `${path}/signup`) : [];
  for (const path of logins) app.post(path, login, { parse: "none" });
  for (const path of signUps) app.post(path, signUp, { parse: "none" });
  const paths = [postPath, `${postPath}/*`, ...logins, ...signUps];
  for (const path of paths) app.all(path, ({ request }) => refuse(cors, request));
  app.all("/health-check", ({ request }) => cors.allow(request, wrongMethod()));
  for (const path of [...paths, "/health-check"]) {
    app.options(path, ({ request }) => cors.preflight(request));
  }
  return app;
}

/** A version may stand between the path of the commands and what lies below it. */
export function authPaths({
  postPath,
  authPath,
}: DeepstreamHttpOptions): readonly [string, ...string[]] {
  const below = authPath.startsWith(`${postPath}/`) ? authPath.slice(postPath.length) : undefined;
  return below === undefined ? [authPath] : [authPath, `${postPath}/v1${below}`];
}

/** What every POST goes through before and after. `answer` resolves with JSON, or with what is no such answer. */
function answering(
  { cors, onBug }: DeepstreamHttpServices,
  answer: (request: Request) => Promise<string | Response>,
) {
  return ({ request }: { request: Request }): Response | Promise<Response> => {
    const refusal = cors.refuse(request);
    if (refusal !== undefined) return cors.allow(request, refusal);
    if (!isJsonType(request.headers)) return cors.allow(request, textResponse(415, NOT_JSON));
    return answer(request).then(
      (answered) =>
        typeof answered === "string" ? cors.json(request, answered) : cors.allow(request, answered),
      (cause: unknown) => cors.allow(request, failureResponse(cause, onBug)),
    );
  };
}

async function runCommands(
  services: DeepstreamHttpServices,
  options: DeepstreamHttpOptions,
  request: Request,
): Promise<string | Response> {
  // Disposed below: `using` would cost every request an array and two objects more.
  const share = services.bodies.open();
  const room = services.answers.open();
  let isSending = false;
  try {
    const body = await readJson(services, request, share, options.bodyBytesMax);
    const { claim, commands } = decodeEnvelope(body, options.allowsCredentials);
    const user = recall(services, claim) ?? (await identify(services, claim, request));
    services.userLimits.take(user, commands.length);
    const batch = new Batch(services, options.batch, user, decodeCommands(commands), room);
    const answered = batch.run();
    const json = typeof answered === "string" ? answered : await answered;
    if (isShort(json)) return json;
    const answer = longJsonResponse(services, request, json, () => giveBack(share, room));
    isSending = true;
    return answer;
  } finally {
    if (!isSending) giveBack(share, room);
  }
}

function giveBack(share: Disposable, room: Disposable): void {
  share[Symbol.dispose]();
  room[Symbol.dispose]();
}

/** The user of a token that was verified lately, without any waiting. */
function recall({ logins }: DeepstreamHttpServices, claim: Claim): User | undefined {
  return claim.kind === "token" ? logins.recall(claim.token) : undefined;
}

function identify(services: DeepstreamHttpServices, claim: Claim, request: Request): Promise<User> {
  const { logins } = services;
  const caller = callerOf(services, request);
  return claim.kind === "credentials"
    ? logins.identify(claim.credentials, caller)
    : logins.authenticate(claim.kind === "token" ? claim.token : undefined, caller);
}

async function logIn(
  services: DeepstreamHttpServices,
  { bodyBytesMax }: DeepstreamHttpOptions,
  request: Request,
): Promise<Response> {
  using share = services.bodies.open();
  const credentials = await readJson(services, request, share, bodyBytesMax);
  if (!isObject(credentials)) throw invalidArgument("The credentials must be an object.");
  const caller = callerOf(services, request);
  try {
    const { token, clientData } = await services.logins.login(credentials, caller);
    return jsonResponse(JSON.stringify({ success: true, token, clientData }));
  } catch (cause) {
    if (isUnauthenticated(cause)) return errorResponse(cause, "Invalid authentication data.");
    throw cause;
  }
}

async function signUpUser(
  services: DeepstreamHttpServices,
  { bodyBytesMax }: DeepstreamHttpOptions,
  request: Request,
): Promise<Response> {
  using share = services.bodies.open();
  const { email, password } = decodeSignUp(await readJson(services, request, share, bodyBytesMax));
  const id = await services.users.signUp(email, password, services.addressOf(request));
  return jsonResponse(JSON.stringify({ success: true, id }), { ...JSON_ANSWER, status: 201 });
}

function failureResponse(error: unknown, onBug: (cause: unknown) => void): Response {
  if (isUnauthenticated(error)) return errorResponse(error, UNAUTHENTICATED);
  if (error instanceof ServiceError) return errorResponse(error);
  if (isAbortedUpload(error)) return errorResponse(abortedUpload());
  onBug(error);
  return internalErrorResponse();
}

/** Deepstream's words for it do not tell why. */
function isUnauthenticated(cause: unknown): cause is ServiceError {
  return cause instanceof ServiceError && cause.code === "unauthenticated";
}

/** Of a path that only takes a POST. */
function refuse(cors: Cors, request: Request): Response {
  if (request.method !== "GET") return cors.allow(request, wrongMethod());
  return cors.allow(request, cors.refuse(request) ?? textResponse(400, NO_GET));
}

/** Elysia would answer it as it does a GET. */
function isHead({ method }: Request): boolean {
  return method === "HEAD";
}

function wrongMethod(): Response {
  return textResponse(405, WRONG_METHOD);
}

function healthy(request: Request): Response {
  if (isHead(request)) return wrongMethod();
  return new Response("", {
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  });
}
