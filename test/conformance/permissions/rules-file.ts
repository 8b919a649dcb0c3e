// The rules that the suite's server has: what was recorded was recorded with such, the rest is the suite's own.

const everything = {
  record: { create: true, read: true, write: true, delete: true, listen: true, notify: true },
  event: { publish: true, subscribe: true, listen: true },
  rpc: { provide: true, request: true },
};

const nothing = {
  record: { create: false, read: false, write: false, delete: false, listen: false, notify: false },
  event: { publish: false, subscribe: false, listen: false },
  rpc: { provide: false, request: false },
};

const IS_ADMIN = "user.data !== undefined && user.data.role === 'admin'";

export const RULES_FILE = {
  record: {
    "*": everything.record,
    "forbidden/*": nothing.record,
    "readonly/*": { ...everything.record, create: IS_ADMIN, write: IS_ADMIN, delete: false },
    "kept/*": { ...everything.record, delete: false },
    "user/$uid/data": { write: "user.id === $uid" },
    "price/*": { write: "oldData === null || data.value > oldData.value" },
    "xref/*": { write: "data.v <= _('limits').max" },
    "bounded/*": { write: "data.v <= _('bounds').max" },
    "mine/*": { read: "oldData === null || oldData.of === user.id" },
    // Anything but exactly true denies.
    "truthy/*": { read: "'yes'", write: "data.ok", delete: "1" },
    "broken/*": { read: "user.nobody.id === 1", write: "data.a.b.c", listen: "name.a.b" },
    "hidden/*": { listen: false },
    "gated/*": { listen: "_('gate').open === true" },
    "numbers/*": { write: "data.n < 10", delete: "oldData.n < 5" },
  },
  event: {
    "*": everything.event,
    "forbidden/*": nothing.event,
    "hidden/*": { listen: false },
    "admin-only": { publish: IS_ADMIN },
    "a-to-b/*": { publish: "user.id === 'A'", subscribe: "user.id === 'admin'" },
    boom: { publish: "user.data.a.b.c" },
    "gate/*": { publish: "_('gate').open === true", subscribe: "_('gate').open === true" },
    "sized/*": { publish: "data.size <= 3" },
  },
  rpc: {
    "*": everything.rpc,
    forbidden: nothing.rpc,
    "half/$n": { request: "data.half * 2 === 8", provide: "user.id === 'admin'" },
    broken: { request: "data.a.b" },
  },
  presence: {
    "*": { allow: IS_ADMIN },
    $id: { allow: "user.id === $id || user.id === 'admin'" },
  },
};
