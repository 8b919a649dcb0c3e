// A webhook that knows two users by their passwords, or by the tokens that it gives them.

type AuthData = {
  readonly username?: unknown;
  readonly password?: unknown;
  readonly token?: unknown;
};

const USERS = [
  {
    id: "admin",
    token: "tok-admin",
    clientData: { client: "data" },
    serverData: { role: "admin" },
  },
  { id: "A", token: "tok-A", clientData: {}, serverData: { role: "user" } },
];

export interface LoginWebhook extends Disposable {
  readonly url: string;
}

export function openLoginWebhook(): LoginWebhook {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { authData } = (await request.json()) as { readonly authData: AuthData };
      const user = USERS.find(({ id, token }) => {
        return authData.token === token || (authData.username === id && authData.password === "pw");
      });
      return user === undefined ? new Response(null, { status: 403 }) : Response.json(user);
    },
  });
  return {
    url: server.url.href,
    [Symbol.dispose]: () => void server.stop(true),
  };
}
