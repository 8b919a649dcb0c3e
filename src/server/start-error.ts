// Why the server cannot start, in one sentence for the administrator.

export class StartError extends Error {}
