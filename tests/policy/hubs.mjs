// The hubs of organizations, as the evaluator needs them.

import { FUNCTIONS } from './role-table.mjs'
import { run, shared } from './stacks.mjs'
import { readTable } from './tables.mjs'

export const HUB_ROLES = [...FUNCTIONS, 'schedule']

/** Hubs in several partitions. */
export const HUBS = (await run('tests.stack.hubs')).map((hub) => ({
  ...hub,
  roles: shared(hub.roles),
  // An account that keeps its evidence there.
  ...(hub.guest && { guest: { ...hub.guest, roles: shared(hub.guest.roles) } }),
}))

const { calls, escalations } = await readTable('hub')
export const CALLS = calls.map(({ by, ...row }) => ({
  ...row,
  by: by.replace('functions', FUNCTIONS.join(' ')).split(' '),
}))
export const ESCALATIONS = escalations.map((row) => ({ ...row, by: [] }))
