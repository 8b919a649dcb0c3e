// Why the store cannot be opened, in words for the administrator.

export class StoreError extends Error {}
